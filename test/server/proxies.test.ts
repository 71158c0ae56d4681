/** Whom a request is from, where proxies are before the server. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startServer, type ServerOptions } from 'grantry-server'
import { decodeJwt } from 'jose'
import { clientAddress } from '../../packages/server/src/http/client-address.ts'
import { trustJudge } from '../../packages/server/src/http/trusted-proxies.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { makeCertificate } from '../support/certificates.ts'
import { grantryServer } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-proxies-'))
after(() => rmSync(folder, { recursive: true }))

const isTrusted = trustJudge(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])

interface Hops {
  readonly xff?: string
  readonly forwarded?: string
  readonly peer?: string
}

const from = ({ xff, forwarded, peer = '10.0.0.1' }: Hops): string => {
  const sent = new Map(Object.entries({ 'x-forwarded-for': xff, forwarded }))
  return clientAddress(peer, { get: (name) => sent.get(name) }, isTrusted)
}

const addresses: [name: string, hops: Hops, address: string][] = [
  ['no proxy, no header', { peer: '203.0.113.9' }, '203.0.113.9'],
  ['a peer that is no proxy says who it is', { peer: '203.0.113.9', xff: '198.51.100.1' }, '203.0.113.9'],
  ['the same in Forwarded', { peer: '203.0.113.9', forwarded: 'for=198.51.100.1' }, '203.0.113.9'],
  ['an address beside the range', { peer: '11.0.0.1', xff: '198.51.100.1' }, '11.0.0.1'],
  ['a proxy that says nothing', {}, '10.0.0.1'],
  ['a proxy names the client', { xff: '198.51.100.1' }, '198.51.100.1'],
  ['a proxy over IPv6 that came as IPv4', { peer: '::ffff:10.0.0.1', xff: '198.51.100.1' }, '198.51.100.1'],
  ['a proxy of the range in IPv6', { peer: 'fd00::1', xff: '2001:db8::7' }, '2001:db8::7'],
  ['what the client wrote is left of what the proxy wrote', { xff: '1.1.1.1, 198.51.100.1' }, '198.51.100.1'],
  ['two proxies', { xff: '1.1.1.1, 198.51.100.1, 192.0.2.1' }, '198.51.100.1'],
  ['a client that poses as a proxy', { xff: '10.9.9.9, 198.51.100.1, 192.0.2.1' }, '198.51.100.1'],
  ['proxies only', { xff: '10.0.0.7, 192.0.2.1' }, '10.0.0.7'],
  ['what is no address', { xff: '198.51.100.1, nonsense' }, '10.0.0.1'],
  ['what is no address, behind a proxy', { xff: 'nonsense, 192.0.2.1' }, '192.0.2.1'],
  ['an empty header', { xff: '' }, '10.0.0.1'],
  ['with a port', { xff: '198.51.100.1:4711' }, '198.51.100.1'],
  ['IPv6 with a port', { xff: '[2001:db8::7]:4711' }, '2001:db8::7'],
  ['too long', { xff: `${'1.1.1.1, '.repeat(500)}198.51.100.1` }, '10.0.0.1'],
  ['Forwarded', { forwarded: 'for=198.51.100.1;proto=http;by=203.0.113.43' }, '198.51.100.1'],
  ['Forwarded, quoted IPv6 with a port', { forwarded: 'By=x; For="[2001:db8::7]:4711"' }, '2001:db8::7'],
  ['Forwarded, hops', { forwarded: 'for=1.1.1.1, for="198.51.100.1", for=192.0.2.1' }, '198.51.100.1'],
  ['Forwarded, a comma in quotes', { forwarded: 'for=198.51.100.1;host="a, for=1.1.1.1"' }, '198.51.100.1'],
  ['Forwarded, a hidden client', { forwarded: 'for=198.51.100.1, for=_hidden' }, '10.0.0.1'],
  ['Forwarded, an element without for', { forwarded: 'for=198.51.100.1, proto=https' }, '10.0.0.1'],
  ['both, which agree', { xff: '198.51.100.1', forwarded: 'for=198.51.100.1' }, '198.51.100.1'],
  ['both, one made up by the client', { xff: '198.51.100.1', forwarded: 'for=1.1.1.1' }, '10.0.0.1'],
]

describe('clientAddress', () => {
  for (const [name, hops, address] of addresses) test(`${name} -> ${address}`, () => assert.equal(from(hops), address))
})

const start = async (options: ServerOptions) => {
  const data = join(folder, String(Math.random()).slice(2))
  const server = await startServer({ port: 0, host: '127.0.0.1', data, log: () => undefined, ...options })
  after(() => server.close())
  return server
}

const registerFrom = async (url: string, address: string): Promise<number> => {
  const headers = { 'Content-Type': 'application/json', 'X-Forwarded-For': address }
  const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'] })
  const response = await fetch(`${url}/register`, { method: 'POST', headers, body })
  await response.text()
  return response.status
}

const limits: [name: string, trustedProxies: string[], second: number][] = [
  ['behind a proxy -> each client has a limit of its own', ['127.0.0.1'], 201],
  ['not behind one -> a header is no way around the limit', [], 429],
]
for (const [name, trustedProxies, second] of limits) {
  test(`registration ${name}`, async () => {
    const { url } = await start({ registration: 'open', registrationLimit: 1, trustedProxies })
    assert.equal(await registerFrom(url, '198.51.100.1'), 201)
    assert.equal(await registerFrom(url, '198.51.100.1'), 429)
    assert.equal(await registerFrom(url, '198.51.100.2'), second)
  })

  test(`logins ${name}`, async () => {
    const { url } = await start({ trustedProxies })
    const page = await fetch(`${url}/login`)
    const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const attempt = async (address: string): Promise<number> => {
      const body = new URLSearchParams({ csrf, to: '/', username: 'dev', password: 'wrong' })
      const headers = { Cookie: cookie, 'X-Forwarded-For': address }
      return (await fetch(`${url}/login`, { method: 'POST', headers, body })).status
    }
    for (let count = 0; count < 10; count++) assert.equal(await attempt('198.51.100.1'), 400)
    assert.equal(await attempt('198.51.100.1'), 429)
    assert.equal(await attempt('198.51.100.2'), second === 201 ? 400 : 429)
  })
}

test('a trusted proxy says where it was asked -> the issuer and its endpoints are as configured', async () => {
  const { url } = await start({ issuer: 'https://id.example', trustedProxies: ['127.0.0.1'] })
  const headers = {
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'http',
    Forwarded: 'for=198.51.100.1;host=evil.example;proto=http',
  }
  const text = await (await fetch(`${url}/.well-known/openid-configuration`, { headers })).text()
  assert.ok(!text.includes('evil'))
  assert.equal((JSON.parse(text) as { issuer: string }).issuer, 'https://id.example')
})

test('a trusted proxy tells the certificate of a client -> it gets a token that is bound to it, and nobody else', async () => {
  const machine = makeCertificate({ subject: ['CN=x'], names: [{ type: 'san_dns', value: 'machine.example' }] })
  const { url } = await start({
    issuer: 'https://id.example',
    ...{ trustedProxies: ['127.0.0.1'], mtlsOrigin: 'https://mtls.id.example' },
    ...{ clientCertificateHeader: 'X-SSL-Client-Cert', clientCertificateVerification: 'X-SSL-Client-Verify' },
    clients: [
      {
        ...{ id: 'machine', certificateName: 'san_dns:machine.example', certificateBoundAccessTokens: true },
        ...{ grantTypes: ['client_credentials'], defaultScopes: ['read'] },
      },
    ],
  })
  const ask = async (headers: Record<string, string>) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'machine' })
    return (await fetch(`${url}/token`, { method: 'POST', headers, body })).json() as Promise<Record<string, string>>
  }
  const shown = { 'X-SSL-Client-Cert': encodeURIComponent(machine.pem) }
  assert.equal((await ask(shown))['error'], 'invalid_client')
  assert.equal((await ask({ 'X-SSL-Client-Verify': 'SUCCESS' }))['error'], 'invalid_client')
  const { access_token = '' } = await ask({ ...shown, 'X-SSL-Client-Verify': 'SUCCESS' })
  const x5t = createHash('sha256').update(machine.der).digest('base64url')
  assert.deepEqual(decodeJwt(access_token)['cnf'], { 'x5t#S256': x5t })
  const described = await (await fetch(`${url}/.well-known/openid-configuration`)).json()
  const { mtls_endpoint_aliases: aliases } = described as { mtls_endpoint_aliases?: Record<string, string> }
  assert.equal(aliases?.['token_endpoint'], 'https://mtls.id.example/token')
})

const unsound: [name: string, options: ServerOptions, problem: RegExp][] = [
  ['a certificate header of nobody', { clientCertificateHeader: 'Client-Cert' }, /needs --trusted-proxy/],
  ['verification without a header', { clientCertificateVerification: 'always' }, /need --client-certificate-header/],
  ['a header that is none', { clientCertificateHeader: 'a b', trustedProxies: ['10.0.0.1'] }, /name of a header/],
  ['an origin with a path', { clientCertificateHeader: 'x', trustedProxies: ['10.0.0.1'], mtlsOrigin: 'https://a.example/x' }, /--mtls-origin must be/], // prettier-ignore
]
for (const [name, options, problem] of unsound)
  test(`${name} -> StartError`, () => assert.throws(() => resolveSettings(options), problem))

const wrong = ['everyone', '10.0.0.0/33', 'fd00::/129', '0.0.0.0/0', '::/0', '10.0.0.1/', '300.0.0.1']
describe('start refuses', { concurrency: 4 }, () => {
  for (const proxy of wrong)
    test(`--trusted-proxy ${proxy} -> one line that says what it must be`, async () => {
      const { code, stderr } = await grantryServer(['start', '--trusted-proxy', proxy]).ended
      assert.equal(code, 2)
      assert.match(stderr, /^grantry-server: --trusted-proxy must be an IP address or a range.*\n$/)
      assert.ok(stderr.includes(`"${proxy}"`))
    })
})
