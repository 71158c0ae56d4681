/** draft-ietf-oauth-client-id-metadata-document-01 §4.4: how long documents are kept, and how often their servers are asked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastReason } from '../support/provider.ts'
import { clientId, good, makeDocumentProvider, publish, site } from './fixture.ts'

const lifetimes: readonly (readonly [cacheControl: string, seconds: number])[] = [
  ['', 300],
  ['max-age=0', 300],
  ['max-age=3600', 3600],
  ['public, max-age=99999999', 86_400],
]
for (const [cacheControl, seconds] of lifetimes) {
  test(`Cache-Control: ${cacheControl || 'none'} → kept for ${seconds} seconds`, async () => {
    const provider = await makeDocumentProvider()
    publish({ headers: { 'cache-control': cacheControl }, body: good })
    const before = site.asked.length
    await provider.authorize()
    provider.clock.now += seconds - 1
    await provider.authorize()
    assert.equal(site.asked.length - before, 1)
    provider.clock.now += 1
    await provider.authorize()
    assert.equal(site.asked.length - before, 2)
  })
}

test('no-store → asked for every time', async () => {
  const provider = await makeDocumentProvider()
  publish({ headers: { 'cache-control': 'no-store' }, body: good })
  const before = site.asked.length
  for (let times = 0; times < 3; times++) assert.equal(await provider.authorize(), 'shown')
  assert.equal(site.asked.length - before, 3)
})

test('a thousand requests at once → one fetch', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: good })
  const before = site.asked.length
  const answers = await Promise.all(Array.from({ length: 1000 }, () => provider.authorize()))
  assert.ok(answers.every((answer) => answer === 'shown'))
  assert.equal(site.asked.length - before, 1)
})

test('documents that do not exist, one after the other → their host is asked 60 times a minute', async () => {
  const provider = await makeDocumentProvider()
  publish({ status: 404, body: '' })
  const before = site.asked.length
  for (let times = 0; times < 80; times++) await provider.authorize({ client_id: `${clientId}/${times}` })
  assert.equal(site.asked.length - before, 60)
  assert.equal(lastReason(provider), 'client_document_unavailable')
  provider.clock.now += 60
  publish({ body: good })
  assert.equal(await provider.authorize(), 'shown')
})

test('a document that changed is another client from then on, and one that is gone is none', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: good })
  const find = async () =>
    provider.server.clientDocuments?.find(clientId, { endpoint: 'token', now: provider.clock.now })
  const first = await find()
  assert.equal(first?.metadataDocument?.host, `127.0.0.1:${site.port}`)
  assert.equal(first.metadataDocument.isLoopbackOnly, false)
  provider.clock.now += 300
  publish({ body: { ...good, software_version: '2' } })
  assert.equal((await find())?.metadataDocument?.digest, first.metadataDocument.digest)
  provider.clock.now += 300
  publish({ body: { ...good, redirect_uris: ['http://127.0.0.1/cb', 'http://localhost/cb'] } })
  const changed = await find()
  assert.notEqual(changed?.metadataDocument?.digest, first.metadataDocument.digest)
  assert.equal(changed?.metadataDocument?.isLoopbackOnly, true)
  provider.clock.now += 300
  publish({ status: 404, body: '' })
  await assert.rejects(find(), { reason: 'client_document_unusable' })
})
