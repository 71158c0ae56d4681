import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { GroupCommit } from '#grantry/storage/sqlite-group-commit'

/** A database that notes its commits, and refuses them when it is told to. */
class Watched extends DatabaseSync {
  commits = 0
  refusesCommits = false

  override exec(sql: string): void {
    if (sql === 'COMMIT') {
      if (this.refusesCommits) throw new Error('disk I/O error')
      this.commits++
    }
    super.exec(sql)
  }
}

const open = () => {
  const database = new Watched(':memory:')
  database.exec('CREATE TABLE word (text TEXT NOT NULL UNIQUE)')
  const statement = database.prepare('INSERT INTO word VALUES (?)')
  const writes = new GroupCommit(database)
  const insert = (text: string) => writes.run(() => Number(statement.run(text).changes))
  const words = () =>
    database
      .prepare('SELECT text FROM word ORDER BY text')
      .all()
      .map(({ text }) => text)
  return { database, writes, insert, words }
}

test('64 writes of one turn → one commit, each told its own result', async () => {
  const { database, insert, words } = open()
  const results = await Promise.all(Array.from({ length: 64 }, (_, index) => insert(`w${index}`)))
  assert.deepEqual(new Set(results), new Set([1]))
  assert.equal(words().length, 64)
  assert.equal(database.commits, 1)
  await insert('later')
  assert.equal(database.commits, 2)
})

test('nothing is told before the commit', async () => {
  const { database, insert } = open()
  const commitsWhenTold = await insert('a').then(() => database.commits)
  assert.equal(commitsWhenTold, 1)
})

test('a write that fails is undone alone', async () => {
  const { insert, words, writes, database } = open()
  const twoSteps = writes.run(() => {
    database.prepare('INSERT INTO word VALUES (?)').run('half')
    throw new Error('the second step failed')
  })
  const outcomes = await Promise.allSettled([insert('a'), twoSteps, insert('a'), insert('b')])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(words(), ['a', 'b'])
})

test('a commit that fails fails all its writes, keeps none, and the next one works', async () => {
  const { database, insert, words } = open()
  database.refusesCommits = true
  const outcomes = await Promise.allSettled([insert('a'), insert('b')])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.deepEqual(words(), [])
  database.refusesCommits = false
  assert.equal(await insert('c'), 1)
  assert.deepEqual(words(), ['c'])
})

test('flush commits at once', () => {
  const { insert, words, writes } = open()
  void insert('a')
  assert.deepEqual(words(), [])
  writes.flush()
  assert.deepEqual(words(), ['a'])
})
