import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { migrateSqlite, SqliteStore, storeMigrations, StoreError } from 'grantry/storage/sqlite'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-sqlite-'))
after(() => rmSync(folder, { recursive: true }))

const fresh = (name: string): string => {
  const path = join(folder, name)
  const store = new SqliteStore(path)
  void store.putCode(codeRow('code', 'g'), grantRow('g')) // close commits what is waiting
  void store.putTokens({ grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') })
  for (let index = 0; index < 200; index++) void store.putClient({ id: `client${index}`, scopes: ['x'.repeat(100)] })
  store.close()
  return path
}

const other = (name: string): string => {
  const path = join(folder, name)
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE customer (id INTEGER); PRAGMA user_version = 1')
  database.close()
  return path
}

test('what was saved is there after close and open', async () => {
  const store = new SqliteStore(fresh('reopen.db'))
  assert.deepEqual(store.findAccessToken(digestOf('access'), start), accessRow('access', 'g'))
  assert.deepEqual(await store.rotateRefreshToken(rotationOf('1')), { outcome: 'rotated' })
  assert.deepEqual(await store.consumeCode(digestOf('code'), 'app', start), codeRow('code', 'g'))
  store.close()
})

test('the file and its journal are for their owner only', async () => {
  const path = join(folder, 'mode.db')
  const store = new SqliteStore(path)
  await store.putClient({ id: 'app' })
  const files = readdirSync(folder).filter((name) => name.startsWith('mode.db'))
  assert.deepEqual(files.sort(), ['mode.db', 'mode.db-shm', 'mode.db-wal'])
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  store.close()
})

const unusable: [name: string, problem: StoreError['problem'], make: () => string][] = [
  [
    'text',
    'foreign',
    () => {
      const path = join(folder, 'text.db')
      writeFileSync(path, 'hello\n'.repeat(100))
      return path
    },
  ],
  ['a database of another program', 'foreign', () => other('other.db')],
  [
    'first bytes overwritten',
    'foreign',
    () => {
      const path = fresh('header.db')
      writeFileSync(path, Buffer.alloc(32, 1), { flag: 'r+' })
      return path
    },
  ],
  [
    'cut off',
    'corrupt',
    () => {
      const path = fresh('cut.db')
      truncateSync(path, statSync(path).size - 8192)
      return path
    },
  ],
  [
    'pages overwritten',
    'corrupt',
    () => {
      const path = fresh('pages.db')
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xa5, 8192))
      return path
    },
  ],
  [
    'a newer schema',
    'newer',
    () => {
      const path = fresh('newer.db')
      const database = new DatabaseSync(path)
      database.exec(`PRAGMA user_version = ${storeMigrations.migrations.length + 1}`)
      database.close()
      return path
    },
  ],
]

for (const [name, problem, make] of unusable) {
  test(`${name} -> refused as ${problem}, and untouched`, () => {
    const path = make()
    const before = readFileSync(path)
    const refusal = (thrown: unknown) =>
      thrown instanceof StoreError &&
      thrown.problem === problem &&
      thrown.message.startsWith(path) &&
      !thrown.message.includes('\n')
    assert.throws(() => new SqliteStore(path), refusal)
    assert.ok(readFileSync(path).equals(before))
    assert.deepEqual([`${path}-wal`, `${path}-shm`, `${path}-journal`].filter(existsSync), [])
  })
}

/** `grnt` */
const grantryId = 0x67_72_6e_74
for (const version of storeMigrations.migrations.keys()) {
  test(`a file with the first ${version} of the steps of the schema -> is brought up to date`, async () => {
    const path = join(folder, `version${version}.db`)
    const old = new DatabaseSync(path)
    old.exec(`PRAGMA application_id = ${grantryId}; PRAGMA user_version = ${version}`)
    migrateSqlite(old, { ...storeMigrations, migrations: storeMigrations.migrations.slice(0, version) }, path)
    if (version > 0) old.exec("INSERT INTO client VALUES ('', 'old', json_object('id', 'old'))")
    old.close()
    const store = new SqliteStore(path)
    await store.putTokens({ grant: { ...grantRow('g'), sessionId: 's' }, refresh: refreshRow('r', 'g') })
    assert.equal(await store.revokeGrants({ sessionId: 's' }, start), 1)
    assert.deepEqual(await store.findClient('old'), version > 0 ? { id: 'old' } : undefined)
    store.close()
  })
}

for (const [name, path] of [
  ['a folder that is not there', join(folder, 'no', 'x.db')],
  ['a folder', folder],
] as const) {
  test(`${name} -> refused as unopenable`, () => {
    assert.throws(
      () => new SqliteStore(path),
      (thrown) => thrown instanceof StoreError && thrown.problem === 'unopenable',
    )
  })
}

test('no token, code or digest text is in the bytes of the file', async () => {
  const path = join(folder, 'bytes.db')
  const store = new SqliteStore(path)
  await store.putCode(codeRow('the-code-itself', 'g'), grantRow('g'))
  const tokens = { access: accessRow('the-access-itself', 'g'), refresh: refreshRow('the-refresh-itself', 'g') }
  await store.putTokens({ grantId: 'g', ...tokens })
  const bytes = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)])
  assert.ok(bytes.includes(Buffer.from(digestOf('the-code-itself'), 'base64url')))
  for (const token of ['the-code-itself', 'the-access-itself', 'the-refresh-itself']) assert.ok(!bytes.includes(token))
  store.close()
})

const spawnRacer = (path: string, name: string, rounds: number): ChildProcess =>
  fork(new URL('race-process.ts', import.meta.url), [path, name, String(rounds)], {
    execArgv: ['--conditions=grantry-source'],
  })

/** The next message of a process; rejects where it ends without one. */
const messageOf = async (racer: ChildProcess): Promise<unknown> => {
  const ended = once(racer, 'exit').then(([code]) => assert.fail(`a process ended with ${String(code)}`))
  const [message] = (await Promise.race([once(racer, 'message'), ended])) as unknown[]
  ended.catch(() => undefined) // its end after the message is expected
  return message
}

/** Starts processes that open the file at the same time, lets them race, and gives how often each won. */
const race = async (path: string, rounds: number): Promise<readonly { codes: number; rotations: number }[]> => {
  const racers = ['a', 'b'].map((name) => spawnRacer(path, name, rounds))
  try {
    await Promise.all(racers.map(messageOf))
    const results = racers.map(messageOf)
    for (const racer of racers) racer.send('go')
    return (await Promise.all(results)) as { codes: number; rotations: number }[] // sent by race-process.ts
  } finally {
    for (const racer of racers) racer.kill()
  }
}

test('two processes that race on one file: each code and each token is won once', async () => {
  const path = join(folder, 'race.db')
  const store = new SqliteStore(path)
  const rounds = 100
  for (let round = 0; round < rounds; round++) {
    await store.putCode(codeRow(`code${round}`, `c${round}`), grantRow(`c${round}`))
    await store.putTokens({ grant: grantRow(`r${round}`), refresh: refreshRow(`refresh${round}`, `r${round}`) })
  }
  const results = await race(path, rounds)
  assert.equal(
    results.reduce((sum, won) => sum + won.codes, 0),
    rounds,
  )
  assert.equal(
    results.reduce((sum, won) => sum + won.rotations, 0),
    rounds,
  )
  store.close()
})

test('two processes that create one file at the same time both open it', async () => {
  for (let round = 0; round < 3; round++) await race(join(folder, `new${round}.db`), 0)
})
