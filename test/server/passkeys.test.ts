/** Passkeys: what is taken of what authenticators answer, once, by whom and from where; and what they are worth. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MemoryStore } from 'grantry/storage/memory'
import { Passkeys } from '../../packages/server/src/accounts/passkeys.ts'
import { mostPasskeys } from '../../packages/server/src/accounts/passkey-store.ts'
import { SoftwareAuthenticator, type AnswerChange, type AskedOptions } from '../support/software-authenticator.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const origin = 'https://id.example'
const issuer = { url: `${origin}/tenant`, origin }
const device = new SoftwareAuthenticator(origin)
const browser = 'cookie of the login page'

type Made = AskedOptions & { readonly user: { readonly id: string } }

const ways = { hasPassword: true, byPasskey: true, issuers: [] }

for (const [name, makeBackend, skip] of backends) {
  describe(`Passkeys on ${name}`, { skip }, () => {
    const backend = makeBackend()
    before(() => backend.open())
    after(() => backend.close())
    let realms = 0

    const fresh = async () => {
      const { passkeys, accounts } = backend.tables(`passkeys${realms++}`)
      const time = { now }
      const parts = { passkeys, store: new MemoryStore(), issuer, secret: 'server', now: () => time.now }
      const node = new Passkeys(parts)
      const users = { ann: '', bob: '' }
      for (const user of ['ann', 'bob'] as const)
        users[user] = (await accounts.create(user, 'hash', now)) ?? assert.fail()
      const enrol = async (username: keyof typeof users, change: AnswerChange = {}) => {
        const options = await node.createOptions({ id: users[username], username }, 'session', 'Example')
        const { passkey, answer } = device.create(options as unknown as Made, change)
        const owner = { userId: users[username], browser: 'session', name: 'Phone' }
        return { passkey, answer, owner, refusal: await node.enrol(answer, owner) }
      }
      const use = { purpose: 'login', browser } as const
      const ask = async (at: Passkeys = node, how: Parameters<Passkeys['askOptions']>[0] = use) =>
        (await at.askOptions(how)) as unknown as AskedOptions
      return { node, parts, passkeys, accounts, time, users, enrol, ask, use }
    }

    test('made and used -> its user, once, at whichever node of many at once', async () => {
      const { node, parts, enrol, ask, use, users } = await fresh()
      const { passkey, refusal } = await enrol('ann')
      assert.equal(refusal, undefined)
      assert.deepEqual([await node.has(users.ann), await node.has(users.bob)], [true, false])
      const other = new Passkeys(parts)
      const answer = device.get(passkey, await ask())
      const all = await Promise.all([node, other, node, other].map((each) => each.check(answer, use)))
      const [first, ...rest] = all.filter((each) => !('refused' in each))
      assert.deepEqual([first, rest], [{ id: users.ann, username: 'ann', passwordVersion: 1 }, []])
      for (const each of all) if ('refused' in each) assert.equal(each.refused, 'late')
      const [listed] = await node.list(users.ann)
      assert.deepEqual([listed?.name, listed?.createdAt, listed?.lastUsedAt], ['Phone', now, now])
    })

    test('refused: whatever differs from a good answer', async () => {
      const { node, enrol, ask, use, users, parts } = await fresh()
      const { passkey } = await enrol('ann')
      const { passkey: ofBob } = await enrol('bob')
      const unknown = { ...passkey, id: 'AAAA' }
      const later = { ...parts, now: () => now + 3601 }
      const good = async (change: AnswerChange = {}, options?: AskedOptions): Promise<string> =>
        device.get(passkey, options ?? (await ask()), change)
      const rows: [name: string, answer: string, refused: string, use?: Parameters<Passkeys['check']>[1]][] = [
        ['another origin', await good({ origin: 'https://id.example.evil.example' }), 'wrong'],
        ['another port', await good({ origin: 'https://id.example:8443' }), 'wrong'],
        ['http', await good({ origin: 'http://id.example' }), 'wrong'],
        ['another rpId', await good({ rpId: 'example' }), 'wrong'],
        ['another type', await good({ type: 'webauthn.create' }), 'wrong'],
        ['the user was not verified', await good({ flags: 1 }), 'wrong'],
        ['the user was not there', await good({ flags: 4 }), 'wrong'],
        ['a wrong signature', await good({ signature: 'AAAA' }), 'wrong'],
        ['a signature by another key', device.get({ ...passkey, key: ofBob.key }, await ask()), 'wrong'],
        ['a challenge that nobody made', await good({ challenge: 'A'.repeat(75) }), 'wrong'],
        ['a challenge that is too short', await good({ challenge: 'AAAA' }), 'wrong'],
        ['no challenge', await good({ challenge: '' }), 'wrong'],
        ['an unknown passkey', device.get(unknown, await ask()), 'unknown'],
        ['the user handle of another user', await good({ userHandle: ofBob.userHandle }), 'wrong'],
        ['no user handle', await good({ userHandle: undefined }), 'wrong'],
        ['no JSON', 'x', 'wrong'],
        ['JSON of something else', '{"id":1}', 'wrong'],
        ['more than 16 KiB', JSON.stringify('x'.repeat(20_000)), 'wrong'],
        ['another browser', await good(), 'wrong', { ...use, browser: 'another' }],
        ['for another purpose', await good(), 'wrong', { purpose: 'confirm', browser }],
        ['as the second factor of another user', await good(), 'wrong', { purpose: 'second', browser, userId: users.bob }],
        ['the challenge of a second factor', await good({}, await ask(node, { purpose: 'second', browser, userId: users.ann })), 'wrong'],
      ] // prettier-ignore
      for (const [name, answer, refused, how = use] of rows) {
        const outcome = await node.check(answer, how)
        assert.equal('refused' in outcome && outcome.refused, refused, name)
      }
      const late = await new Passkeys(later).check(await good(), use)
      assert.equal('refused' in late && late.refused, 'late')
      assert.deepEqual('id' in (await node.check(await good(), use)), true)
    })

    test('a second factor: of the user alone, also without user handle', async () => {
      const { node, enrol, ask, users } = await fresh()
      const { passkey } = await enrol('ann')
      const second = { purpose: 'second', browser, userId: users.ann } as const
      const options = await ask(node, second)
      assert.match(
        JSON.stringify(options),
        new RegExp(`"allowCredentials":\\[{"type":"public-key","id":"${passkey.id}"`),
      )
      assert.equal('id' in (await node.check(device.get(passkey, options, { userHandle: undefined }), second)), true)
    })

    test('a counter that does not go on -> refused as a copy; of two at once one logs in', async () => {
      const { node, enrol, ask, use } = await fresh()
      const { passkey } = await enrol('ann', { counter: 5 })
      const outcomes: unknown[] = []
      for (const counter of [6, 6, 4, 0, 9]) {
        const outcome = await node.check(device.get(passkey, await ask(), { counter }), use)
        outcomes.push('refused' in outcome ? outcome.refused : counter)
      }
      assert.deepEqual(outcomes, [6, 'copied', 'copied', 'copied', 9])
      const twice = await Promise.all([10, 10].map(async (counter) => node.check(device.get(passkey, await ask(), { counter }), use)))
      assert.deepEqual(twice.map((each) => 'refused' in each).sort(), [false, true])
    }) // prettier-ignore

    const unmade: [name: string, change: AnswerChange][] = [
      ['another origin', { origin: 'https://evil.example' }],
      ['another rpId', { rpId: 'evil.example' }],
      ['another type', { type: 'webauthn.get' }],
      ['the user was not verified', { flags: 0x41 }],
      ['no new key', { flags: 5 }],
      ['a key of no algorithm', { publicKey: Buffer.from('a10102', 'hex') }],
      ['a challenge that nobody made', { challenge: 'A'.repeat(75) }],
    ]
    test('a new passkey is refused where it differs from a good one', async () => {
      const { node, enrol, users } = await fresh()
      for (const [name, change] of unmade) assert.equal((await enrol('ann', change)).refusal?.refused, 'wrong', name)
      assert.equal((await node.enrol('{}', { userId: users.ann, browser: 'session', name: '' }))?.refused, 'wrong')
      assert.equal(await node.has(users.ann), false)
    })

    test('a new passkey again, in another session, for another user, or with the id of one that is there -> refused', async () => {
      const { node, enrol, users, time } = await fresh()
      const made = await enrol('ann')
      assert.equal((await node.enrol(made.answer, made.owner))?.refused, 'late')
      assert.equal((await enrol('bob', { id: made.passkey.id })).refusal?.refused, 'wrong')
      const options = await node.createOptions({ id: users.ann, username: 'ann' }, 'session', 'Example')
      const { answer } = device.create(options as unknown as Made)
      assert.equal((await node.enrol(answer, { ...made.owner, browser: 'another' }))?.refused, 'wrong')
      assert.equal((await node.enrol(answer, { ...made.owner, userId: users.bob }))?.refused, 'wrong')
      time.now += 301
      assert.equal((await node.enrol(answer, made.owner))?.refused, 'late')
    })

    test('as many as there may be, and each is removed by its user alone', async () => {
      const { node, passkeys, enrol, users } = await fresh()
      for (let index = 0; index < mostPasskeys - 1; index++) assert.equal((await enrol('ann')).refusal, undefined)
      assert.equal((await enrol('ann')).refusal, undefined)
      assert.equal((await enrol('ann')).refusal?.refused, 'full')
      assert.equal((await enrol('bob')).refusal, undefined)
      const [first] = await passkeys.list(users.ann)
      assert.equal(await node.remove(users.bob, first?.id ?? '', ways), false)
      assert.equal(await node.remove(users.ann, first?.id ?? '', ways), true)
      assert.equal(await node.remove(users.ann, first?.id ?? '', ways), false)
    })

    test('removed -> it logs nobody in; a new password leaves it', async () => {
      const { node, accounts, enrol, ask, use, users } = await fresh()
      const { passkey } = await enrol('ann')
      await accounts.setPassword('ann', 'another')
      const account = await node.check(device.get(passkey, await ask()), use)
      assert.equal('passwordVersion' in account && account.passwordVersion, 2)
      const [listed] = await node.list(users.ann)
      await node.remove(users.ann, listed?.id ?? '', ways)
      const refused = await node.check(device.get(passkey, await ask()), use)
      assert.equal('refused' in refused && refused.refused, 'unknown')
    })
  })
}

test('at an IP address there are none', () => {
  const parts = { passkeys: {} as never, store: new MemoryStore(), secret: '', now: () => now }
  const at = (url: string): boolean =>
    new Passkeys({ ...parts, issuer: { url, origin: new URL(url).origin } }).isOffered
  const rows = ['https://192.0.2.1', 'http://[::1]:9000', 'http://localhost:9000', 'https://id.example/a']
  assert.deepEqual(rows.map(at), [false, false, true, true])
})
