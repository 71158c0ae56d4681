/** What is remembered of consents, and the secret that nodes have in common, on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Consent } from '../../packages/server/src/accounts/consent-store.ts'
import { isCovered, mergeConsent } from '../../packages/server/src/http/consent-terms.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const key = { userId: 'ann', clientId: 'app' }
const terms: Consent = { scopes: ['openid', 'read'], resources: [], claims: [], receivers: ['app.example'] }

for (const [name, makeBackend, skip] of backends) {
  describe(`ConsentStore on ${name}`, { skip }, () => {
    const backend = makeBackend()
    let realms = 0
    const fresh = () => backend.tables(`realm${realms++}`)
    before(() => backend.open())
    after(() => backend.close())

    test('is found for its user, client and realm only, as it was given', async () => {
      const { consents } = fresh()
      assert.equal(await consents.remember(key, undefined, terms, now), true)
      assert.deepEqual(await consents.find(key), terms)
      for (const other of [
        { ...key, userId: 'bob' },
        { ...key, clientId: 'x' },
      ])
        assert.equal(await consents.find(other), undefined)
      assert.equal(await fresh().consents.find(key), undefined)
    })

    test('forgetClient forgets those to one client, of its realm alone', async () => {
      const [{ consents }, other] = [fresh(), fresh()]
      const kept = { ...key, clientId: 'app2' }
      for (const each of [key, { ...key, userId: 'bob' }, kept]) await consents.remember(each, undefined, terms, now)
      await other.consents.remember(key, undefined, terms, now)
      await consents.forgetClient('app')
      assert.equal(await consents.find(key), undefined)
      assert.equal(await consents.find({ ...key, userId: 'bob' }), undefined)
      assert.deepEqual([await consents.find(kept), await other.consents.find(key)], [terms, terms])
    })

    test('is replaced only as it was read: of 8 at once, one is remembered', async () => {
      const { consents } = fresh()
      const race = async (previous: Consent | undefined, round: string): Promise<Consent> => {
        const all = Array.from({ length: 8 }, (_, index) => ({ ...terms, claims: [`${round}${index}`] }))
        const done = await Promise.all(all.map((next) => consents.remember(key, previous, next, now)))
        assert.equal(done.filter((isDone) => isDone).length, 1, round)
        return all[done.indexOf(true)] ?? assert.fail()
      }
      const second = await race(await race(undefined, 'first'), 'second')
      assert.deepEqual(await consents.find(key), second)
      assert.equal(await consents.remember(key, { ...terms, scopes: [] }, terms, now), false)
    })

    test('of 8 secrets made at once, the first one counts; it can be sealed anew', async () => {
      const { secrets } = fresh()
      await Promise.all(Array.from({ length: 8 }, (_, index) => secrets.create('server', String(index), now)))
      const kept = await secrets.find('server')
      await secrets.create('server', 'later', now)
      assert.equal(await secrets.find('server'), kept)
      await secrets.reseal('server', 'again')
      assert.equal(await secrets.find('server'), 'again')
      assert.equal(await secrets.find('other'), undefined)
    })
  })
}

const covered: [name: string, asked: Partial<Consent>, isCovered: boolean][] = [
  ['the same', {}, true],
  ['fewer scopes', { scopes: ['read'] }, true],
  ['more scopes', { scopes: ['openid', 'read', 'write'] }, false],
  ['a resource more', { resources: ['https://api.example'] }, false],
  ['a claim more', { claims: ['email'] }, false],
  ['another receiver', { receivers: ['evil.example'] }, false],
]
for (const [name, asked, expected] of covered) {
  test(`covered: ${name} -> ${expected}`, () => assert.equal(isCovered({ ...terms, ...asked }, terms), expected))
}

const merged: [name: string, asked: Partial<Consent>, granted: string[], scopes: string[]][] = [
  ['a new scope is added', { scopes: ['write'] }, ['write'], ['openid', 'read', 'write']],
  ['one that was refused now is gone', { scopes: ['read', 'write'] }, ['write'], ['openid', 'write']],
  ['for another resource: nothing of before counts', { scopes: ['write'], resources: ['r'] }, ['write'], ['write']],
  ['for another receiver: nothing of before counts', { scopes: ['write'], receivers: ['x'] }, ['write'], ['write']],
]
for (const [name, asked, granted, scopes] of merged) {
  test(`merged: ${name}`, () => {
    const next = mergeConsent(terms, { ...terms, ...asked }, granted)
    assert.deepEqual(next, { ...terms, ...asked, scopes })
  })
}
