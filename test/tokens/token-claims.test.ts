import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  ConfigurationError,
  ServerError,
  randomTokenGenerator,
  type Claims,
  type TokenClaimOptions,
  type TokenContext,
} from 'grantry'
import { accessTokenFromClaims } from '#grantry/tokens/access-token-from-claims'
import { tokenClaims } from '#grantry/tokens/token-claims'
import { contextOf, issuer, now } from './fixtures.ts'

const claimsOf = (options: TokenClaimOptions = {}, change: Partial<TokenContext> = {}): Claims =>
  tokenClaims(options, 'test')(contextOf(change))

const made: [name: string, options: TokenClaimOptions, change: Partial<TokenContext>, expected: Claims][] = [
  [
    'nothing but the grant',
    {},
    {},
    {
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'profile calendar',
      iat: now,
      exp: now + 600,
      iss: undefined,
      aud: undefined,
    },
  ],
  ['client for itself', {}, { user: undefined }, { sub: 'client-1' }],
  ['no scopes', {}, { scopes: [] }, { scope: undefined }],
  ['no scopes, a static scope', { claims: { scope: 'admin' } }, { scopes: [] }, { scope: undefined }],
  ['issuer', { issuer }, {}, { iss: issuer }],
  ['audience of the options', { audience: 'https://api.example' }, {}, { aud: 'https://api.example' }],
  ['audiences of the options', { audience: ['a', 'b'] }, {}, { aud: ['a', 'b'] }],
  [
    'one resource wins over the audience',
    { audience: 'a' },
    { resources: ['https://r.example'] },
    { aud: 'https://r.example' },
  ],
  ['two resources', {}, { resources: ['r1', 'r2'] }, { aud: ['r1', 'r2'] }],
  ['static claim', { claims: { tenant: 't' } }, {}, { tenant: 't' }],
  [
    'computed wins over static',
    { issuer, claims: { iss: 'x', sub: 'x', client_id: 'x', exp: 1, scope: 'x' } },
    {},
    { iss: issuer, sub: 'user-1', client_id: 'client-1', exp: now + 600, scope: 'profile calendar' },
  ],
  [
    'request wins over static and computed',
    { audience: 'a', claims: { tenant: 't' } },
    { claims: { tenant: 'u', aud: 'client-1', sub: 'pairwise' } },
    { tenant: 'u', aud: 'client-1', sub: 'pairwise' },
  ],
  [
    'undefined in the request does not take away',
    { issuer },
    { claims: { sub: undefined, scope: undefined, iss: undefined, exp: undefined } },
    { sub: 'user-1', scope: 'profile calendar', iss: issuer, exp: now + 600 },
  ],
  ['exp earlier', {}, { claims: { exp: now + 60 } }, { exp: now + 60 }],
  ['exp later, allowed', { allowClaimOverride: ['exp'] }, { claims: { exp: now + 601 } }, { exp: now + 601 }],
  ['scope, allowed', { allowClaimOverride: ['scope'] }, { claims: { scope: 'x' } }, { scope: 'x' }],
  ['fractions of seconds', {}, { issuedAt: now + 0.9, expiresIn: 10.5 }, { iat: now, exp: now + 10 }],
]
suite('claims of an access token', () => {
  for (const [name, options, change, expected] of made) {
    test(`${name} -> ${JSON.stringify(expected)}`, () => {
      const claims = claimsOf(options, change)
      const compared = Object.fromEntries(Object.keys(expected).map((claim) => [claim, claims[claim]]))
      assert.deepEqual(compared, expected)
      assert.ok(!Object.values(claims).includes(undefined))
    })
  }

  for (const claims of [
    { scope: 'admin' },
    { client_id: 'x' },
    { iss: 'x' },
    { cnf: { jkt: 'x' } },
    { iat: 1 },
    { exp: now + 601 },
  ]) {
    const [name = ''] = Object.keys(claims)
    test(`request sets ${JSON.stringify(claims)} -> ServerError that names ${name}`, () => {
      const isTelling = (error: unknown) =>
        error instanceof ServerError &&
        error.detail?.includes(`allowClaimOverride: ['${name}']`) === true &&
        !error.description.includes(name)
      assert.throws(() => claimsOf({ issuer, allowClaimOverride: ['other'] }, { claims }), isTelling)
    })
  }
  for (const exp of ['1', 1.5, null, {}])
    test(`exp ${JSON.stringify(exp)} -> ServerError`, () =>
      assert.throws(() => claimsOf({ allowClaimOverride: ['exp'] }, { claims: { exp } }), ServerError))

  test('nothing leaks from one request into the next', () => {
    const options = { claims: { tenant: 't', nested: { a: 1 } } }
    const make = tokenClaims(options, 'test')
    const first = make(contextOf({ claims: { extra: true } }))
    options.claims.tenant = 'changed'
    const second = make(contextOf())
    assert.equal(second.extra, undefined)
    assert.equal(second.tenant, 't')
    assert.notEqual(first.jti, second.jti)
    assert.notEqual(first, second)
  })

  test('a claim named __proto__ changes nothing but itself', () => {
    const claims = claimsOf({}, { claims: JSON.parse('{"__proto__":{"scope":"admin"}}') as Claims })
    assert.equal(Object.getPrototypeOf(claims), Object.prototype)
    assert.equal(claims.scope, 'profile calendar')
  })

  const broken: [name: string, options: object][] = [
    ['at+jwt without audience', { profile: 'at+jwt', issuer }],
    ['at+jwt without issuer', { profile: 'at+jwt', audience: 'a' }],
    ['at+jwt with no audience in the array', { profile: 'at+jwt', issuer, audience: [] }],
    ['another profile', { profile: 'jwt' }],
  ]
  for (const [name, options] of broken)
    test(`${name} -> ConfigurationError`, () => assert.throws(() => tokenClaims(options, 'test'), ConfigurationError))
})

suite('access token from claims', () => {
  const good = {
    iss: issuer,
    sub: 'user-1',
    client_id: 'client-1',
    scope: 'a b',
    aud: 'r',
    iat: now,
    exp: now + 600,
    jti: 'j',
    grant_id: 'g',
    cnf: { jkt: 'x' },
    tenant: 't',
  }
  test('all members', () =>
    assert.deepEqual(accessTokenFromClaims(good), {
      kind: 'access_token',
      clientId: 'client-1',
      user: { id: 'user-1' },
      scopes: ['a', 'b'],
      audience: ['r'],
      issuedAt: now,
      expiresAt: now + 600,
      issuer,
      tokenId: 'j',
      grantId: 'g',
      claims: { cnf: { jkt: 'x' }, tenant: 't' },
    }))
  const read: [name: string, change: Claims, member: 'user' | 'scopes' | 'audience', expected: unknown][] = [
    ['sub is the client', { sub: 'client-1' }, 'user', undefined],
    ['no sub', { sub: undefined }, 'user', undefined],
    ['no scope', { scope: undefined }, 'scopes', []],
    ['no aud', { aud: undefined }, 'audience', []],
    ['two aud', { aud: ['a', 'b'] }, 'audience', ['a', 'b']],
  ]
  for (const [name, change, member, expected] of read)
    test(`${name} -> ${member} ${JSON.stringify(expected)}`, () =>
      assert.deepEqual(accessTokenFromClaims({ ...good, ...change })?.[member], expected))
  for (const change of [
    { client_id: undefined },
    { client_id: 5 },
    { sub: 5 },
    { aud: [5] },
    { aud: {} },
    { scope: ['a'] },
    { jti: 5 },
    { grant_id: 5 },
    { iat: undefined },
    { exp: '5' },
    { iss: 5 },
  ] as Claims[])
    test(`${JSON.stringify(change)} ${Object.keys(change).join()} -> undefined`, () =>
      assert.equal(accessTokenFromClaims({ ...good, ...change }), undefined))
})

test('random tokens have 43 characters and differ', async () => {
  const tokens = await Promise.all(Array.from({ length: 100 }, async () => randomTokenGenerator(contextOf())))
  assert.equal(new Set(tokens).size, 100)
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/)
})
