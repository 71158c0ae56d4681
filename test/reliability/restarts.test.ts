/** The short form of `reliability/restarts.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'
import { restartUnderLoad } from '../../reliability/restarts.ts'

const pauseMs = 50

test(
  'workers, by SIGHUP on PostgreSQL -> no request is dropped or refused',
  { skip: whyNoPostgres ?? false },
  async () => {
    const how = { way: 'workers, by SIGHUP', backend: 'PostgreSQL', pauseMs } as const
    const { answered, dropped, refused } = await restartUnderLoad(1, how)
    assert.deepEqual({ dropped, refused }, { dropped: 0, refused: 0 })
    assert.ok(answered > 10, `${answered} answered`)
  },
)

test('one process, stopped and started -> requests are dropped', async () => {
  const how = { way: 'one process, stopped and started', backend: 'SQLite', pauseMs } as const
  const { dropped } = await restartUnderLoad(1, how)
  assert.ok(dropped > 0)
})
