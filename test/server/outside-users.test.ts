/** What is kept of users from elsewhere, and what follows from what their source says, on SQLite and on PostgreSQL, by several nodes. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LogRecord } from 'grantry-server'
import { MemoryStore } from 'grantry/storage/memory'
import { SessionLinks } from '../../packages/server/src/accounts/session-links.ts'
import { Users } from '../../packages/server/src/users/users.ts'
import type { SourceUser } from '../../packages/server/src/users/user-source.ts'
import { backends } from './table-backends.ts'

const local = { login: () => undefined }
const attempt = { username: '', password: '', matches: async () => true }

for (const [name, makeBackend, skip] of backends) {
  describe(`Users on ${name}`, { skip }, () => {
    const backend = makeBackend()
    before(() => backend.open())
    after(() => backend.close())
    let realms = 0

    /** Nodes with one database and one source, in which there is Ann. */
    const cluster = () => {
      const tables = backend.tables(`outside${realms++}`)
      const clock = { now: 1_800_000_000 }
      const now = (): number => clock.now
      const store = new MemoryStore()
      const links = new SessionLinks({ ...tables, store }, now, () => undefined)
      const ann: SourceUser = { id: '7', username: 'ann', version: 'one', claims: { name: 'Ann' } }
      const records: LogRecord[] = []
      const there: { user: SourceUser | undefined } = { user: ann }
      const source = { login: () => there.user, find: () => there.user }
      const { accounts, outside, users: directory } = tables
      const node = () =>
        new Users({ local, source, accounts, outside, directory, links, now, log: (record) => records.push(record) })
      const start = async (users: Users): Promise<() => Promise<boolean>> => {
        const known = (await users.login(attempt)) ?? assert.fail()
        const id = await accounts.startSession(known, clock.now)
        return async () => (await accounts.findSession(id, clock.now)) !== undefined
      }
      return { ann, there, clock, tables, records, node, start }
    }

    test('many first logins at once -> one user, and all sessions live', async () => {
      const { node, start } = cluster()
      const isLive = await Promise.all(Array.from({ length: 8 }, () => start(node())))
      assert.deepEqual(new Set(await Promise.all(isLive.map((each) => each()))), new Set([true]))
    })

    test('a session shows the name that the source has, also a new one; a name that was given on is shown for both', async () => {
      const { ann, there, tables, node, clock } = cluster()
      const users = node()
      const known = (await users.login(attempt)) ?? assert.fail()
      const id = await tables.accounts.startSession(known, clock.now)
      const shown = async () => (await tables.accounts.findSession(id, clock.now))?.username
      assert.deepEqual([known.id, known.username, await shown()], ['users:7', 'ann', 'ann'])
      there.user = { ...ann, username: 'anna' }
      clock.now += 60
      assert.deepEqual([await users.stateOf('users:7'), await shown()], ['same', 'anna'])
      there.user = { ...ann, id: '8' }
      assert.equal((await users.login(attempt))?.id, 'users:8')
      assert.equal((await tables.accounts.find('ann'))?.id, undefined)
    })

    test('a new version that two nodes see at once ends the sessions once, and no session after it', async () => {
      const { ann, there, clock, node, start } = cluster()
      const [one, two] = [node(), node()]
      const isLive = await start(one)
      await start(two)
      there.user = { ...ann, version: 'two' }
      clock.now += 60
      const states = await Promise.all([one, two].map((users) => users.stateOf('users:7')))
      assert.ok(states.includes('changed'))
      assert.equal(await isLive(), false)
      const isLaterLive = await start(one)
      for (const users of [one, two]) assert.equal(await users.stateOf('users:7'), 'same')
      assert.equal(await isLaterLive(), true)
    })

    test('gone -> sessions are over; back with the old version -> they stay over', async () => {
      const { ann, there, clock, records, node, start } = cluster()
      const users = node()
      const isLive = await start(users)
      there.user = undefined
      clock.now += 60
      assert.equal(await users.stateOf('users:7'), 'gone')
      assert.equal(await users.findClaims('users:7'), undefined)
      assert.deepEqual(records, [{ type: 'source.user_gone', userId: 'users:7' }])
      there.user = ann
      assert.equal(await isLive(), false)
      assert.equal(await users.stateOf('users:7'), 'changed')
      assert.equal(await (await start(users))(), true)
    })

    test('the id of a user is the name of a local one -> an error that says so, and no user', async () => {
      const { tables } = cluster()
      await tables.accounts.create('users:7', 'hash', 1)
      const told = { username: 'ann', version: 'one' }
      await assert.rejects(tables.outside.save('users:7', told, 1), /"users:7" cannot be saved: a user of this server/)
      assert.equal(await tables.outside.find('users:7'), undefined)
    })

    test('many first logins at another provider at once -> one user', async () => {
      const { identities } = cluster().tables
      const key = { issuer: 'https://a.example', subject: '7' }
      await Promise.all(Array.from({ length: 8 }, () => identities.createUser(key, 'ann', {}, 1)))
      assert.ok(await identities.find(key))
    })

    test('claims are those of the source; of local users, those that are kept', async () => {
      const { tables, node } = cluster()
      const id = (await tables.accounts.create('bob', 'hash', 1, { name: 'Bob' })) ?? assert.fail()
      assert.deepEqual(await node().findClaims('users:7'), { preferred_username: 'ann', name: 'Ann' })
      assert.equal((await node().findClaims(id))?.['name'], 'Bob')
      assert.equal(await node().stateOf(id), 'same')
    })

    describe('the last of the ways in', () => {
      const logins = ['https://a.example', 'https://b.example'].map((issuer) => ({ issuer, subject: '7' }))
      const ways = { hasPassword: false, byPasskey: true, issuers: logins.map(({ issuer }) => issuer) }
      /** A user with two logins at other providers and a passkey. */
      const someone = async () => {
        const { identities, passkeys } = cluster().tables
        const [first = assert.fail(), second = assert.fail()] = logins
        await identities.createUser(first, 'ann', {}, 1)
        const { id = '' } = (await identities.find(first)) ?? {}
        await identities.link(second, id, 'ann', 1)
        const passkey = { userId: id, credentialId: 'c', publicKey: new Uint8Array(1), counter: 0, transports: [] }
        await passkeys.create({ ...passkey, name: 'one' }, 1)
        const [made = assert.fail()] = await passkeys.list(id)
        const remove = (by = ways): Promise<boolean> => passkeys.remove(id, made.id, by)
        const unlink = (which: number, by = ways) => identities.unlink(id, logins[which] ?? assert.fail(), by)
        return { id, remove, unlink }
      }

      test('all of them are taken away at once -> one stays, whichever', async () => {
        const { id, remove, unlink } = await someone()
        const own = `user_id = '${id}' FOR UPDATE`
        const lock = `SELECT FROM identity WHERE ${own}; SELECT FROM passkey WHERE ${own}`
        const gone = await backend.atOnce(lock, 3, () => Promise.all([unlink(0), remove(), unlink(1)]))
        assert.equal(gone.filter((each) => each).length, 2)
      })

      const rows: [name: string, by: Partial<typeof ways>, isGone: boolean][] = [
        ['a passkey', {}, true],
        ['a passkey, which logs nobody in here', { byPasskey: false }, false],
        ['a password', { byPasskey: false, hasPassword: true }, true],
      ]
      for (const [left, by, isGone] of rows)
        test(`${left} is left -> a login ${isGone ? 'can' : 'cannot'} be taken away`, async () => {
          const { unlink } = await someone()
          assert.equal(await unlink(0, { ...ways, ...by }), true)
          assert.equal(await unlink(1, { ...ways, ...by }), isGone)
        })

      test('a login at a provider that is not there any more is no way in', async () => {
        const { remove, unlink } = await someone()
        assert.equal(await unlink(0, { ...ways, byPasskey: false, issuers: ['https://a.example'] }), false)
        assert.equal(await remove({ ...ways, issuers: [] }), false)
      })
    })
  })
}
