/** The short form of `reliability/linearizability.ts`, and rows for its checker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { initialState, isLinearizable, type Done } from '../../reliability/checker.ts'
import { checkThenWriteHistories, memoryHistories, sqliteHistories } from '../../reliability/linearizability.ts'

const backends: [name: string, run: typeof memoryHistories][] = [
  ['MemoryStore', memoryHistories],
  ['SqliteStore, two threads with a connection each', sqliteHistories],
]
for (const [name, run] of backends) {
  test(`calls at the same time on ${name} -> an order explains what they gave`, async () => {
    const { histories, overlapping, violations } = await run(200)
    assert.deepEqual({ histories, violations }, { histories: 200, violations: 0 })
    assert.ok(overlapping > 100, `${overlapping} overlap`)
  })
}

test('a store that checks, then writes -> histories that no order explains', async () => {
  const { violations } = await checkThenWriteHistories(50)
  assert.ok(violations > 0)
})

const consume = (result: string, began: number, ended: number): Done => ({
  ...{ operation: { kind: 'consume' }, result, began, ended },
})

const rows: [name: string, history: readonly Done[], isRight: boolean][] = [
  ['one wins', [consume('reused', 0, 3), consume('consumed', 1, 2)], true],
  ['two win', [consume('consumed', 0, 3), consume('consumed', 1, 2)], false],
  ['nobody wins', [consume('reused', 0, 3), consume('reused', 1, 2)], false],
  ['the later one wins, after the earlier one has ended', [consume('reused', 0, 1), consume('consumed', 2, 3)], false],
]
for (const [name, history, isRight] of rows) {
  test(`the checker: ${name} -> ${isRight ? 'explained' : 'not explained'}`, () => {
    assert.equal(isLinearizable(history, initialState(false)), isRight)
  })
}
