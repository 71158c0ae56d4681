/** How many requests are taken: from an address, of a client, and of those who fail to be a client. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { registerClient } from 'grantry'
import { startServer, type ServerOptions } from 'grantry-server'
import { TokenBuckets } from '../../packages/server/src/limits/token-buckets.ts'
import { clock, startOpenId, type OpenId } from './openid-fixture.ts'

describe('TokenBuckets', () => {
  const make = (perMinute: number, most = 100) => {
    const time = { ms: 0 }
    return { time, buckets: new TokenBuckets({ perMinute, most, clock: () => time.ms }) }
  }

  test('a minute full at once, then as fast as it fills again; each key has its own', () => {
    const { time, buckets } = make(3)
    const take = (key = 'a') => buckets.take(key)
    assert.deepEqual([take(), take(), take(), take(), take('b')], [undefined, undefined, undefined, 20, undefined])
    time.ms += 19_999
    assert.equal(take(), 1)
    time.ms += 1
    assert.deepEqual([take(), take()], [undefined, 20])
    time.ms += 3_600_000
    assert.deepEqual([take(), take(), take(), take()], [undefined, undefined, undefined, 20])
  })

  test('what is given back can be taken again; to look takes nothing', () => {
    const { buckets } = make(1)
    assert.equal(buckets.wait('a'), undefined)
    buckets.take('a')
    assert.equal(buckets.wait('a'), 60)
    buckets.giveBack('a')
    buckets.giveBack('a')
    assert.deepEqual([buckets.wait('a'), buckets.take('a'), buckets.take('a')], [undefined, undefined, 60])
  })

  test('0 -> all are let through', () => {
    const { buckets } = make(0)
    for (let count = 0; count < 10; count++) assert.equal(buckets.take('a'), undefined)
    assert.equal(buckets.wait('a'), undefined)
  })

  test('more keys than are kept -> those that were not asked for lately are forgotten', () => {
    const { buckets } = make(1, 4)
    const take = (...keys: string[]): void => keys.forEach((key) => buckets.take(key))
    take('a', 'b', 'c') // three are recent, and become the older ones
    take('a', 'd', 'e') // a is asked for, though it is refused
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].map((key) => buckets.wait(key)),
      [60, undefined, undefined, 60, 60],
    )
  })
})

const grant = { grant_type: 'client_credentials' }

/** A server behind a proxy, and how to ask it from an address. */
const startBehindProxy = async (options: ServerOptions) => {
  const openid = await startOpenId({ trustedProxies: ['127.0.0.1', '::1'], ...options })
  const { secret = '' } = await registerClient(openid.store, {
    id: 'machine',
    grantTypes: ['client_credentials'],
    scopes: ['read'],
    defaultScopes: ['read'],
  })
  const from = (address: string) => {
    const send = (path: string, fields?: Record<string, string>, at = openid.server.url): Promise<Response> =>
      fetch(at + path, {
        ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
        headers: { 'x-forwarded-for': address },
        redirect: 'manual',
      })
    const token = async (secretOf: string, at?: string, id = 'machine'): Promise<Response> =>
      send('/token', { ...grant, client_id: id, client_secret: secretOf }, at)
    const statusOf = async (secretOf: string, at?: string, id?: string): Promise<number> => {
      const response = await token(secretOf, at, id)
      await response.text()
      return response.status
    }
    return { send, token, statusOf }
  }
  return { openid, secret, from }
}

const refusals = ({ records }: OpenId): unknown[] =>
  records
    .filter(({ type, status }) => type === 'request.refused' && status === 429)
    .map(({ reason, detail, endpoint }) => [reason, detail, endpoint])

describe('from an address', async () => {
  const { openid, secret, from } = await startBehindProxy({ rateLimitAddress: 4 })

  test('one too many -> 429 as the endpoint says it, with Retry-After; others, and what costs nothing, go on', async () => {
    const { send, statusOf } = from('203.0.113.1')
    for (let count = 0; count < 4; count++) assert.equal(await statusOf('wrong'), 401)
    const refused = await send('/token', grant)
    assert.equal(refused.status, 429)
    assert.equal(refused.headers.get('retry-after'), '15')
    assert.deepEqual(await refused.json(), {
      error: 'temporarily_unavailable',
      error_description: 'There were too many requests. Try again later.',
    })
    const page = await send(openid.path())
    assert.equal(page.status, 429)
    assert.match(await page.text(), /Too many requests came from your network/)
    assert.deepEqual(refusals(openid), [
      ['request_limited', 'address', 'token'],
      ['request_limited', 'address', 'authorization'],
    ])
    assert.equal((await send('/jwks')).status, 200)
    assert.equal(await from('203.0.113.2').statusOf('wrong'), 401)
    assert.equal(await from('10.1.2.3').statusOf('wrong'), 401)
  })

  test('the rest of an IPv6 network is the same address', async () => {
    for (let count = 0; count < 4; count++) assert.equal(await from(`2001:db8:1:2::${count}`).statusOf('wrong'), 401)
    assert.equal(await from('2001:db8:1:2:3::9').statusOf('wrong'), 429)
  })

  test('what a client proves to have sent is not counted', async () => {
    const { statusOf } = from('203.0.113.3')
    for (let count = 0; count < 9; count++) assert.equal(await statusOf(secret), 200)
  })
})

test('of a client -> 429 where it sent too many; who only names it uses nothing up', async () => {
  const { openid, secret, from } = await startBehindProxy({ rateLimitClient: 2 })
  for (let count = 0; count < 5; count++) assert.equal(await from('203.0.113.9').statusOf('wrong'), 401)
  const { token, statusOf } = from('203.0.113.1')
  assert.deepEqual([await statusOf(secret), await statusOf(secret)], [200, 200])
  const refused = await token(secret)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '30'])
  assert.equal(((await refused.json()) as { error: string }).error, 'temporarily_unavailable')
  const dev = openid.server.firstStart?.clientSecret ?? assert.fail()
  assert.equal(await statusOf(dev, undefined, 'dev-client'), 200)
  assert.deepEqual(refusals(openid), [['request_limited', 'client', 'token']])
})

test('who fails to be a client -> refused at all nodes, where the failures came from and nowhere else, for a while', async () => {
  const { openid, secret, from } = await startBehindProxy({})
  const other = await startServer({
    ...{ port: 0, data: openid.data, log: () => undefined, now: () => clock.now },
    ...{ issuer: openid.server.issuer, trustedProxies: ['127.0.0.1', '::1'] },
  })
  const { statusOf, token } = from('203.0.113.1')
  for (let count = 0; count < 20; count++) assert.equal(await statusOf('wrong'), 401)
  const refused = await token(secret)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '300'])
  assert.equal(await from('203.0.113.2').statusOf(secret), 200, 'from elsewhere')
  const dev = openid.server.firstStart?.clientSecret ?? assert.fail()
  assert.equal(await statusOf(dev, undefined, 'dev-client'), 200, 'another client from there')
  assert.deepEqual([await statusOf('wrong', other.url), await statusOf(secret, other.url)], [401, 429])
  for (let count = 0; count < 25; count++) assert.equal(await from('192.168.1.1').statusOf('wrong'), 401)
  clock.now += 300
  assert.deepEqual([await statusOf(secret), await statusOf(secret, other.url)], [200, 200])
  assert.deepEqual(refusals(openid), [['client_authentication_limited', 'machine', 'token']])
  await other.close()
})

test('who fails as many clients -> the address is refused', async () => {
  const { secret, from } = await startBehindProxy({})
  const { statusOf } = from('203.0.113.7')
  const ids = Array.from({ length: 200 }, (_, index) => `guessed-${index}`)
  for (const id of ids) assert.equal(await statusOf('wrong', undefined, id), 401)
  assert.equal(await statusOf(secret), 429)
  assert.equal(await from('203.0.113.8').statusOf(secret), 200)
})
