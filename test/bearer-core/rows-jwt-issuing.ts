import assert from 'node:assert/strict'
import { send } from './http.ts'
import { audienceOf, decode, type Json } from './jws.ts'
import { type Row, testCase } from './row.ts'
import { AuthorizationRefused, type ServerUnderTest } from './target.ts'
import * as steps from './steps.ts'
import { clientToken, expectStatus, member, requestToken } from './steps.ts'

const on = ['jwt'] as const
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const keysOf = async (url: string): Promise<readonly Json[]> => {
  const { keys } = (await send(url)).json
  assert.ok(Array.isArray(keys) && keys.length > 0, 'the JWKS has no keys')
  return keys.map((key: unknown) => {
    assert.ok(typeof key === 'object' && key !== null, 'a key is not an object')
    return Object.fromEntries(Object.entries(key))
  })
}

const claimsFor = async (server: ServerUnderTest): Promise<Json> =>
  decode(await clientToken(server, server.otherScope)).claims

/** Claims of a token requested while the integration's code sets `claims`; undefined where the server refused. */
const claimsWith = async (server: ServerUnderTest, claims: Json): Promise<Json | undefined> => {
  server.setClaims?.(claims)
  try {
    const answer = await requestToken(server, { scope: server.otherScope })
    return answer.status === 200 ? decode(member(answer, 'access_token')).claims : undefined
  } finally {
    server.setClaims?.(undefined)
  }
}

const protectedClaims: readonly (readonly [name: string, value: unknown])[] = [
  ['iss', 'https://attacker.example'],
  ['exp', 4_102_444_800],
  ['scope', 'everything'],
  ['client_id', 'another-client'],
]

/** Rows 36 to 41, 59 and 60: what a server signs and publishes. */
export const jwtIssuingRows: readonly Row[] = [
  {
    row: 36,
    title: 'header of a signed token → typ at+jwt, alg RS256, kid in the JWKS',
    source: '9068 2.1',
    on,
    cases: [
      testCase('typ', [], async (server) => {
        const { header } = decode(await clientToken(server, server.otherScope))
        assert.match(String(header.typ), /^(application\/)?at\+jwt$/i, `typ is ${String(header.typ)}`)
      }),
      testCase('alg', [], async (server) => {
        const { header } = decode(await clientToken(server, server.otherScope))
        assert.equal(header.alg, 'RS256', `alg is ${String(header.alg)}`)
      }),
      testCase('kid', ['jwksUrl'], async (server) => {
        const { header } = decode(await clientToken(server, server.otherScope))
        const kids = (await keysOf(server.jwksUrl)).map(({ kid }) => kid)
        assert.ok(typeof header.kid === 'string' && kids.includes(header.kid), 'the kid is not in the JWKS')
      }),
    ],
  },
  {
    row: 37,
    title: 'claims → iss exp aud sub client_id iat jti; exp = iat + lifetime = expires_in',
    source: '9068 2.2',
    on,
    cases: [
      testCase('present', [], async (server) => {
        const claims = await claimsFor(server)
        const names = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
        const missing = names.filter((name) => claims[name] === undefined)
        assert.equal(missing.length, 0, `without ${missing.join(', ')}`)
        assert.equal(claims.iss, server.issuer, 'iss is not the issuer')
        assert.equal(claims.client_id, server.confidential.id, 'client_id is not the client')
      }),
      testCase('times', [], async (server) => {
        const answer = await requestToken(server, { scope: server.otherScope })
        const { iat, exp } = decode(member(answer, 'access_token')).claims
        assert.ok(Number.isInteger(iat) && Number.isInteger(exp), 'iat or exp is not an integer')
        const lifetime = Number(exp) - Number(iat)
        assert.ok(Math.abs(lifetime - server.accessTokenLifetime) <= 1, `exp - iat is ${lifetime}`)
        assert.ok(Math.abs(lifetime - Number(answer.json.expires_in)) <= 1, 'expires_in differs from exp - iat')
      }),
      testCase('jti', [], async (server) => {
        const [one, two] = [await claimsFor(server), await claimsFor(server)]
        assert.notEqual(one.jti, two.jti, 'two tokens have the same jti')
      }),
    ],
  },
  {
    row: 38,
    title: 'sub → the client with client credentials, else the user; the two cannot collide',
    source: '9068 2.2, 5; 9700 4.15',
    on,
    cases: [
      testCase('client credentials', [], async (server) => {
        assert.equal((await claimsFor(server)).sub, server.confidential.id, 'sub is not the client')
      }),
      testCase('user grant', ['authorize', 'userId'], async (server) => {
        const { accessToken } = await server.authorize('confidential', { scope: server.otherScope })
        assert.equal(decode(accessToken).claims.sub, server.userId, 'sub is not the user')
      }),
      testCase('user with the id of the client', ['authorize'], async (server) => {
        const { id } = server.confidential
        const own = (await claimsFor(server)).sub
        try {
          const { accessToken } = await server.authorize('confidential', { scope: server.otherScope, user: id })
          assert.notEqual(decode(accessToken).claims.sub, own, 'a user and a client get the same sub')
        } catch (error) {
          if (!(error instanceof AuthorizationRefused)) throw error // a refusal is what keeps them apart
        }
      }),
    ],
  },
  {
    row: 39,
    title: 'scope claim → one space-separated string',
    source: '9068 2.2.3, 8693 4.2',
    on,
    cases: [
      testCase('two scopes', [], async (server) => {
        const asked = [server.requiredScope, server.otherScope]
        const { scope } = decode(await clientToken(server, asked.join(' '))).claims
        assert.ok(typeof scope === 'string', 'scope is not a string')
        assert.deepEqual(scope.split(' ').sort(), asked.sort(), 'scope is not what was granted')
      }),
    ],
  },
  {
    row: 40,
    title: 'two resources with overlapping scopes → refused, or one of them in aud',
    source: '9068 3, 5',
    on,
    cases: [
      testCase('two resources', ['resources'], async (server) => {
        const { allowed, second } = server.resources
        assert.ok(second !== undefined, 'the target names no second resource')
        for (const resource of [allowed, second]) {
          const alone = await clientToken(server, server.otherScope, resource)
          assert.deepEqual(await audienceOf(server, alone), [resource], 'one resource alone is not granted')
        }
        const form = [
          ['scope', server.otherScope],
          ['resource', allowed],
          ['resource', second],
        ] as const
        const answer = await requestToken(server, form)
        if (answer.status !== 200) {
          steps.expectError(answer, [400], 'invalid_target', 'invalid_request')
          return
        }
        const audience = await audienceOf(server, member(answer, 'access_token'))
        assert.ok(!(audience.includes(allowed) && audience.includes(second)), 'one token for both resources')
      }),
    ],
  },
  {
    row: 41,
    title: 'claims of the integration → reach the token; reserved ones are protected',
    source: 'product',
    on,
    cases: [
      testCase('own claim', ['setClaims'], async (server) => {
        assert.equal(
          (await claimsWith(server, { tenant: 'acme' }))?.tenant,
          'acme',
          'the claim does not reach the token',
        )
      }),
      ...protectedClaims.map(([name, value]) =>
        testCase(name, ['setClaims'], async (server) => {
          assert.notEqual((await claimsFor(server))[name], value, 'control: the token has this value anyway')
          const claims = await claimsWith(server, { [name]: value })
          assert.notEqual(claims?.[name], value, `${name} was overridden`)
        }),
      ),
    ],
  },
  {
    row: 59,
    title: 'JWKS → public members only, distinct kids, cacheable',
    source: '7517 4.5; product',
    on,
    cases: [
      testCase('public members', ['jwksUrl'], async (server) => {
        const secret = (await keysOf(server.jwksUrl)).flatMap((key) => privateMembers.filter((name) => name in key))
        assert.equal(secret.length, 0, `shows ${secret.join(', ')}`)
      }),
      testCase('distinct kids', ['jwksUrl'], async (server) => {
        const kids = (await keysOf(server.jwksUrl)).map(({ kid }) => kid)
        assert.ok(
          kids.every((kid) => typeof kid === 'string'),
          'a key has no kid',
        )
        assert.equal(new Set(kids).size, kids.length, 'two keys have the same kid')
      }),
      testCase('cacheable', ['jwksUrl'], async (server) => {
        const answer = await send(server.jwksUrl)
        expectStatus(answer, 200)
        const cacheControl = answer.header('cache-control') ?? ''
        const mayKeep = /max-age=[1-9]/.test(cacheControl) && !/no-store/.test(cacheControl)
        assert.ok(
          mayKeep || answer.header('etag') !== undefined,
          `Cache-Control is ${cacheControl || '(none)'}, no ETag`,
        )
      }),
    ],
  },
  {
    row: 60,
    title: 'key rotation → new key published before use; old tokens good until exp',
    source: 'OIDC Core 10.1.1; product',
    on,
    cases: [
      testCase('rotation', ['rotateKey', 'jwksUrl', 'resourceUrl'], async (server) => {
        const before = await clientToken(server, server.requiredScope)
        await server.rotateKey('publish')
        const published = (await keysOf(server.jwksUrl)).map(({ kid }) => kid)
        await server.rotateKey('use')
        const after = await clientToken(server, server.requiredScope)
        const [oldKid, newKid] = [decode(before).header.kid, decode(after).header.kid]
        assert.notEqual(newKid, oldKid, 'tokens are still signed with the old key')
        assert.ok(published.includes(newKid), 'the new key was used before it was published')
        expectStatus(await steps.callResource(server.resourceUrl, before), 200)
        expectStatus(await steps.callResource(server.resourceUrl, after), 200)
      }),
    ],
  },
]
