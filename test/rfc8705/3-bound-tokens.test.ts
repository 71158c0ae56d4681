/** Tokens that are bound to certificates (RFC 8705 §3, §4), over TLS, by the client libraries that have it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as send } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { registerClient, Server, StoreValidator, type HttpHandler } from 'grantry'
import { readCertificate, socketCertificate, toNodeHandler } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { makeCertificate, type TestCertificate } from '../support/certificates.ts'

const authority = makeCertificate({ subject: ['CN=Authority'], isAuthority: true })
const stranger = makeCertificate({ subject: ['CN=Authority'], isAuthority: true })
const ofHost = makeCertificate({
  subject: ['CN=localhost'],
  names: [{ type: 'san_dns', value: 'localhost' }],
  issuer: authority,
})
const ofMachine = makeCertificate({
  subject: ['CN=machine'],
  names: [{ type: 'san_dns', value: 'machine.example' }],
  issuer: authority,
})
const forged = makeCertificate({
  subject: ['CN=machine'],
  names: [{ type: 'san_dns', value: 'machine.example' }],
  issuer: stranger,
})
const own = makeCertificate({ subject: ['CN=own'] })

let handle: HttpHandler = () => ({ status: 503, headers: {}, body: '' })
const https = createServer(
  { key: ofHost.keyPem, cert: ofHost.pem, ca: [authority.pem], requestCert: true, rejectUnauthorized: false },
  toNodeHandler({ handle: (http) => handle(http) }),
).listen(0, 'localhost')
await once(https, 'listening')
after(() => https.close())
const issuer = `https://localhost:${(https.address() as AddressInfo).port}`
const redirectUri = 'https://app.example/cb'

const store = new MemoryStore()
const bound = { scopes: ['read'], defaultScopes: ['read'], certificateBoundAccessTokens: true }
const withUser = { ...bound, redirectUris: [redirectUri], grantTypes: ['authorization_code', 'refresh_token'] }
const certificateName = { type: 'san_dns', value: 'machine.example' } as const
await registerClient(store, { ...bound, id: 'machine', grantTypes: ['client_credentials'], authMethods: ['tls_client_auth'], certificateName }) // prettier-ignore
await registerClient(store, { ...withUser, id: 'own', authMethods: ['self_signed_tls_client_auth'], jwks: { keys: [own.jwk] } }) // prettier-ignore
await registerClient(store, { ...withUser, id: 'public', authMethods: ['none'] })
const server = new Server(new StoreValidator(store), {
  ...{ issuer, mutualTls: { certificate: socketCertificate } },
  interact: ({ request }) => ({ approved: true, user: { id: 'alice' }, scopes: request.scopes }),
})
handle = async (http) => {
  if (!http.url.startsWith('/files')) return server.handle(http)
  const result = await server.verifyRequest(http, ['read'])
  return result.ok ? { status: 200, headers: {}, body: JSON.stringify(result.token.claims) } : result.response
}

/** `fetch` over a TLS connection of its own, on which a certificate is shown. */
const fetchWith =
  (shown?: TestCertificate) =>
  (
    url: string,
    {
      method = 'GET',
      headers,
      body,
    }: { method?: string; headers?: Headers | Readonly<Record<string, string>>; body?: unknown } = {},
  ) =>
    new Promise<Response>((resolve, reject) => {
      const identity = shown && { cert: shown.pem, key: shown.keyPem }
      const sent = Object.fromEntries(new Headers(headers))
      const request = send(url, { method, headers: sent, ca: authority.pem, agent: false, ...identity }, (message) => {
        const chunks: Buffer[] = []
        message.on('data', (chunk: Buffer) => chunks.push(chunk))
        message.on('end', () => {
          const { statusCode: status = 0, headersDistinct } = message
          const lines = Object.entries(headersDistinct).map(
            ([name, values = []]) => [name, values.join(', ')] as [string, string],
          )
          resolve(new Response(Buffer.concat(chunks), { status, headers: lines }))
        })
      })
      request.on('error', reject)
      request.end(body instanceof URLSearchParams ? body.toString() : body)
    })

const use = async (token: string, shown?: TestCertificate): Promise<Response> =>
  fetchWith(shown)(`${issuer}/files`, { headers: { authorization: `Bearer ${token}` } })
const thumbprint = (certificate: TestCertificate) => readCertificate(certificate.der, { isTrusted: true })?.thumbprint

const configure = (id: string, auth: client.ClientAuth, shown?: TestCertificate) =>
  client.discovery(new URL(issuer), id, { use_mtls_endpoint_aliases: true }, auth, {
    algorithm: 'oauth2',
    [client.customFetch]: fetchWith(shown),
  })

const logIn = async (config: client.Configuration) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const code_challenge = await client.calculatePKCECodeChallenge(pkceCodeVerifier)
  const ask = client.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'read', code_challenge, code_challenge_method: 'S256' }) // prettier-ignore
  const { headers } = await fetchWith()(ask.href)
  return client.authorizationCodeGrant(config, new URL(headers.get('location') ?? ''), { pkceCodeVerifier })
}

describe('oauth4webapi', () => {
  const as: oauth.AuthorizationServer = { issuer, token_endpoint: `${issuer}/token` }
  const machine = { client_id: 'machine' }
  const ask = (shown?: TestCertificate) =>
    oauth.clientCredentialsGrantRequest(as, machine, oauth.TlsClientAuth(), { scope: 'read' }, { [oauth.customFetch]: fetchWith(shown) }) // prettier-ignore

  test('client credentials by tls_client_auth: a token that the certificate alone can use', async () => {
    const { access_token } = await oauth.processClientCredentialsResponse(as, machine, await ask(ofMachine))
    assert.deepEqual(await (await use(access_token, ofMachine)).json(), { cnf: { 'x5t#S256': thumbprint(ofMachine) } })
    for (const shown of [undefined, forged, own]) {
      const refused = await use(access_token, shown)
      assert.equal(refused.status, 401)
      assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
    }
  })

  test('a certificate of the same name, of an authority with the same name → invalid_client', async () => {
    assert.equal((await ask(forged)).status, 401)
    assert.equal((await ask()).status, 401)
  })
})

describe('openid-client', () => {
  test('code and refresh by self_signed_tls_client_auth', async () => {
    const config = await configure('own', client.TlsClientAuth(), own)
    const token = await logIn(config)
    assert.equal((await use(token.access_token, own)).status, 200)
    assert.equal((await use(token.access_token, ofMachine)).status, 401)
    const refreshed = await client.refreshTokenGrant(config, token.refresh_token ?? '')
    assert.equal((await use(refreshed.access_token, own)).status, 200)
  })

  test('a public client: its refresh token is bound to the certificate as well (RFC 8705 §4)', async () => {
    const config = await configure('public', client.None(), own)
    const token = await logIn(config)
    assert.equal((await use(token.access_token, own)).status, 200)
    const thief = await configure('public', client.None(), ofMachine)
    await assert.rejects(client.refreshTokenGrant(thief, token.refresh_token ?? ''), { error: 'invalid_grant' })
    const nobody = await configure('public', client.None())
    await assert.rejects(client.refreshTokenGrant(nobody, token.refresh_token ?? ''), { error: 'invalid_request' })
    const refreshed = await client.refreshTokenGrant(config, token.refresh_token ?? '')
    assert.equal((await use(refreshed.access_token, own)).status, 200)
  })
})

test('the certificate of RFC 8705 appendix A has the thumbprint that is printed there', () => {
  const der =
    'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRs' +
    'czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0t' +
    'H6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFf' +
    'Qj1L+SY='
  const certificate = readCertificate(Buffer.from(der, 'base64'), { isTrusted: false })
  assert.equal(certificate?.thumbprint, 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  assert.deepEqual(certificate.names, [{ type: 'subject_dn', value: 'CN=mtls' }])
})
