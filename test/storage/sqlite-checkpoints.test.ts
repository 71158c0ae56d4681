/** The log of a SQLite file is brought into it by a thread, which neither keeps the process alive nor outlives the store. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SqliteStore } from 'grantry/storage/sqlite'
import { accessRow, digestOf, start } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-checkpoints-'))
after(() => rmSync(folder, { recursive: true }))

let saved = 0
const saveMany = async (store: SqliteStore, commits: number): Promise<void> => {
  for (let commit = 0; commit < commits; commit++) {
    const rows = Array.from({ length: 20 }, () => accessRow(`token${saved++}`, undefined))
    await Promise.all(rows.map(async (access) => store.putTokens({ access })))
  }
}

test('after many commits -> the file grows while the store is open, and everything is in it', async () => {
  const path = join(folder, 'many.db')
  const store = new SqliteStore(path)
  const before = statSync(path).size
  await saveMany(store, 31)
  assert.equal(statSync(path).size, before)
  await saveMany(store, 1)
  const end = performance.now() + 10_000
  while (statSync(path).size === before && performance.now() < end) await new Promise(setImmediate)
  assert.ok(statSync(path).size > before)
  store.close()
  const again = new SqliteStore(path)
  for (const name of ['token0', 'token639'])
    assert.notEqual(await again.findAccessToken(digestOf(name), start), undefined)
  again.close()
})

test('a process that never closes its store ends all the same', () => {
  const script = `
    import { SqliteStore } from 'grantry/storage/sqlite'
    const store = new SqliteStore(${JSON.stringify(join(folder, 'open.db'))})
    for (let commit = 0; commit < 100; commit++) await store.putClient({ id: 'c' + commit })
    console.log('done')`
  const options = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e']
  const out = execFileSync(process.execPath, [...options, script], { encoding: 'utf8', timeout: 20_000 })
  assert.equal(out, 'done\n')
})
