/** How passwords are kept, which new ones are taken, and what a flood of logins does. */
import assert from 'node:assert/strict'
import { randomBytes, scryptSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { TemporarilyUnavailableError } from 'grantry'
import { bcrypt } from 'hash-wasm'
import { passwordProblem } from '../../packages/server/src/accounts/password-policy.ts'
import { PasswordPool, PasswordPoolBusyError } from '../../packages/server/src/accounts/password-pool.ts'
import { hashPassword, isCurrentHash } from '../../packages/server/src/accounts/password.ts'
import { formatOf, verifyPassword } from '../../packages/server/src/accounts/hash-formats.ts'
import { LocalUsers, type LocalUsersParts } from '../../packages/server/src/users/local-users.ts'
import { passwordAttempt } from '../../packages/server/src/users/compare-password.ts'
import { grantryServer } from './command.ts'
import { startOpenId } from './openid-fixture.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** A hash as the versions before made it. */
const scryptHash = (password: string): string => {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 })
  return `$scrypt$ln=15,r=8,p=3$${base64(salt)}$${base64(hash)}`
}

const bcryptOf72 = await bcrypt({ password: `${'0123456789'.repeat(7)}01`, salt: randomBytes(16), costFactor: 4 })

describe('hashes', () => {
  test('a new one is Argon2id with 19 MiB, two passes and a salt of its own', async () => {
    const [first, second] = [await hashPassword('correct horse'), await hashPassword('correct horse')]
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.notEqual(first, second)
    assert.equal(await verifyPassword('correct horse', first), true)
    assert.equal(await verifyPassword('correct horsf', first), false)
  })

  test('one that the reference program of Argon2 made is known', async () => {
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    assert.equal(await verifyPassword('password', stored), true)
    assert.equal(await verifyPassword('Password', stored), false)
  })

  test('one of the versions before is known, and is not current', async () => {
    const stored = scryptHash('correct horse')
    assert.equal(await verifyPassword('correct horse', stored), true)
    assert.equal(await verifyPassword('correct horsf', stored), false)
    assert.equal(isCurrentHash(stored), false)
  })

  const foreign: [name: string, password: string, stored: string][] = [
    // as published with the first implementation of bcrypt
    ['bcrypt', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['bcrypt, of PHP', 'U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['bcrypt, of which 72 bytes count', `${'0123456789'.repeat(7)}01and more`, bcryptOf72],
    // RFC 7914 §11, in the format of Django
    ['PBKDF2', 'passwd', 'pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='],
  ]
  for (const [name, password, stored] of foreign) {
    test(`${name} -> known`, async () => {
      assert.equal(await verifyPassword(password, stored), true)
      assert.equal(await verifyPassword(`x${password}`, stored), false)
      assert.equal(await verifyPassword('', stored), false)
    })
  }

  for (const [name, one, other, isSame] of [
    ['bcrypt of two libraries', '$2a$12$', '$2y$12$', true],
    ['bcrypt with two costs', '$2a$12$', '$2a$10$', false],
  ] as const) {
    test(`formats: ${name} -> ${isSame ? 'the same' : 'two'}`, () =>
      assert.equal(formatOf(one + '.'.repeat(53)) === formatOf(other + '.'.repeat(53)), isSame))
  }

  for (const stored of [
    '$argon2id$v=19$m=999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    `$2b$31$${'.'.repeat(53)}`,
    `pbkdf2_sha256$9999999$salt$${'A'.repeat(43)}=`,
    `$scrypt$ln=25,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  ]) {
    test(`${stored.slice(0, 34)}… costs too much -> no hash`, () => assert.equal(formatOf(stored), undefined))
  }

  for (const stored of ['', 'plain', '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA', '$2b$10$abc']) {
    test(`a stored ${JSON.stringify(stored)} -> an error, not a login`, () =>
      assert.rejects(verifyPassword('x', stored)))
  }
})

describe('PasswordPool', () => {
  test('more than it has room for -> the rest is refused at once; what is in it is done', async () => {
    const pool = new PasswordPool({ threads: 1, longestQueue: 3 })
    const stored = [await hashPassword('right')]
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => pool.verify('right', stored)))
    const done = results.filter(({ status }) => status === 'fulfilled')
    assert.equal(done.length, 4)
    const refused = results.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    for (const reason of refused) {
      assert.ok(reason instanceof PasswordPoolBusyError)
      assert.ok(reason instanceof TemporarilyUnavailableError) // so that any page answers 503, and not 500
      assert.deepEqual([reason.status, reason.headers], [503, { 'Retry-After': '3' }])
    }
    assert.deepEqual(await pool.verify('wrong', stored), [false])
    await pool.close()
    await assert.rejects(pool.hash('after the end'), PasswordPoolBusyError)
  })

  test('a task that fails is an error, and the next one works', async () => {
    const pool = new PasswordPool({ threads: 1 })
    await assert.rejects(pool.verify('x', ['no hash']), /no hash in a format/)
    assert.match(await pool.hash('x'), /^\$argon2id/)
    await pool.close()
  })

  test('the rest of the program goes on while it works', async () => {
    const pool = new PasswordPool({ threads: 1 })
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await Promise.all(Array.from({ length: 4 }, () => pool.hash('x')))
    isOver = true
    await pool.close()
    assert.ok(turns > 100, String(turns))
  })
})

/** A pool that notes what is asked of it. */
class NotingPool extends PasswordPool {
  readonly asked: (readonly string[])[] = []

  override verify(password: string, stored: readonly string[]): Promise<readonly boolean[]> {
    this.asked.push(stored.map((each) => /^\$\w+/.exec(each)?.[0] ?? each))
    return super.verify(password, stored)
  }
}

const loginAt = (parts: LocalUsersParts) => {
  const users = new LocalUsers(parts)
  return (username: string, password: string) => users.login(passwordAttempt(parts.pool, username, password))
}

for (const [name, makeBackend, skip] of backends) {
  describe(`LocalUsers on ${name}`, { skip }, () => {
    const backend = makeBackend()
    const pool = new NotingPool({ threads: 1 })
    before(() => backend.open())
    after(async () => {
      await backend.close()
      await pool.close()
    })

    test('a scrypt hash is replaced at the login, sessions stay; until then it is compared for everybody', async () => {
      const { accounts, hashes } = backend.tables('upgrade')
      const clock = { now }
      const login = loginAt({ accounts, hashes, pool, now: () => clock.now })
      await accounts.create('old', scryptHash('of old'), now)
      await accounts.create('new', await hashPassword('of new'), now)
      const old = (await accounts.find('old')) ?? assert.fail()
      const session = await accounts.startSession(old, now)
      assert.equal(await login('nobody', 'x'), undefined)
      assert.equal(await login('new', 'wrong'), undefined)
      assert.equal(await login('old', 'wrong'), undefined)
      assert.equal((await accounts.find('old'))?.password, old.password)
      assert.equal((await login('OLD', 'of old'))?.id, old.id)
      assert.deepEqual(pool.asked.splice(0), Array<string[]>(4).fill(['$argon2id', '$scrypt']))
      const replaced = (await accounts.find('old')) ?? assert.fail()
      assert.equal(isCurrentHash(replaced.password), true)
      assert.notEqual(await accounts.findSession(session, now), undefined)
      clock.now += 60
      for (const user of ['nobody', 'new']) await login(user, 'wrong')
      assert.equal((await login('old', 'of old'))?.id, old.id)
      assert.deepEqual(pool.asked.splice(0), Array<string[]>(3).fill(['$argon2id']))
    })

    test('letters are the same however the keyboard makes them', async () => {
      const { accounts, hashes } = backend.tables('letters')
      await accounts.create('ann', await hashPassword('caf\u00e9 au lait'), now)
      const login = loginAt({ accounts, hashes, pool, now: () => now })
      assert.equal((await login('ann', 'cafe\u0301 au lait'))?.username, 'ann')
    })

    test('a password that was changed during the login is not put back', async () => {
      const { accounts, hashes } = backend.tables('race')
      await accounts.create('ann', scryptHash('before'), now)
      const racing = {
        hasScrypt: () => hashes.hasScrypt(),
        replace: async (...given: Parameters<typeof hashes.replace>) => {
          await accounts.setPassword('ann', 'set meanwhile')
          return hashes.replace(...given)
        },
      }
      await loginAt({ accounts, hashes: racing, pool, now: () => now })('ann', 'before')
      assert.equal((await accounts.find('ann'))?.password, 'set meanwhile')
    })
  })
}

describe('new passwords', () => {
  const rows: [name: string, password: string, problem: RegExp | undefined][] = [
    ['12 characters', 'zebra lamp 7', undefined],
    ['11 characters', 'zebra lamp7', /at least 12/],
    ['11 characters that are more code units', '👩‍👩‍👧‍👦é👍🏽abcdefgh', /at least 12/],
    ['12 characters that are more code units', '👩‍👩‍👧‍👦é👍🏽abcdefghi', undefined],
    ['256 characters', 'zebra lamp 7 '.repeat(20).slice(0, 256), undefined],
    ['257 characters', 'zebra lamp 7 '.repeat(20).slice(0, 257), /at most 256/],
    ['a line break', 'zebra lamp\n77', /line breaks/],
    ['few different characters', 'abababababab', /5 different/],
    ['the user name', 'Annabel.Example', /user name/],
    ['the user name, written otherwise', 'ANNABEL.EXAMPLE', /user name/],
    ['the user name, and digits', 'annabel.example2031!', /user name/],
    ['the user name twice', 'annabel.exampleannabel.example', /user name/],
    ['one of the commonest', '1qaz2wsx3edc', /commonest/],
    ['one of the commonest, in capitals', 'ADMINISTRATOR', /commonest/],
    ['one of the commonest, and digits', 'Password1234!', /commonest/],
    ['one of the commonest twice', 'dragondragon', /commonest/],
    ['Cyrillic words', 'зебра лампа сад', undefined],
    ['a made one', 'kX9w_-3mQp0ZrT4vYb7c', undefined],
  ]
  for (const [name, password, problem] of rows) {
    test(`${name} -> ${problem === undefined ? 'taken' : String(problem)}`, async () => {
      const found = await passwordProblem(password, 'annabel.example')
      if (problem === undefined) assert.equal(found, undefined)
      else assert.match(found ?? '', problem)
    })
  }
})

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-passwords-'))
  after(() => rmSync(folder, { recursive: true }))
  const user = async (args: readonly string[], typed: string) => {
    const command = grantryServer(['user', ...args, '--data', folder])
    command.process.stdin?.end(typed)
    return command.ended
  }

  test('--password-stdin: what is piped in is the password, and is not shown', async () => {
    const created = await user(['create', 'ann', '--password-stdin'], 'zebra lamp 7\n')
    assert.deepEqual([created.code, created.stdout], [0, 'user      ann'], created.stderr)
    const { openSqlite } = await import('../../packages/server/src/database/sqlite.ts')
    const isPassword = async (password: string): Promise<boolean> => {
      const data = openSqlite(folder, { create: false })
      const account = (await data.accounts.find('ann')) ?? assert.fail()
      await data.close()
      return verifyPassword(password, account.password)
    }
    assert.equal(await isPassword('zebra lamp 7'), true)
    const reset = await user(['reset-password', 'ann', '--password-stdin'], 'zebra lamp 8')
    assert.deepEqual([reset.code, reset.stdout], [0, 'user      ann'], reset.stderr)
    assert.equal(await isPassword('zebra lamp 8'), true)
  })

  for (const [name, typed, problem] of [
    ['nothing', '', /at least 12/],
    ['the user name', 'annannannann', /user name|different/],
    ['a common one', 'password1234', /commonest/],
  ] as const) {
    test(`--password-stdin with ${name} -> one line that says why`, async () => {
      const { code, stderr, stdout } = await user(['create', 'annannannann', '--password-stdin'], typed)
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, problem)
    })
  }

  test('a password as an argument -> refused', async () => {
    const { code } = await user(['reset-password', 'ann', '--password', 'zebra lamp 7'], '')
    assert.equal(code, 2)
  })
})

describe('a flood of logins', () => {
  test('fills the queue: 503 with Retry-After for the rest, and other pages answer before them', async () => {
    const { server, browser, records } = await startOpenId({ passwordThreads: 1 })
    const who = browser()
    const page = await who.get('/login')
    let pending = 45
    const attempts = Array.from({ length: pending }, async (_, index) => {
      const answer = await who.submit(page, 'login', { username: `user${index}`, password: 'wrong' })
      pending--
      return answer
    })
    for (let index = 0; index < 10; index++) assert.equal((await fetch(`${server.url}/health/ready`)).status, 200)
    assert.ok(pending > 0, 'the logins were over before other pages answered')
    const answers = await Promise.all(attempts)
    const busy = answers.filter(({ status }) => status === 503)
    assert.ok(busy.length >= 5 && busy.length <= 44, String(busy.length))
    for (const { headers, text } of busy) {
      assert.equal(headers.get('retry-after'), '3')
      assert.match(text, /id="login"/)
    }
    assert.equal(answers.filter(({ status }) => status === 400).length, answers.length - busy.length)
    assert.equal(records.filter(({ type }) => type === 'login.busy').length, busy.length)
  })
})
