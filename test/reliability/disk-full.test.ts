/** The short form of `reliability/disk-full.ts`: one disk of a SQLite file that fills up. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fillCarelessDisk, fillSqliteDisk } from '../../reliability/disk-full-databases.ts'
import { whyNoSmallDisk } from '../../reliability/small-disk.ts'

if (whyNoSmallDisk !== undefined) console.log(`A full disk is not tested: ${whyNoSmallDisk}.`)

describe('a full disk', { skip: whyNoSmallDisk ?? false }, () => {
  test('503 while it is full, nothing acknowledged is lost, and the server works again when there is room', async () => {
    const figures = await fillSqliteDisk(1)
    const { acknowledged, unavailable, longestRecoveryMs } = figures
    const { lost, revived, doubles, orphans, damages, wrong, readsRefused, ends } = figures
    assert.deepEqual(
      { lost, revived, doubles, orphans, damages, wrong, readsRefused, ends },
      { lost: 0, revived: 0, doubles: 0, orphans: 0, damages: 0, wrong: 0, readsRefused: 0, ends: 0 },
    )
    assert.ok(acknowledged >= 20, `${acknowledged} acknowledged`)
    assert.ok(unavailable >= 50, `${unavailable} answers 503`)
    assert.ok(longestRecoveryMs < 1000, `${longestRecoveryMs} ms`)
  })

  test('a server that calls failed saves done -> tokens are lost', async () => {
    assert.ok((await fillCarelessDisk()).lost > 0)
  })
})
