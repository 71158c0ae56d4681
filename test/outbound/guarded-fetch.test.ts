/** The one client for requests to other servers: what it refuses before, while and after it asks (RFC 6890, RFC 9700). */
import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { guardedFetch, OutboundError, type OutboundOptions, type OutboundProblem, type OutboundRequest } from 'grantry'
import { startOtherServer } from '../support/other-server.ts'

const json = { 'content-type': 'application/json' }
const other = await startOtherServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://other')
  switch (url.pathname) {
    case '/good':
      return response.writeHead(200, { ...json, 'content-type': 'Application/JSON; charset=utf-8' }).end('{"a":"ä"}')
    case '/headers':
      return response.writeHead(200, json).end(JSON.stringify(request.headers))
    case '/to':
      return response.writeHead(302, { location: url.searchParams.get('next') ?? '/' }).end()
    case '/loop':
      return response.writeHead(307, { location: '/loop' }).end()
    case '/html':
      return response.writeHead(200, { 'content-type': 'text/html' }).end('{}')
    case '/untyped':
      return response.writeHead(200).end('{}')
    case '/missing':
      return response.writeHead(404, json).end('{}')
    case '/latin':
      return response.writeHead(200, json).end(Buffer.from([0x22, 0xe4, 0x22]))
    case '/gzip':
      return response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)))
    case '/announced':
      return response.writeHead(200, { ...json, 'content-length': '1000000' }).write('{')
    case '/endless': {
      response.writeHead(200, json)
      const more = (): void => {
        while (response.write(Buffer.alloc(16_384, 0x20)));
      }
      response.on('drain', more)
      more()
      return
    }
    case '/drip': {
      response.writeHead(200, json)
      const drip = setInterval(() => response.write(' '), 20)
      return void response.on('close', () => clearInterval(drip))
    }
    case '/silent':
      return undefined
    case '/reset':
      return request.socket.destroy()
    case '/form': {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      return void request.on('end', () =>
        response.writeHead(204).end(() => {
          forms.push(Buffer.concat(chunks).toString())
          lastHeaders = request.headers
        }),
      )
    }
  }
})
const forms: string[] = []
let lastHeaders: IncomingHttpHeaders = {}

const accepts = ['application/json']
const loopback: OutboundOptions = { allowPrivateHosts: ['127.0.0.1'] }
const ask = (url: string, options: Partial<OutboundOptions & OutboundRequest> = loopback) =>
  guardedFetch(url.startsWith('/') ? other.origin + url : url, { accepts, ...options })

const problemOf = async (asking: Promise<unknown>): Promise<OutboundProblem | undefined> => {
  try {
    await asking
    return undefined
  } catch (error) {
    assert.ok(error instanceof OutboundError, String(error))
    return error.problem
  }
}

const noLookup: OutboundOptions = { resolveHost: () => assert.fail('nothing may be looked up') }

describe('addresses in the URL that are not public, however they are written', () => {
  const hosts = [
    ...[
      '127.0.0.1',
      '127.1',
      '127.0.0.1.',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '017700000001',
      '0177.0.0.01',
      '１２７.０.０.１',
    ],
    ...[
      '0.0.0.0',
      '0',
      '10.0.0.1',
      '10.255.255.255',
      '100.64.0.1',
      '100.100.100.200',
      '168.63.129.16',
      '169.254.169.254',
    ],
    ...[
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.192',
      '192.0.2.1',
      '192.88.99.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.19.255.255',
    ],
    ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...[
      '[::]',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:a9fe:a9fe]',
      '[::127.0.0.1]',
      '[64:ff9b::10.0.0.1]',
      '[64:ff9b:1::8.8.8.8]',
    ],
    ...[
      '[100::1]',
      '[2001::1]',
      '[2001:db8::1]',
      '[2002:7f00:1::]',
      '[3fff::1]',
      '[5f00::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
    ],
    ...['[fe80::1]', '[fec0::1]', '[ff02::1]'],
    ...[
      'localhost',
      'localhost.',
      'a.localhost',
      'intranet',
      'printer.local',
      'metadata.google.internal',
      'nas.home.arpa',
    ],
  ]
  for (const host of hosts) {
    test(`https://${host}/ → address, and nothing is looked up`, async () => {
      assert.equal(await problemOf(ask(`https://${host}/`, noLookup)), 'address')
    })
  }
})

describe('names that lead to addresses that are not public', () => {
  const answers: [addresses: readonly string[], problem: OutboundProblem][] = [
    [['127.0.0.1'], 'address'],
    [['169.254.169.254'], 'address'],
    [['::1'], 'address'],
    [['::ffff:127.0.0.1'], 'address'],
    [['::ffff:10.0.0.1'], 'address'],
    [['64:ff9b::7f00:1'], 'address'],
    [['fe80::1%lo'], 'address'],
    [['192.0.2.1', '93.184.215.14'], 'address'],
    [['93.184.215.14', '10.0.0.1'], 'address'],
    [['not an address'], 'address'],
    [[], 'network'],
  ]
  for (const [addresses, problem] of answers) {
    test(`${addresses.join(', ') || 'none'} → ${problem}`, async () => {
      const resolveHost = async () => addresses
      assert.equal(await problemOf(ask(`https://rebinding.example:${other.port}/good`, { resolveHost })), problem)
    })
  }

  test('the name is looked up once for a connection, so that it cannot change its mind → the address that was checked', async () => {
    let lookups = 0
    const resolveHost = async () => (lookups++ === 0 ? ['127.0.0.1'] : ['93.184.215.14'])
    assert.equal(await problemOf(ask('https://rebinding.example/', { resolveHost })), 'address')
    assert.equal(lookups, 1)
  })

  test('a name that the option has → asked, whatever its address', async () => {
    const options = { allowPrivateHosts: [`keys.corp.example:${other.port}`], resolveHost: async () => ['127.0.0.1'] }
    assert.equal((await ask(`http://keys.corp.example:${other.port}/good`, options)).text, '{"a":"ä"}')
    assert.equal(await problemOf(ask('https://keys.corp.example:1/good', options)), 'address')
  })

  test('a resolver that fails → network', async () => {
    const resolveHost = () => Promise.reject(new Error('no such name'))
    assert.equal(await problemOf(ask('https://nowhere.example/', { resolveHost })), 'network')
  })

  test('none of it reached the server', () => assert.deepEqual(other.asked, ['GET /good']))
})

describe('URLs', () => {
  const urls: [url: string, problem: OutboundProblem][] = [
    ['http://other.example/', 'url'],
    ['ftp://other.example/', 'url'],
    ['file:///etc/passwd', 'url'],
    ['data:application/json,{}', 'url'],
    ['javascript:1', 'url'],
    ['https://user@other.example/', 'url'],
    ['https://user:secret@other.example/', 'url'],
    ['ftp://127.0.0.1/', 'url'],
    ['keys.json', 'url'],
    ['', 'url'],
    [`https://other.example/${'a'.repeat(2048)}`, 'url'],
  ]
  for (const [url, problem] of urls) {
    test(`${url.slice(0, 40)} → ${problem}`, async () => {
      assert.equal(await problemOf(guardedFetch(url, { ...loopback, ...noLookup, accepts })), problem)
    })
  }
})

describe('answers', () => {
  test('good → its text, status and URL', async () => {
    const answer = await ask('/good')
    assert.deepEqual(answer, { url: `${other.origin}/good`, status: 200, text: '{"a":"ä"}', cacheControl: '' })
  })

  test('nothing is sent that tells who asks', async () => {
    const sent = JSON.parse((await ask('/headers')).text) as Record<string, string>
    assert.deepEqual(Object.keys(sent).sort(), ['accept', 'accept-encoding', 'connection', 'host'])
    assert.deepEqual([sent['accept'], sent['accept-encoding']], ['application/json', 'identity'])
  })

  const refused: [path: string, problem: OutboundProblem][] = [
    ['/to?next=/good', 'redirect'],
    ['/to?next=https://other.example/', 'redirect'],
    ['/loop', 'redirect'],
    ['/html', 'content_type'],
    ['/untyped', 'content_type'],
    ['/missing', 'status'],
    ['/latin', 'malformed'],
    ['/gzip', 'network'],
    ['/announced', 'too_large'],
    ['/endless', 'too_large'],
    ['/reset', 'network'],
  ]
  for (const [path, problem] of refused) {
    test(`${path} → ${problem}`, async () => assert.equal(await problemOf(ask(path)), problem))
  }

  for (const path of ['/drip', '/silent']) {
    test(`${path} → timeout`, async () => {
      const started = performance.now()
      assert.equal(await problemOf(ask(path, { ...loopback, timeoutMs: 200 })), 'timeout')
      assert.ok(performance.now() - started < 1500)
    })
  }

  test('a resolver that never answers → timeout', async () => {
    const options = { resolveHost: () => new Promise<never>(() => undefined), timeoutMs: 100 }
    assert.equal(await problemOf(ask('https://slow.example/', options)), 'timeout')
  })

  test('exactly the limit → read; one byte more → too_large', async () => {
    assert.equal((await ask('/good', { ...loopback, maxBytes: 10 })).text.length, 9)
    assert.equal(await problemOf(ask('/good', { ...loopback, maxBytes: 9 })), 'too_large')
  })

  test('the status of a failure is known', async () => {
    await assert.rejects(ask('/missing'), { name: 'OutboundError', status: 404 })
  })
})

describe('redirects that may be followed', () => {
  const followed: [name: string, path: string, most: number, problem: OutboundProblem | undefined][] = [
    ['one of one', '/to?next=/good', 1, undefined],
    ['two of one', '/to?next=/to%3Fnext=/good', 1, 'redirect'],
    ['a loop', '/loop', 5, 'redirect'],
    ['to an address that is not public', '/to?next=https://169.254.169.254/', 1, 'address'],
    ['to http', '/to?next=http://other.example/', 1, 'url'],
    ['to nowhere', '/to?next=https://', 1, 'redirect'],
  ]
  for (const [name, path, maxRedirects, problem] of followed) {
    test(`${name} → ${problem ?? 'followed'}`, async () => {
      assert.equal(await problemOf(ask(path, { ...loopback, maxRedirects })), problem)
    })
  }
})

test('content is posted with its type and further headers, and redirects are not followed with it', async () => {
  const content = { type: 'application/json', text: '{"a":1}' }
  const headers = { 'webhook-id': 'm1', accept: 'text/plain', 'content-type': 'text/html' }
  assert.equal((await ask('/form', { ...loopback, accepts: [], content, headers })).status, 204)
  assert.equal(forms.pop(), '{"a":1}')
  const { 'webhook-id': id, accept, 'content-type': type } = lastHeaders
  assert.deepEqual({ id, accept, type }, { id: 'm1', accept: '*/*', type: 'application/json' })
  assert.equal(await problemOf(ask('/to?next=/good', { ...loopback, content, maxRedirects: 1 })), 'redirect')
})

test('a form is posted, and redirects are not followed with it', async () => {
  const form = { logout_token: 'a b' }
  assert.equal((await ask('/form', { ...loopback, accepts: [], form })).status, 204)
  assert.deepEqual(forms, ['logout_token=a+b'])
  assert.equal(await problemOf(ask('/to?next=/good', { ...loopback, form, maxRedirects: 1 })), 'redirect')
})
