/** Users of a table or view of the operator, in SQLite and in PostgreSQL. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { StartError, startServer, type LogRecord } from 'grantry-server'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { openUserDatabase, type UserDatabase } from '../../packages/server/src/users/user-database.ts'
import { viewSource } from '../../packages/server/src/users/view-source.ts'
import type { UserView } from '../../packages/server/src/users/user-view.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { grantryServer } from './command.ts'
import { urlOf } from './nodes.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-view-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** bcrypt of `U*U`, as it was published with the first implementation. */
const hash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
/** PBKDF2 of `passwd` (RFC 7914 §11). */
const otherHash = 'pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw='

const rows = `
  (42, 'ann@example.com', '${hash}', true, 'Ann', true),
  (43, 'bob@example.com', '${hash}', false, 'Bob', false),
  (44, 'eve@example.com', '!', true, NULL, NULL),
  (45, 'two@example.com', '${hash}', true, 'One', true),
  (46, 'two@example.com', '${hash}', true, 'Two', true),
  (47, 'none@example.com', NULL, true, 'None', true),
  (48, 'ida@example.com', '${otherHash}', true, 'Ida', true)`
const columns = `"user id" integer primary key, "E""mail" text, pass text, "is active" boolean, name text, checked boolean`

const view: UserView = {
  ...{ table: 'app.login users', id: 'user id', username: 'E"mail', password: 'pass', active: 'is active' },
  claims: { name: 'name', email: 'E"mail', email_verified: 'checked' },
}

interface Backend {
  open(): Promise<void>
  /** What `--user-database` is. */
  url(): string
  run(statement: string): Promise<void>
  close(): Promise<void>
}

const sqlite = (): Backend => {
  const path = join(folder, 'app.db')
  const run = async (statement: string): Promise<void> => {
    const database = new DatabaseSync(path)
    database.exec(statement)
    database.close()
  }
  return {
    open: () => run(`CREATE TABLE "app.login users" (${columns}); INSERT INTO "app.login users" VALUES ${rows}`),
    url: () => path,
    run,
    close: async () => undefined,
  }
}

const postgres = (): Backend => {
  let server: PostgresServer
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client(server.connection)
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  return {
    async open() {
      server = await startPostgres()
      await run(
        `CREATE SCHEMA app; CREATE TABLE app."login users" (${columns}); INSERT INTO app."login users" VALUES ${rows};
        CREATE TABLE app.typed (id uuid, email text, pass bytea, hash text, birthdate date, changed timestamptz, extra jsonb);
        INSERT INTO app.typed VALUES ('5f0c8a3e-54b7-4f0c-9f0e-0d8d7a1c2b3d', 'uma@example.com', '\\x00', '${hash}',
          '1990-02-03', '2026-01-02T03:04:05Z', '{"team": "red"}')`,
      )
    },
    url: () => urlOf(server),
    run,
    close: () => server.remove(),
  }
}

const backends: [name: string, make: () => Backend, skip: string | false][] = [
  ['SQLite', sqlite, false],
  ['PostgreSQL', postgres, whyNoPostgres ?? false],
]

for (const [name, make, skip] of backends) {
  describe(`a view on ${name}`, { skip }, () => {
    const backend = make()
    const records: LogRecord[] = []
    let database: UserDatabase
    before(async () => {
      await backend.open()
      const log = (record: LogRecord): void => void records.push(record)
      database = await openUserDatabase(resolveSettings({ userView: view, userDatabase: backend.url(), log }))
    })
    after(async () => {
      await database.close()
      await backend.close()
    })
    const open = (change: Partial<UserView> = {}) =>
      viewSource(database, { ...view, ...change }, (record) => records.push(record))
    /** Logs in where the password would be right, and notes what was compared. */
    const login = async (username: string, change: Partial<UserView> = {}) => {
      const compared: [string | undefined, readonly string[]][] = []
      const matches = async (...given: [string | undefined, readonly string[]]): Promise<boolean> => {
        compared.push(given)
        return given[0] === hash
      }
      const found = await (await open(change)).login({ username, password: '', matches })
      return { found, compared }
    }

    test('a user with the right password, and who is not there; a hash of each format is compared', async () => {
      const formats = [hash, otherHash]
      const version = hash
      const ann = await login('ann@example.com')
      assert.deepEqual(ann.found, { id: '42', username: 'ann@example.com', version })
      assert.deepEqual(ann.compared, [[hash, formats]])
      assert.deepEqual(await login('nobody@example.com'), { found: undefined, compared: [[undefined, formats]] })
    })

    for (const [who, username] of [
      ['one who is not active', 'bob@example.com'],
      ['one without a password', 'none@example.com'],
      ['one whose password is no hash', 'eve@example.com'],
      ['a wrong password', 'ida@example.com'],
      ['a name in other letters', 'ANN@example.com'],
      ['a name with SQL in it', `x' OR '1'='1`],
      ['a name with NUL', 'ann@example.com\0'],
    ] as const) {
      test(`${who} -> not logged in, after a comparison`, async () => {
        const { found, compared } = await login(username)
        assert.deepEqual([found, compared.length], [undefined, 1])
      })
    }

    test('what is no hash is logged, without it', () =>
      assert.deepEqual(
        records.filter(({ type }) => type === 'source.hash_unknown'),
        [{ type: 'source.hash_unknown', userId: 'users:44' }],
      ))

    test('lowercase: what is typed is in lower case', async () =>
      assert.equal((await login('ANN@example.com', { lowercase: true })).found?.id, '42'))

    test('two rows with a name -> an error: nobody knows who is meant', async () => {
      await assert.rejects(login('two@example.com'), /two rows have the same name/)
      assert.equal((await (await open()).find('45'))?.claims['name'], 'One')
    })

    test('by id: claims in the types of claims; not one who is not active', async () => {
      const source = await open()
      const claims = { name: 'Ann', email: 'ann@example.com', email_verified: true }
      const login = { id: '42', username: 'ann@example.com', version: hash }
      assert.deepEqual(await source.find('42'), { ...login, claims })
      assert.deepEqual((await source.find('44'))?.claims, {
        name: undefined,
        email: 'eve@example.com',
        email_verified: undefined,
      })
      assert.deepEqual([await source.find('43'), await source.find('4711')], [undefined, undefined])
    })

    test('version: another column', async () =>
      assert.equal((await login('ann@example.com', { version: 'name' })).found?.version, 'Ann'))

    for (const [what, change, problem] of [
      ['a table that there is not', { table: 'app.logins' }, /there is no table or view app\.logins in /],
      ['SQL for a table', { table: 'app.login users" --' }, /there is no table or view app\.login users" -- in /],
      [
        'a column that there is not',
        { password: 'passs' },
        /has no column "passs"\. Did you mean "pass"\? There are: user id, E"mail, /,
      ],
      [
        'a column of a claim that there is not',
        { claims: { name: 'nam' } },
        /has no column "nam"\. Did you mean "name"\?/,
      ],
    ] as const) {
      test(`${what} -> the start ends, with its name`, () => assert.rejects(open(change), problem))
    }

    test('nothing can be written', () =>
      assert.rejects(
        database.statements
          .insertInto('app.login users' as never)
          .defaultValues()
          .execute(),
      ))
  })
}

describe('a view on PostgreSQL with other types', { skip: whyNoPostgres ?? false }, () => {
  const backend = postgres()
  before(() => backend.open())
  after(() => backend.close())
  const typed: UserView = {
    ...{ table: 'app.typed', id: 'id', username: 'email', password: 'hash' },
    claims: { updated_at: 'changed', extra: 'extra', photo: 'pass' },
  }

  test('uuid, times and JSON; bytes are no claim', async () => {
    const database = await openUserDatabase(
      resolveSettings({ userView: typed, userDatabase: backend.url(), log: () => undefined }),
    )
    const source = await viewSource(database, typed, () => undefined)
    const { claims } = (await source.find('5f0c8a3e-54b7-4f0c-9f0e-0d8d7a1c2b3d')) ?? assert.fail()
    assert.deepEqual(claims, { updated_at: 1_767_323_045, extra: { team: 'red' }, photo: undefined })
    await assert.rejects(async () => source.find('no uuid'), /invalid input syntax/) // an error, not a user who is gone
    await database.close()
  })

  test('a role that may not read the table -> the start ends, with what the database says', async () => {
    await backend.run('CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA app TO reader')
    const url = backend.url().replace(/\/\/\w+@/, '//reader@')
    const database = await openUserDatabase(
      resolveSettings({ userView: typed, userDatabase: url, log: () => undefined }),
    )
    await assert.rejects(
      viewSource(database, typed, () => undefined),
      /app\.typed in .* cannot be read: permission denied/,
    )
    await database.close()
  })
})

describe('a server with a view', () => {
  const path = join(folder, 'shop.db')
  const shop = new DatabaseSync(path)
  shop.exec(`CREATE TABLE customer (id integer primary key, email text, hash text, gone integer);
    INSERT INTO customer VALUES (7, 'ann@shop.example', '${hash}', 0);
    CREATE VIEW login AS SELECT id, email, hash, NOT gone AS active FROM customer`)
  after(() => shop.close())
  const userView = { table: 'login', id: 'id', username: 'email', password: 'hash', active: 'active' }
  const config = (change: object): string => {
    const file = join(folder, `${Math.random()}.json`)
    writeFileSync(
      file,
      JSON.stringify({ port: 0, data: join(folder, 'data'), userView, userDatabase: path, ...change }),
    )
    return file
  }
  const start = async (change: object) => startServer(readConfig({ config: config(change), env: {} }).options)

  test('log in, go on as users:7, and be out a minute after the operator said so', async () => {
    const openid = await startOpenId({ userView, userDatabase: path })
    const browser = openid.browser()
    const page = await browser.clickThrough(openid.path({ scope: 'openid email' }), 'ann@shop.example', 'U*U')
    const tokens = await openid.redeem(page)
    assert.equal((await openid.claimsOf(tokens['id_token'])).sub, 'users:7')
    shop.exec('UPDATE customer SET gone = 1')
    clock.now += 60
    assert.equal((await browser.get('/account')).status, 303)
    const wrong = await browser.submit(await browser.get('/login'), 'login', {
      username: 'ann@shop.example',
      password: 'U*U',
    })
    assert.equal(wrong.status, 400)
    shop.exec('UPDATE customer SET gone = 0')
  })

  for (const [what, change, problem] of [
    [
      'a column that there is not',
      { userView: { ...userView, password: 'hsh' } },
      /userView: login in .*shop\.db has no column "hsh"\. Did you mean "hash"\?/,
    ],
    [
      'a member that there is not',
      { userView: { ...userView, passwrd: 'hash' } },
      /userView: there is no "passwrd" in userView\. Did you mean "password"\?/,
    ],
    ['no columns', { userView: { table: 'login' } }, /userView\.id must be text/],
    [
      'a claim that is the server’s',
      { userView: { ...userView, claims: { sub: 'email' } } },
      /userView\.claims must not have sub/,
    ],
    [
      'a file that there is not',
      { userDatabase: join(folder, 'none.db') },
      /--user-database: there is no file .*none\.db/,
    ],
    ['a URL that is none', { userDatabase: 'postgres://[' }, /--user-database must be a URL of PostgreSQL.*not shown/],
    ['a database without a view', { userView: undefined }, /--user-database is set and userView is not/],
  ] as const) {
    test(`${what} -> the start ends, and says so`, () =>
      assert.rejects(start(change), (thrown: unknown) => {
        assert.ok(thrown instanceof StartError && thrown.exitCode === 2)
        assert.match(thrown.message, problem)
        return true
      }))
  }

  test('grantry-server user create -> refused: users are made elsewhere', async () => {
    const { code, stderr } = await grantryServer(['user', 'create', 'bob', '--config', config({})]).ended
    assert.equal(code, 1)
    assert.match(stderr, /Users come from elsewhere/)
  })
})
