/** OpenID Connect CIBA Core §10.2, §10.3: clients that are told, and clients that are sent their tokens. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { startOtherServer } from '../support/other-server.ts'
import { body, form, text } from '../support/requests.ts'
import { decide, good, makeBank, poll, start, type Bank } from './fixture.ts'

interface Told {
  readonly path: string
  readonly authorization: string | undefined
  readonly members: Readonly<Record<string, string>>
}

const told: Told[] = []
const readText = async (message: IncomingMessage): Promise<string> => {
  let all = ''
  for await (const chunk of message) all += String(chunk as Buffer)
  return all
}
const take = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
  const members = JSON.parse(await readText(message)) as Record<string, string> // JSON by §10
  const path = message.url ?? ''
  told.push({ path, authorization: message.headers.authorization, members })
  if (path === '/moved') response.writeHead(307, { location: '/ping' }).end()
  else response.writeHead(path === '/closed' ? 401 : 204).end()
}
const client = await startOtherServer((message, response) => void take(message, response))
const host = `127.0.0.1:${client.port}`

const token = '8d67dc78-7faa-4d41-aabd-67707b374255'
const makeTold = (): Promise<Bank> =>
  makeBank({ deliveries: ['poll', 'ping', 'push'] }, { outbound: { allowPrivateHosts: [host] } })

const ask = async (bank: Bank, delivery: 'ping' | 'push', path: string) => {
  const headers = await bank.add({
    id: 'told',
    backchannel: { delivery, notificationEndpoint: `http://${host}${path}` },
  })
  told.length = 0
  const response = await start(bank, { ...good, client_notification_token: token }, headers)
  assert.equal(response.status, 200, response.body)
  return { headers, id: text(response, 'auth_req_id'), response }
}

const outcome = ({ events }: Bank) => events.findLast(({ type }) => type.startsWith('backchannel.'))?.type

describe('ping', () => {
  for (const approved of [true, false]) {
    test(`tells the client once that the user decided (${approved ? 'yes' : 'no'}), by its token; then it asks (§10.2)`, async () => {
      const bank = await makeTold()
      const { headers, id } = await ask(bank, 'ping', '/ping')
      assert.equal(await decide(bank, approved), true)
      assert.deepEqual(told, [{ path: '/ping', authorization: `Bearer ${token}`, members: { auth_req_id: id } }])
      assert.equal(outcome(bank), 'backchannel.delivered')
      assert.equal((await poll(bank, id, headers)).status, approved ? 200 : 400)
    })
  }

  for (const path of ['/moved', '/closed']) {
    test(`${path}: no redirect is followed, nothing is tried again, and the client may still ask`, async () => {
      const bank = await makeTold()
      const { headers, id } = await ask(bank, 'ping', path)
      await decide(bank)
      assert.deepEqual([told.map((each) => each.path), outcome(bank)], [[path], 'backchannel.failed'])
      assert.equal((await poll(bank, id, headers)).status, 200)
    })
  }

  test('an address that is not public is not asked', async () => {
    const bank = await makeBank()
    const backchannel = { delivery: 'ping', notificationEndpoint: 'https://127.0.0.1/ping' } as const
    const headers = await bank.add({ id: 'inside', backchannel })
    await start(bank, { ...good, client_notification_token: token }, headers)
    assert.equal(await decide(bank), true)
    assert.equal(outcome(bank), 'backchannel.failed')
  })

  const bad: [name: string, value: string][] = [
    ['none', ''],
    ['one with a space', 'a b'],
    ['one of 1025 characters', 'a'.repeat(1025)],
  ]
  for (const [name, client_notification_token] of bad) {
    test(`${name} for a client_notification_token → invalid_request (§7.1)`, async () => {
      const bank = await makeTold()
      const { headers } = await ask(bank, 'ping', '/ping')
      const response = await start(bank, { ...good, client_notification_token }, headers)
      assert.equal(body(response)['error'], 'invalid_request')
    })
  }
})

describe('push', () => {
  test('sends the tokens, and an ID token that names the request and the refresh token; polls are refused (§10.3.1)', async () => {
    const bank = await makeTold()
    const { headers, id, response } = await ask(bank, 'push', '/push')
    assert.ok(!('interval' in body(response)))
    assert.equal(body(await poll(bank, id, headers))['error'], 'unauthorized_client')
    await decide(bank)
    const members = told[0]?.members ?? {}
    assert.deepEqual([told.length, told[0]?.authorization, members['auth_req_id']], [1, `Bearer ${token}`, id])
    const half = (value = '') => createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')
    const claims = decodeJwt(members['id_token'] ?? '')
    assert.deepEqual(
      [
        claims.sub,
        claims['urn:openid:params:jwt:claim:auth_req_id'],
        claims['urn:openid:params:jwt:claim:rt_hash'],
        claims['at_hash'],
      ],
      ['alice', id, half(members['refresh_token']), half(members['access_token'])],
    )
    const grant = { grant_type: 'refresh_token', refresh_token: members['refresh_token'] ?? '' }
    const refreshed = await bank.server.createTokenResponse(form(grant, headers))
    assert.equal(decodeJwt(text(refreshed, 'id_token'))['urn:openid:params:jwt:claim:auth_req_id'], undefined)
  })

  test('sends access_denied where the user says no (§12)', async () => {
    const bank = await makeTold()
    const { id } = await ask(bank, 'push', '/push')
    await decide(bank, false)
    assert.deepEqual(told[0]?.members, { auth_req_id: id, error: 'access_denied' })
  })
})
