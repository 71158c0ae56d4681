/** The commands of operators, as they are typed beside a running server. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { grantryServer, type Ended } from './command.ts'
import { grantTo, isActive, newPerson, places, post, refusalOf, type Granted, type Place } from './admin-fixture.ts'

const [, open] = places[0] ?? assert.fail()
let place: Place
let granted: Granted

const run = (...args: string[]): Promise<Ended> => {
  const options = ['--data', place.server.data]
  return grantryServer([...args.slice(0, 2), ...options, ...args.slice(2)], {
    GRANTRY_KEY_ENCRYPTION_KEYS: 'k'.repeat(43),
  }).ended
}

const printed = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

/** What a command prints for people, with a colon for the spaces that align it. */
const shown = async (...args: string[]): Promise<string> => (await printed(...args)).replaceAll(/ {2,}/g, ': ')

/** What it prints for programs. */
const json = async <Value>(...args: string[]): Promise<Value> => JSON.parse(await printed(...args, '--json')) as Value

before(async () => {
  place = await open()
  const ann = await newPerson(place, 'ann')
  place.clock.now = Math.floor(Date.now() / 1000) // the commands have the clock of the machine
  granted = await grantTo(place, ann)
})
after(() => place.close())

describe('for people and for programs', { concurrency: 2 }, () => {
  test('user show, list', async () => {
    const text = await shown('user', 'show', 'Ann')
    assert.match(text, /^username: ann$[^]*^email: ann@example.com[^]*^logged in: last used[^]*^app: scopes: allowed$/m)
    const { items, next } = await json<{ items: { username: string }[]; next: string }>('user', 'list', '--limit', '1')
    assert.deepEqual([items[0]?.username, next], ['ann', 'ann'])
  })

  test('client update: a list replaces the one before, an empty value forgets', async () => {
    await place.admin.clients.create({ id: 'shop', name: 'Shop' })
    const args = ['--name', '', '--redirect-uri', 'https://shop.example/cb', '--scope', 'a', '--scope', 'b']
    const client = await json<Record<string, unknown>>('client', 'update', 'shop', ...args)
    assert.deepEqual([client['name'], client['scopes'], client['secrets']], [undefined, ['a', 'b'], 1])
  })

  test('grant list, token inspect', async () => {
    const { items } = await place.admin.grants.list({ clientId: 'app' })
    const grants = await shown('grant', 'list', '--user', 'ann', '--client', 'app')
    assert.match(grants, new RegExp(`^${items[0]?.id ?? ''}: app: user_`, 'm'))
    const token = await shown('token', 'inspect', granted.access)
    assert.match(token, /^active: yes$[^]*^clientId: app$[^]*^username: ann$/m)
  })

  const refused: [args: string[], code: number, text: RegExp][] = [
    [['client', 'show', 'appp'], 1, /There is no client "appp" in \S+. Did you mean "app"\?$/],
    [['client', 'delete', 'app'], 2, /To delete the client "app" cannot be undone. Say --yes to do it.$/],
    [
      ['client', 'create', '--scope', 'grantry:admin'],
      2,
      /--scope must not have "grantry:admin": it is given by admin/,
    ],
    [['client', 'create', '--admin', 'write', '--public'], 2, /--admin needs a client with a secret/],
    [['user', 'show', 'anne'], 1, /There is no user "anne" in \S+. Did you mean "ann"\?$/],
    [['grant', 'list', '--user', 'ann', '--cursor', 'x'], 2, /--cursor must be what a page before said/],
    [['grant', 'revoke'], 2, /Name --user, --client or both/],
  ]
  for (const [args, code, text] of refused)
    test(`${args.join(' ')} -> one line, exit code ${code}`, async () => {
      const ended = await run(...args)
      assert.deepEqual([ended.code, ended.stdout, ended.stderr.trimEnd().split('\n').length], [code, '', 1])
      assert.match(ended.stderr.trimEnd(), text)
    })
})

test('client disable, token revoke, grant revoke, user delete', async () => {
  assert.equal(await shown('client', 'disable', 'app'), 'disabled: app')
  assert.equal((await post(place, '/token', { grant_type: 'client_credentials' })).status, 401)
  await place.admin.clients.setDisabled('app', false)
  assert.match(await shown('token', 'revoke', granted.access), /^active: no: it was revoked/)
  assert.equal(await isActive(place, granted.access), false)
  assert.equal(await shown('grant', 'revoke', '--user', 'ann', '--yes'), 'revoked: 1')
  assert.equal(await shown('user', 'delete', 'ann', '--yes'), 'deleted: ann')
  assert.equal(await refusalOf(place.admin.users.show('ann')), 'not_found')
})
