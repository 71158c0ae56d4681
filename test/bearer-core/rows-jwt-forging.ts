import assert from 'node:assert/strict'
import { CompactEncrypt } from 'jose'
import { startAttacker } from './attacker.ts'
import { accepted, call, expectControl, forge, type Guarded, needs, refused, refusedText } from './forge.ts'
import { postForm } from './http.ts'
import { decode, type Json } from './jws.ts'
import { type Row, testCase } from './row.ts'
import { callResource, clientToken, expectChallenge, expectStatus } from './steps.ts'

const on = ['jwt'] as const
const leeway = 61

const replaceClaims = (token: string): string => {
  const [header = '', , signature = ''] = token.split('.')
  const claims = { ...decode(token).claims, scope: 'read write admin', sub: 'somebody-else' }
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
}

const spki = (server: Guarded): string => server.signingKey.publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** Tokens signed by an attacker whose header points at the attacker's key. */
const pointing = ['jwk', 'jku', 'x5u', 'x5c'].map((name) =>
  testCase(name, needs, async (server) => {
    await expectControl(server)
    const attacker = await startAttacker()
    try {
      const jwk = attacker.publicKey.export({ format: 'jwk' })
      const values: Json = { jwk, jku: attacker.url, x5u: attacker.url, x5c: [attacker.certificate] }
      const change = { header: { [name]: values[name], kid: 'attacker' }, key: attacker.privateKey }
      expectChallenge(await call(server, change), 401, 'invalid_token')
      assert.equal(attacker.countFetches(), 0, 'the resource fetched a key from the attacker')
    } finally {
      await attacker.close()
    }
  }),
)

/** Rows 42 to 56: tokens that differ from a good one in one thing, at a protected resource. */
export const forgingRows: readonly Row[] = [
  {
    row: 42,
    title: 'valid JWT → 200',
    source: '9068 4',
    on,
    cases: [
      testCase('valid JWT', ['resourceUrl'], async (server) => {
        expectStatus(await callResource(server.resourceUrl, await clientToken(server, server.requiredScope)), 200)
      }),
    ],
  },
  {
    row: 43,
    title: 'typ application/at+jwt, AT+JWT → 200',
    source: '9068 4, 7515 4.1.9',
    on,
    cases: ['application/at+jwt', 'AT+JWT'].map((typ) => accepted(typ, () => ({ header: { typ } }))),
  },
  {
    row: 44,
    title: 'typ JWT, missing, ID token → 401 invalid_token',
    source: '9068 4',
    on,
    cases: [
      refused('typ JWT', () => ({ header: { typ: 'JWT' } })),
      refused('typ missing', () => ({ header: { typ: undefined } })),
      refused('shape of an ID token', (server) => ({
        header: { typ: 'JWT' },
        claims: { aud: server.confidential.id, client_id: undefined, scope: undefined, nonce: 'n' },
      })),
    ],
  },
  {
    row: 45,
    title: 'wrong iss, trailing slash → 401',
    source: '9068 4',
    on,
    cases: [
      refused('other issuer', () => ({ claims: { iss: 'https://attacker.example' } })),
      refused('trailing slash', ({ issuer }) => ({
        claims: { iss: issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/` },
      })),
      refused('missing', () => ({ claims: { iss: undefined } })),
    ],
  },
  {
    row: 46,
    title: 'aud other → 401; array with us → 200; missing → 401',
    source: '9068 4',
    on,
    cases: [
      refused('other audience', () => ({ claims: { aud: 'https://other.example' } })),
      testCase('array with us', needs, async (server) => {
        const { aud } = decode(await clientToken(server, server.requiredScope)).claims
        expectStatus(await call(server, { claims: { aud: ['https://other.example', aud].flat() } }), 200)
      }),
      refused('missing', () => ({ claims: { aud: undefined } })),
    ],
  },
  {
    row: 47,
    title: 'exp past beyond 60 s, missing, a string; nbf in the future → 401',
    source: '9068 4, 7519 4.1.5',
    on,
    cases: [
      refused('exp past', (server) => ({
        claims: { iat: server.now() - 600, nbf: undefined, exp: server.now() - leeway },
      })),
      refused('exp missing', () => ({ claims: { exp: undefined } })),
      refused('exp a string', (server) => ({ claims: { exp: String(server.now() + 600) } })),
      refused('nbf in the future', (server) => ({ claims: { nbf: server.now() + leeway } })),
    ],
  },
  {
    row: 48,
    title: 'alg none in any case, empty signature → 401',
    source: '9068 4, 8725 2.1',
    on,
    cases: ['none', 'None', 'nOnE'].map((alg) => refused(alg, () => ({ header: { alg } }))),
  },
  {
    row: 49,
    title: 'HS256 with our RSA public key as the secret → 401',
    source: '8725 3.1',
    on,
    cases: [
      refused('PEM', (server) => ({ header: { alg: 'HS256' }, key: spki(server) })),
      refused('PEM without last newline', (server) => ({ header: { alg: 'HS256' }, key: spki(server).trim() })),
      refused('DER', (server) => ({
        header: { alg: 'HS256' },
        key: server.signingKey.publicKey.export({ type: 'spki', format: 'der' }),
      })),
    ],
  },
  {
    row: 50,
    title: 'right key, algorithm outside the allowlist → 401',
    source: '8725 3.1',
    on,
    cases: [refused('PS256', () => ({ header: { alg: 'PS256' } }))],
  },
  {
    row: 51,
    title: 'header jwk, jku, x5u, x5c of the attacker → 401, nothing fetched',
    source: '8725 3.10',
    on,
    cases: pointing,
  },
  {
    row: 52,
    title: 'unknown kid, 100 times → 401, at most one JWKS refetch',
    source: '8725 3.10; product',
    on,
    cases: [
      testCase('refused', needs, async (server) => {
        await expectControl(server)
        const attacker = await startAttacker()
        try {
          for (let count = 0; count < 100; count++) {
            const change = { header: { kid: `unknown-${count}` }, key: attacker.privateKey }
            expectChallenge(await call(server, change), 401, 'invalid_token')
          }
        } finally {
          await attacker.close()
        }
      }),
      testCase('refetches', [...needs, 'countKeyFetches'], async (server) => {
        await expectControl(server)
        const before = server.countKeyFetches()
        for (let count = 0; count < 100; count++) await call(server, { header: { kid: `never-seen-${count}` } })
        const fetches = server.countKeyFetches() - before
        assert.ok(fetches <= 1, `${fetches} fetches of the JWKS`)
      }),
    ],
  },
  {
    row: 53,
    title: 'crit with an unknown name → 401',
    source: '7515 4.1.11',
    on,
    cases: [refused('crit', () => ({ header: { crit: ['urn:example:unknown'], 'urn:example:unknown': true } }))],
  },
  {
    row: 54,
    title: 'changed payload, truncated signature, extra segment, padding, newline → 401',
    source: '7515 5.2',
    on,
    cases: [
      refusedText('changed payload', replaceClaims),
      refusedText('truncated signature', (token) => token.slice(0, -12)),
      refusedText('no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)),
      refusedText('extra segment', (token) => `${token}.AAAA`, [400, 401]),
      refusedText('padding', (token) => `${token}==`, [400, 401]),
      testCase('newline', [...needs, 'formResourceUrl'], async (server) => {
        await expectControl(server)
        const token = await forge(server)
        const middle = Math.floor(token.length / 2)
        const broken = `${token.slice(0, middle)}\n${token.slice(middle)}`
        expectStatus(await postForm(server.formResourceUrl, { access_token: token }), 200)
        expectStatus(await postForm(server.formResourceUrl, { access_token: broken }), 400, 401)
      }),
    ],
  },
  {
    row: 56,
    title: 'JWE where a JWS is expected, and the reverse → 401',
    source: '9068 4, 8725bis 3.14',
    on,
    cases: [
      testCase('JWE for JWS', needs, async (server) => {
        await expectControl(server)
        const inner = new TextEncoder().encode(await forge(server))
        const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt', cty: 'at+jwt' }
        const jwe = await new CompactEncrypt(inner).setProtectedHeader(header).encrypt(server.signingKey.publicKey)
        expectChallenge(await callResource(server.resourceUrl, jwe), 401, 'invalid_token')
      }),
      testCase('JWS for JWE', ['encryptedResourceUrl'], async (server) => {
        const token = await clientToken(server, server.requiredScope)
        expectChallenge(await callResource(server.encryptedResourceUrl, token), 401, 'invalid_token')
      }),
    ],
  },
]
