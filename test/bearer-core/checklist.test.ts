/** The bearer core: rows 1 to 80, against Grantry over HTTP. `npm run controls` runs the same rows against others. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { grantryTarget } from './grantry.ts'
import { deferredRows, rows, runRow, unitRows } from './run-rows.ts'

const target = await grantryTarget()
after(() => target.close())

/** Cases that cannot run here: CORS of a protected resource is the application's, and the keys here are local. */
const notHere: Readonly<Record<number, readonly string[]>> = {
  35: ['preflight: no corsResourceUrl'],
  52: ['refetches: no countKeyFetches'],
}

for (const row of rows) {
  test(`${row.row}: ${row.title}`, async () => {
    const { outcome, message, skipped } = await runRow(row, target)
    assert.equal(outcome, 'pass', message)
    assert.deepEqual(skipped, notHere[row.row] ?? [])
  })
}

test('every row from 1 to 80 is run, deferred or held by a unit test', () => {
  const known = [
    ...rows.map(({ row }) => row),
    ...Object.keys(deferredRows).map(Number),
    ...Object.keys(unitRows).map(Number),
  ]
  const missing = Array.from({ length: 80 }, (_, index) => index + 1).filter((row) => !known.includes(row))
  assert.deepEqual(missing, [])
})
