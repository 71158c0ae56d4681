/** OpenID Connect Registration §5: the document of a sector lists the redirect URIs of all its clients. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client } from 'grantry'
import { lastReason } from '../support/provider.ts'
import { startOtherServer } from '../support/other-server.ts'
import { errorOf, good, makeRegistrar, told } from '../support/registration.ts'

const json = { 'content-type': 'application/json' }
let listed = ['https://app.example/cb', 'https://other.example/cb']
const other = await startOtherServer((request, response) => {
  if (request.url === '/redirect') return response.writeHead(302, { location: '/sector' }).end()
  if (request.url === '/silent') return undefined
  if (request.url === '/missing') return response.writeHead(404, json).end()
  if (request.url === '/html')
    return response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(listed))
  if (request.url === '/object') return response.writeHead(200, json).end(JSON.stringify({ uris: listed }))
  if (request.url === '/numbers') return response.writeHead(200, json).end(JSON.stringify([...listed, 7]))
  if (request.url === '/broken') return response.writeHead(200, json).end('[')
  if (request.url === '/huge') return response.writeHead(200, json).end(JSON.stringify([...listed, 'x'.repeat(70_000)]))
  return response.writeHead(200, json).end(JSON.stringify(listed))
})
/** The document is https by rule; the name is allowed to be this machine, and the guarded client is told where it is. */
const host = `sector.example:${other.port}`

// The other server speaks http, so the registrar rewrites nothing: a policy puts the http URL where the client had https.
const makeSectors = () =>
  makeRegistrar(
    {
      subjectTypes: ['public', 'pairwise'],
      policy: (draft) => ({ ...draft, sectorIdentifierUri: draft.sectorIdentifierUri?.replace('https:', 'http:') }),
    },
    { outbound: { allowPrivateHosts: [host], resolveHost: async () => ['127.0.0.1'], timeoutMs: 300 } },
  )
const sector = (path: string) => ({
  ...good,
  subject_type: 'pairwise',
  sector_identifier_uri: `https://${host}${path}`,
})

describe('sector_identifier_uri', () => {
  test('a list with all redirect URIs → registered in that sector', async () => {
    const { register, store } = await makeSectors()
    const redirects = { redirect_uris: ['https://app.example/cb', 'https://other.example/cb'] }
    const { id } = told(await register({ ...sector('/sector'), ...redirects }))
    assert.equal((store.findClient(id) as Client).sectorIdentifier, host)
  })

  for (const path of ['/redirect', '/silent', '/missing', '/html', '/object', '/numbers', '/broken', '/huge']) {
    test(`${path} → invalid_client_metadata`, async () => {
      const registrar = await makeSectors()
      assert.equal(errorOf(await registrar.register(sector(path))), 'invalid_client_metadata')
      assert.equal(lastReason(registrar), 'sector_identifier_unusable')
    })
  }

  test('a redirect URI that is not listed → invalid_client_metadata, at registration and at an update', async () => {
    const { register, manage, clock } = await makeSectors()
    const foreign = { ...sector('/sector'), redirect_uris: ['https://app.example/cb', 'https://evil.example/cb'] }
    assert.equal(errorOf(await register(foreign)), 'invalid_client_metadata')
    const { id, token } = told(await register(sector('/sector')))
    assert.equal(errorOf(await manage('PUT', id, token, { ...foreign, client_id: id })), 'invalid_client_metadata')
    clock.now += 10
    listed = [...listed, 'https://evil.example/cb']
    told(await manage('PUT', id, token, { ...foreign, client_id: id }))
  })

  const forbidden = [
    'http://app.example/s',
    'https://app.example/s#x',
    'https://u:p@app.example/s',
    'file:///etc/passwd',
  ]
  for (const uri of forbidden) {
    test(`${uri} → invalid_client_metadata, and nothing is asked`, async () => {
      const { register } = await makeRegistrar({}, { outbound: { resolveHost: () => assert.fail() } })
      assert.equal(errorOf(await register({ ...good, sector_identifier_uri: uri })), 'invalid_client_metadata')
    })
  }

  for (const inside of ['127.0.0.1', '169.254.169.254', '[::1]', 'localhost', 'rebinding.example']) {
    test(`https://${inside} → the same answer as for any other that cannot be fetched`, async () => {
      const registrar = await makeRegistrar({}, { outbound: { resolveHost: async () => ['10.0.0.1'] } })
      const response = await registrar.register({
        ...good,
        sector_identifier_uri: `https://${inside}:${other.port}/sector`,
      })
      assert.deepEqual(JSON.parse(response.body), {
        error: 'invalid_client_metadata',
        error_description: 'The document at sector_identifier_uri cannot be fetched.',
      })
      const event = registrar.events.at(-1)
      assert.match(event?.type === 'request.refused' ? (event.detail ?? '') : '', /^address: /)
    })
  }

  test('many registrations of one sector → one request', async () => {
    const { register } = await makeSectors()
    const before = other.asked.length
    await Promise.all(Array.from({ length: 40 }, () => register(sector('/sector'))))
    assert.equal(other.asked.length - before, 1)
  })
})
