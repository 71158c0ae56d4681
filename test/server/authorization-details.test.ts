/** Rich authorization requests (RFC 9396) on the consent page and the page of devices, and policies of resources, by the configuration. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { findForm, type Page } from './browser.ts'
import { reached, startOpenId } from './openid-fixture.ts'

const authorizationDetails = {
  payment: {
    title: { en: 'Make a payment', de: 'Eine Zahlung ausführen' },
    schema: {
      properties: {
        amount: { type: 'string', pattern: '^\\d+\\.\\d\\d$', title: 'Amount' },
        to: { type: 'object', properties: { iban: { type: 'string' } }, required: ['iban'] },
      },
      required: ['amount', 'to'],
    },
  },
  files: { title: 'Read files', schema: { properties: { actions: { type: 'array', items: { type: 'string' } } } } },
}
const payment = { type: 'payment', amount: '12.50', to: { iban: '<b>DE02</b>' } }
const files = { type: 'files', actions: ['read', 'list'] }

const [filesApi, payApi] = ['https://files.example', 'https://pay.example']
const openid = await startOpenId({
  authorizationDetails,
  resources: [filesApi, payApi],
  severalResources: 'split',
  resourcePolicies: {
    [filesApi]: { scopes: ['read'], tokenFormat: 'opaque', tokenExpiresIn: 60 },
    [payApi]: { scopes: ['write'], tokenSigningAlgorithm: 'ES256' },
  },
})
const types = { authorizationDetailsTypes: ['payment', 'files'] }
for (const id of ['app', 'spa']) await openid.changeClient(id, types)

const asking = (change: Readonly<Record<string, string>> = {}, ...details: readonly object[]) =>
  openid.path({ authorization_details: JSON.stringify(details.length > 0 ? details : [payment, files]), ...change })

/** Submits the consent form with the boxes that are left. */
const submit = async (page: Page, keep: (name: string, value: string) => boolean): Promise<Page> => {
  const who = await loggedIn
  const { fields = [], action = '' } = findForm(page, 'consent') ?? {}
  return who.post(action, [...fields.filter(([name, value]) => keep(name, value)), ['decision', 'approve']])
}
const loggedIn = openid.loggedIn()

describe('the consent page', () => {
  test('says what is asked for in the words of the operator, and escapes what the client chose', async () => {
    const { text } = await (await loggedIn).get(asking())
    assert.match(text, /<legend>Make a payment<\/legend>\s*<dl>\s*<dt>Amount<\/dt>\s*<dd><bdi>12\.50<\/bdi><\/dd>/)
    assert.match(text, /<dt>to: iban<\/dt>\s*<dd><bdi>&lt;b&gt;DE02&lt;\/b&gt;<\/bdi>/)
    assert.match(text, /<legend>Read files<\/legend>\s*<dl>\s*<dt>actions<\/dt>\s*<dd><bdi>read, list<\/bdi>/)
    assert.match(text, /You are asked each time that it wants something like this/)
    const german = await (await loggedIn).get(asking({ ui_locales: 'de' }))
    assert.match(german.text, /<legend>Eine Zahlung ausführen<\/legend>/)
    assert.match(german.text, /Dies erlauben/)
  })

  const rows: [name: string, keep: (name: string, value: string) => boolean, expected: unknown][] = [
    ['all', () => true, [payment, files]],
    ['one of two', (name, value) => name !== 'detail' || value === '1', [files]],
    ['none of them', (name) => name !== 'detail', undefined],
  ]
  for (const [name, keep, expected] of rows) {
    test(`${name} is granted → the token has those; the next request asks again`, async () => {
      const who = await loggedIn
      const answer = await submit(await who.get(asking()), keep)
      assert.deepEqual((await openid.redeem(answer))['authorization_details'], expected)
      assert.equal(reached(await who.get(asking())), 'consent')
    })
  }

  test('no scope and no box → told', async () => {
    const page = await (await loggedIn).get(asking({ scope: '' }))
    assert.doesNotMatch(page.text, /What it may do/)
    assert.match((await submit(page, (name) => name !== 'detail')).text, /at least one box/)
    assert.equal(reached(await submit(page, () => true)), 'code')
  })

  const refused: [name: string, detail: object][] = [
    ['a type that there is not', { type: 'transfer' }],
    ['a member that the schema does not list', { ...payment, fee: '1.00' }],
    ['one inside of another', { ...payment, to: { iban: 'x', bic: 'y' } }],
    ['a member that does not fit', { ...payment, amount: '12' }],
  ]
  for (const [name, detail] of refused) {
    test(`${name} → invalid_authorization_details`, async () => {
      assert.equal(reached(await (await loggedIn).get(asking({}, detail))), 'invalid_authorization_details')
    })
  }

  test('prompt=none → consent_required', async () => {
    const page = await (await loggedIn).get(asking({ prompt: 'none' }))
    assert.equal(reached(page), 'consent_required')
  })
})

test('a device asks for them on its page', async () => {
  const who = await loggedIn
  const asked = { client_id: 'spa', authorization_details: JSON.stringify([payment, files]) }
  const codes = (await openid.post('/device_authorization', asked)) as Record<string, string>
  const page = await who.submit(await who.get('/device'), 'device', { user_code: codes['user_code'] ?? '' })
  assert.match(page.text, /<legend>Make a payment<\/legend>/)
  assert.match((await submit(page, (name) => name !== 'detail')).text, /at least one box/)
  assert.match((await submit(page, (name, value) => name !== 'detail' || value === '0')).text, /is connected/)
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const tokens = await openid.post('/token', { grant_type, client_id: 'spa', device_code: codes['device_code'] ?? '' })
  assert.deepEqual(tokens['authorization_details'], [payment])
})

test('resources have tokens of their own, of one grant (RFC 8707)', async () => {
  const who = await loggedIn
  const two = [filesApi, payApi].map((resource) => `&resource=${encodeURIComponent(resource)}`).join('')
  const page = await who.get(openid.path({ scope: 'read write' }) + two)
  for (const resource of [filesApi, payApi]) assert.match(page.text, new RegExp(`At <strong>${resource}`))
  const first = await openid.redeem(await submit(page, () => true))
  assert.deepEqual([first['scope'], first['expires_in']], ['read', 60])
  assert.equal(String(first['access_token']).includes('.'), false)
  const refresh = { grant_type: 'refresh_token', refresh_token: String(first['refresh_token']), resource: payApi }
  const second = await openid.post('/token', refresh)
  const token = String(second['access_token'])
  assert.deepEqual(
    [second['scope'], decodeProtectedHeader(token).alg, decodeJwt(token).aud],
    ['write', 'ES256', payApi],
  )
  const introspect = (access: unknown) => openid.post('/introspect', { token: String(access) })
  for (const access of [first['access_token'], token]) assert.equal((await introspect(access))['active'], true)
})

describe('the configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-details-'))
  after(() => rmSync(folder, { recursive: true }))
  const read = (value: unknown) => {
    const config = join(folder, 'grantry.json')
    writeFileSync(config, JSON.stringify({ authorizationDetails: value }))
    return readConfig({ config, env: {} }).options.authorizationDetails
  }

  test('a policy of a resource that is not served → refused', () => {
    const options = { resourcePolicies: { [payApi]: {} }, log: () => undefined }
    assert.throws(() => resolveSettings(options), /"https:\/\/pay\.example" is not served\. Name it with --resource/)
  })

  test('has the types', () => assert.deepEqual(read(authorizationDetails), authorizationDetails))

  const refused: [name: string, value: unknown, message: RegExp][] = [
    ['no title', { payment: { schema: {} } }, /authorizationDetails\.payment\.title must be a text/],
    ['no schema', { payment: { title: 'x' } }, /authorizationDetails\.payment\.schema/],
    [
      'a schema that is none',
      { payment: { title: 'x', schema: { properties: { a: { type: 'text' } } } } },
      /authorizationDetails\.payment\.schema must be a JSON Schema/,
    ],
    ['a word that there is not', { payment: { title: 'x', schema: {}, shown: true } }, /authorizationDetails\.payment/],
  ]
  for (const [name, value, message] of refused) {
    test(`${name} → refused, with its place`, () => assert.throws(() => read(value), message))
  }
})
