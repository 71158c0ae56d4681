/** The server behind the nginx of `packaging/nginx`, with TLS. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text as readAll } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { startServer, type RunningServer } from 'grantry-server'
import { startChromium, whyNoChromium } from '../interop/chromium.ts'
import { hiddenFields } from './browser.ts'

const isThere = (program: string): boolean => spawnSync(program, ['-v']).error === undefined
const skip = isThere('nginx') && isThere('openssl') ? false : 'nginx or openssl is not installed'

const folder = mkdtempSync(join(tmpdir(), 'grantry-nginx-'))
after(() => rmSync(folder, { recursive: true }))

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // null and string are for pipes
  server.close()
  await once(server, 'close')
  return port
}

const makeCertificate = (): { readonly certificate: string; readonly key: string } => {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync('openssl', [...how, ...subject, '-out', certificate, '-keyout', key], { stdio: 'pipe' })
  return { certificate, key }
}

interface Places {
  readonly port: number
  readonly plainPort: number
  readonly backend: string
}

/** The configuration as it is delivered, at other ports and with another certificate. */
const configure = ({ port, plainPort, backend }: Places): string => {
  const { certificate, key } = makeCertificate()
  const changes: readonly (readonly [from: string, to: string])[] = [
    ['server 127.0.0.1:9000;', `server ${backend};`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['listen 80;', `listen 127.0.0.1:${plainPort};`],
    ['/etc/ssl/certs/id.example.pem', certificate],
    ['/etc/ssl/private/id.example.key', key],
    ['server_name id.example;', 'server_name localhost;'],
  ]
  const delivered = readFileSync(join(import.meta.dirname, '../../packaging/nginx/grantry.conf'), 'utf8')
  const site = changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from)
    return text.replaceAll(from, to)
  }, delivered)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const main = `${user} daemon off; pid ${folder}/nginx.pid; error_log stderr warn; worker_processes 1; events {}`
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, `${main}\nhttp { access_log off; ${temporary.join(' ')}\n${site}\n}`)
  return path
}

describe('behind nginx', { skip }, () => {
  let server: RunningServer
  let origin: string
  let plainOrigin: string
  let stop: () => Promise<unknown>

  before(async () => {
    const [port, plainPort] = [await freePort(), await freePort()]
    origin = `https://localhost:${port}`
    plainOrigin = `http://127.0.0.1:${plainPort}`
    server = await startServer({
      ...{ port: 0, data: join(folder, 'data'), issuer: origin, trustedProxies: ['127.0.0.1'] },
      log: () => undefined,
      host: '127.0.0.1',
    })
    const path = configure({ port, plainPort, backend: new URL(server.url).host })
    const nginx = spawn('nginx', ['-c', path, '-p', folder, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = once(nginx, 'exit')
    stop = async () => {
      nginx.kill('SIGQUIT')
      await ended
      await server.close()
    }
    for (let tries = 0; (await get('/health/live').catch(() => undefined))?.status !== 200; tries++)
      assert.ok(tries < 1000 && nginx.exitCode === null, 'nginx does not answer')
  })
  after(() => stop())

  /** What the audit log says of a request. */
  const loginOf = (requestId: string): unknown => {
    const database = new DatabaseSync(join(folder, 'data/grantry.db'), { readOnly: true })
    const rows = database.prepare('SELECT event FROM audit_event').all() as { event: string }[]
    database.close()
    const events = rows.map(({ event }) => JSON.parse(event) as Readonly<Record<string, unknown>>)
    const found = events.find((event) => event['requestId'] === requestId)
    return { type: found?.['type'], address: found?.['address'] }
  }

  const get = async (path: string, { body, ...options }: RequestOptions & { readonly body?: string } = {}) => {
    const sent = request(origin + path, { rejectUnauthorized: false, agent: false, ...options }).end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: answer.statusCode, headers: answer.headers, text: await readAll(answer) }
  }

  test('metadata names the public origin; the version of TLS is a good one; http leads to https', async () => {
    const { text, headers } = await get('/.well-known/openid-configuration')
    const { issuer, token_endpoint: token } = JSON.parse(text) as Readonly<Record<string, string>>
    assert.deepEqual([issuer, token], [origin, `${origin}/token`])
    assert.equal(headers['strict-transport-security'], 'max-age=63072000')
    await assert.rejects(get('/', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }))
    const plain = await fetch(`${plainOrigin}/login`, { redirect: 'manual' })
    assert.deepEqual([plain.status, plain.headers.get('location')], [301, 'https://127.0.0.1/login'])
  })

  test('HTTP/2', async () => {
    const session = connect(origin, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/health/live' })
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    assert.deepEqual([session.alpnProtocol, headers[':status']], ['h2', 200])
    stream.close()
    session.close()
  })

  test('the address and the id of a request are those that nginx saw, whatever the client says', async () => {
    const lies = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-request-id': 'from-the-client' }
    const page = await get('/login', { headers: lies })
    const cookie = (page.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ')
    const { username, password = '' } = server.firstStart ?? assert.fail()
    const body = new URLSearchParams({ ...hiddenFields(page), username, password }).toString()
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, cookie, origin }
    const how = { method: 'POST', headers: { ...lies, ...form }, localAddress: '127.0.0.9', body }
    const answer = await get('/login', how)
    assert.equal(answer.status, 303)
    const requestId = String(answer.headers['x-request-id'])
    assert.match(requestId, /^[0-9a-f]{32}$/)
    assert.deepEqual(loginOf(requestId), { type: 'login.accepted', address: '127.0.0.9' })
  })

  test(
    'a browser logs in and stays so, by cookies that are bound to the host',
    { skip: whyNoChromium ?? false },
    async () => {
      const browser = await startChromium()
      try {
        const context = await browser.newContext({ ignoreHTTPSErrors: true })
        const page = await context.newPage()
        await page.goto(`${origin}/login`)
        const { username, password = '' } = server.firstStart ?? assert.fail()
        await page.fill('#username', username)
        await page.fill('#password', password)
        await page.click('#login button')
        await page.waitForURL(`${origin}/`)
        await page.goto(`${origin}/account`)
        assert.match(await page.innerText('h1'), /account/i)
        const cookies = await context.cookies()
        assert.ok(cookies.length > 0)
        for (const { name, secure, httpOnly } of cookies)
          assert.ok(name.startsWith('__Host-') && secure && httpOnly, name)
      } finally {
        await browser.close()
      }
    },
  )
})
