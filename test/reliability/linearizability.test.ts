/** The short form of `reliability/linearizability.ts`, and rows for its checker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLinearizable, type Done } from '../../reliability/checker.ts'
import {
  checkThenWriteHistories,
  memoryHistories,
  postgresHistories,
  sqliteHistories,
} from '../../reliability/linearizability.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'
import { subjects } from '../../reliability/store-operations.ts'
import { initialState, type Operation } from '../../reliability/store-specification.ts'

const backends: [name: string, run: typeof memoryHistories, whyNot?: string][] = [
  ['MemoryStore', memoryHistories],
  ['SqliteStore, two threads with a connection each', sqliteHistories],
  ['PostgresStore, two pools', postgresHistories, whyNoPostgres],
]
for (const [name, run, whyNot] of backends) {
  test(`calls at the same time on ${name} -> an order explains what they gave`, { skip: whyNot ?? false }, async () => {
    const { histories, overlapping, violated } = await run(200)
    assert.deepEqual({ histories, violated }, { histories: 200, violated: [] })
    assert.ok(overlapping > 100, `${overlapping} overlap`)
  })
}

test('a store that checks, then writes -> histories that no order explains', async () => {
  const { violated } = await checkThenWriteHistories(200)
  assert.deepEqual(violated, subjects)
})

const done =
  (operation: Operation) =>
  (result: string, began: number, ended: number): Done => ({ operation, result, began, ended })
const consume = done({ kind: 'consume' })
const approve = done({ kind: 'decide ticket', to: 'approved' })
const take = done({ kind: 'take ticket' })
const see = done({ kind: 'see', at: 0, seconds: 10 })
const seeLater = done({ kind: 'see', at: 10, seconds: 10 })
const mine = done({ kind: 'lease', owner: 'a', at: 0, seconds: 10 })
const theirs = done({ kind: 'lease', owner: 'b', at: 0, seconds: 10 })

const rows: [name: string, history: readonly Done[], isRight: boolean][] = [
  ['one wins', [consume('reused', 0, 3), consume('consumed', 1, 2)], true],
  ['two win', [consume('consumed', 0, 3), consume('consumed', 1, 2)], false],
  ['nobody wins', [consume('reused', 0, 3), consume('reused', 1, 2)], false],
  ['the later one wins, after the earlier one has ended', [consume('reused', 0, 1), consume('consumed', 2, 3)], false],
  ['a ticket is taken once it is approved', [take('taken', 0, 3), approve('approved', 1, 2)], true],
  ['a ticket is taken before it is approved', [take('taken', 0, 1), approve('approved', 2, 3)], false],
  ['a marker is new again when it has expired', [see('new', 0, 1), seeLater('new', 2, 3)], true],
  ['a marker is new to two', [see('new', 0, 3), see('new', 1, 2)], false],
  ['an owner keeps its lease', [mine('mine', 0, 1), theirs('held', 2, 3), mine('mine', 4, 5)], true],
  ['two have a lease', [mine('mine', 0, 3), theirs('mine', 1, 2)], false],
]
for (const [name, history, isRight] of rows) {
  test(`the checker: ${name} -> ${isRight ? 'explained' : 'not explained'}`, () => {
    assert.equal(isLinearizable(history, initialState(false)), isRight)
  })
}
