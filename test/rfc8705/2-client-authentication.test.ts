/** Clients that are known by their certificates (RFC 8705 §2): by a name in one of an authority, or by a key of their own. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, registerClient, type Client, type HttpRequest, type Reason } from 'grantry'
import { headerCertificate, readCertificate, socketCertificate, type HeaderCertificateOptions } from 'grantry/node'
import { makeCertificate, type CertificateParts, type TestCertificate } from '../support/certificates.ts'
import { lastReason, makeProvider } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { body, form } from '../support/requests.ts'

const mutualTls = { certificate: socketCertificate }
const provider = await makeProvider({ issuer: 'https://as.example', mutualTls })
const { server, store } = provider

const pki = { authMethods: ['tls_client_auth'], grantTypes: ['client_credentials'], scopes: ['read'] }
const add = async (id: string, client: Partial<Client>) => registerClient(store, { ...pki, ...client, id })
await add('dn', { certificateName: { type: 'subject_dn', value: 'CN=app, O=Example\\, Ltd., C=DE' } })
await add('slash', { certificateName: { type: 'subject_dn', value: 'cn=x\\\\,O=y' } })
await add('dns', { certificateName: { type: 'san_dns', value: 'app.example' } })
await add('uri', { certificateName: { type: 'san_uri', value: 'spiffe://example/app' } })
await add('ip', { certificateName: { type: 'san_ip', value: '2001:db8::1' } })
await add('email', { certificateName: { type: 'san_email', value: 'app@example.org' } })

/** A request over a connection on which a certificate was shown. */
const over = (http: HttpRequest, shown: TestCertificate | undefined, isTrusted = true): HttpRequest => ({
  ...http,
  peer: () => ({ address: '192.0.2.1', certificate: () => shown && readCertificate(shown.der, { isTrusted }) }),
})
const machine = { grant_type: 'client_credentials', scope: 'read' }
const ask = (id: string, shown: TestCertificate | undefined, isTrusted?: boolean) =>
  server.createTokenResponse(over(form({ ...machine, client_id: id }), shown, isTrusted))

const dn = ['C=DE', 'O=Example, Ltd.', 'CN=app']
const named = (type: 'san_dns' | 'san_uri' | 'san_ip' | 'san_email', value: string): CertificateParts => ({
  subject: ['CN=x'],
  names: [{ type, value }],
})

const rows: [name: string, id: string, parts: CertificateParts, ok: boolean][] = [
  ['its subject', 'dn', { subject: dn }, true],
  ['its subject in another order', 'dn', { subject: [...dn].reverse() }, false],
  ['a subject with more', 'dn', { subject: [...dn, 'CN=more'] }, false],
  ['a part of its subject', 'dn', { subject: ['CN=app'] }, false],
  ['a name that holds all of the subject', 'dn', { subject: ['CN=app,O=Example\\, Ltd.,C=DE'] }, false],
  ['a value with a backslash and a comma, where there are two', 'slash', { subject: ['CN=x\\,O=y'] }, false],
  ['a backslash at the end of a value', 'slash', { subject: ['O=y', 'CN=x\\'] }, true],
  ['its subject as a DNS name', 'dn', named('san_dns', 'app'), false],
  ['no subject', 'dn', {}, false],
  ['its DNS name', 'dns', named('san_dns', 'APP.example'), true],
  ['a DNS name that ends alike', 'dns', named('san_dns', 'evil-app.example'), false],
  ['a wildcard that covers it', 'dns', named('san_dns', '*.example'), false],
  ['its DNS name as URI', 'dns', named('san_uri', 'app.example'), false],
  ['its DNS name as common name', 'dns', { subject: ['CN=app.example'] }, false],
  ['two names in one', 'dns', named('san_dns', 'evil.example, DNS:app.example'), false],
  ['its URI', 'uri', named('san_uri', 'spiffe://example/app'), true],
  ['a URI below it', 'uri', named('san_uri', 'spiffe://example/app/x'), false],
  ['its address', 'ip', named('san_ip', '2001:db8:0:0:0:0:0:1'), true],
  ['another address', 'ip', named('san_ip', '2001:db8:0:0:0:0:0:2'), false],
  ['its mail address', 'email', named('san_email', 'app@example.org'), true],
  ['another mail address', 'email', named('san_email', 'APP@example.org'), false],
]

describe('tls_client_auth (RFC 8705 §2.1)', () => {
  for (const [name, id, parts, ok] of rows) {
    test(`${name} → ${ok ? 'token' : 'invalid_client'}`, async () => {
      const response = await ask(id, makeCertificate(parts))
      assert.equal(response.status, ok ? 200 : 401, response.body)
      if (!ok) assert.equal(lastReason(provider), 'client_certificate_wrong')
    })
  }

  const wrong: [name: string, shown: TestCertificate | undefined, isTrusted: boolean, reason: Reason][] = [
    ['of an authority that is not trusted', makeCertificate({ subject: dn }), false, 'client_certificate_wrong'],
    ['not shown', undefined, true, 'client_certificate_wrong'],
  ]
  for (const [name, shown, isTrusted, reason] of wrong) {
    test(`its certificate ${name} → invalid_client`, async () => {
      assert.equal(body(await ask('dn', shown, isTrusted))['error'], 'invalid_client')
      assert.equal(lastReason(provider), reason)
    })
  }

  test('a client of another method gains nothing by a certificate', async () => {
    const shown = makeCertificate({ subject: dn })
    assert.equal((await ask('app', shown)).status, 401)
    assert.equal((await ask('nobody', shown)).status, 401)
    const spa = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'spa' }
    assert.equal(body(await server.createTokenResponse(over(form(spa), shown)))['error'], 'invalid_grant')
  })

  test('a secret beside it → it is the method client_secret_basic, which the client does not have', async () => {
    const headers = { authorization: `Basic ${btoa('dn:secret')}` }
    const response = await server.createTokenResponse(over(form(machine, headers), makeCertificate({ subject: dn })))
    assert.equal(body(response)['error'], 'invalid_client')
  })
})

describe('self_signed_tls_client_auth (RFC 8705 §2.2)', () => {
  const own = makeCertificate({ subject: ['CN=self'] })
  const self = { ...pki, authMethods: ['self_signed_tls_client_auth'] }

  test('a certificate of a key in its jwks → token, whoever issued it', async () => {
    await add('self', { ...self, jwks: { keys: [own.jwk] } })
    assert.equal((await ask('self', own, false)).status, 200)
  })

  test('a certificate of another key, of the same name → invalid_client', async () => {
    assert.equal((await ask('self', makeCertificate({ subject: ['CN=self'] }), true)).status, 401)
    assert.equal(lastReason(provider), 'client_certificate_wrong')
    assert.equal((await ask('self', undefined)).status, 401)
  })

  test('a key at its jwksUri', async () => {
    const fetching = await makeProvider({ mutualTls, fetchKeys: () => ({ keys: [own.jwk] }) })
    await registerClient(fetching.store, { ...self, id: 'remote', jwksUri: 'https://app.example/keys' })
    const request = over(form({ ...machine, client_id: 'remote' }), own, false)
    assert.equal((await fetching.server.createTokenResponse(request)).status, 200)
  })
})

describe('A certificate in a header', () => {
  const shown = makeCertificate({ subject: dn })
  const asUrl = encodeURIComponent(shown.pem)
  const asBytes = `:${shown.der.toString('base64')}:`
  const proxies = ['10.0.0.0/8', '::1']
  const find = (
    options: Partial<HeaderCertificateOptions>,
    headers: Readonly<Record<string, string>>,
    address = '10.1.2.3',
  ) =>
    headerCertificate({ header: 'Client-Cert', proxies, ...options })({
      ...{ method: 'POST', url: '/token', headers: new Headers(headers) },
      peer: () => ({ address, certificate: () => undefined }),
    })

  const told: [name: string, value: string, address: string, ok: boolean][] = [
    ['of RFC 9440, from a proxy', asBytes, '10.1.2.3', true],
    ['of nginx, from a proxy', asUrl, '10.1.2.3', true],
    ['from a proxy over an IPv6 socket', asUrl, '::ffff:10.1.2.3', true],
    ['from anybody else', asBytes, '192.0.2.1', false],
    ['twice', `${asBytes}, ${asBytes}`, '10.1.2.3', false],
    ['with another one after it', encodeURIComponent(shown.pem + shown.pem), '10.1.2.3', false],
    ['that is none', ':AAAA:', '10.1.2.3', false],
    ['with a broken escape', '%E0%A4%A', '10.1.2.3', false],
    ['empty', '', '10.1.2.3', false],
    ['of more than 16 KiB', `:${'A'.repeat(20_000)}:`, '10.1.2.3', false],
  ]
  for (const [name, value, address, ok] of told) {
    test(`${name} → ${ok ? 'read' : 'none'}`, () =>
      assert.equal(find({}, { 'Client-Cert': value }, address)?.names[0]?.type, ok ? 'subject_dn' : undefined))
  }

  test('is trusted where the proxy says that it checked the chain, alone', () => {
    const verify = { header: 'X-Verify' }
    const sent = { 'Client-Cert': asUrl }
    assert.equal(find({}, sent)?.isTrusted, false)
    assert.equal(find({ verification: 'always' }, sent)?.isTrusted, true)
    assert.equal(find({ verification: verify }, sent)?.isTrusted, false)
    assert.equal(find({ verification: verify }, { ...sent, 'X-Verify': 'FAILED:self signed' })?.isTrusted, false)
    assert.equal(find({ verification: verify }, { ...sent, 'X-Verify': 'SUCCESS' })?.isTrusted, true)
  })

  for (const wrong of [[], ['everyone'], ['0.0.0.0/0'], ['10.0.0.0/33']]) {
    test(`proxies ${JSON.stringify(wrong)} → ConfigurationError`, () =>
      assert.throws(() => find({ proxies: wrong }, {}), ConfigurationError))
  }
})

describe('Registration and metadata', () => {
  const on = { mutualTls }
  const asked: Json = { ...good, token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example' }

  test('a client registers with one name, and is told of it', async () => {
    const registrar = await makeRegistrar({}, on)
    const { body: kept } = told(
      await registrar.register({ ...asked, tls_client_certificate_bound_access_tokens: true }),
    )
    assert.equal(kept['tls_client_auth_san_dns'], 'app.example')
    assert.equal(kept['tls_client_certificate_bound_access_tokens'], true)
    assert.equal(kept['client_secret'], undefined)
  })

  const refused: [name: string, change: Json, options: object][] = [
    ['two names', { tls_client_auth_san_uri: 'https://app.example' }, on],
    ['no name', { tls_client_auth_san_dns: undefined }, on],
    ['a name that is no text', { tls_client_auth_san_dns: ['app.example'] }, on],
    ['self_signed without keys', { token_endpoint_auth_method: 'self_signed_tls_client_auth' }, on],
    ['a server that looks at no certificates', {}, {}],
    [
      'bound tokens there',
      { token_endpoint_auth_method: 'none', tls_client_certificate_bound_access_tokens: true },
      {},
    ],
  ]
  for (const [name, change, options] of refused) {
    test(`${name} → invalid_client_metadata`, async () => {
      const registrar = await makeRegistrar({}, options)
      assert.equal(errorOf(await registrar.register({ ...asked, ...change })), 'invalid_client_metadata')
    })
  }

  test('is told in the metadata, with other places for the endpoints (RFC 8705 §3.3, §5)', async () => {
    const issuer = 'https://as.example/tenant'
    const described = async (options: object) =>
      body(await (await makeProvider({ issuer, ...options })).server.createMetadataResponse())
    const off = await described({})
    assert.ok(!('tls_client_certificate_bound_access_tokens' in off) && !('mtls_endpoint_aliases' in off))
    const told = await described({ mutualTls: { ...mutualTls, origin: 'https://mtls.as.example' } })
    assert.equal(told['tls_client_certificate_bound_access_tokens'], true)
    assert.deepEqual(told['mtls_endpoint_aliases'], {
      token_endpoint: 'https://mtls.as.example/tenant/token',
      revocation_endpoint: 'https://mtls.as.example/tenant/revoke',
      introspection_endpoint: 'https://mtls.as.example/tenant/introspect',
    })
    assert.ok(!('mtls_endpoint_aliases' in (await described({ mutualTls }))))
  })

  for (const wrong of [
    { origin: 'https://mtls.as.example' },
    { ...mutualTls, origin: 'https://x.example/path' },
    { ...mutualTls, certificates: 1 },
  ]) {
    test(`options ${Object.keys(wrong).join(', ')} that cannot work → ConfigurationError`, async () =>
      assert.rejects(makeProvider({ mutualTls: wrong as never }), ConfigurationError))
  }

  test('a client that could never log in is not made', async () => {
    await assert.rejects(registerClient(store, pki), /certificateName/)
    await assert.rejects(registerClient(store, { ...pki, authMethods: ['self_signed_tls_client_auth'] }), /public keys/)
  })
})
