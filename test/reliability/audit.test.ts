/** The short form of `reliability/audit-kill.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killAmongAuditEvents } from '../../reliability/audit-kill.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const backends: [backend: 'SQLite' | 'PostgreSQL', whyNot?: string][] = [['SQLite'], ['PostgreSQL', whyNoPostgres]]
for (const [backend, whyNot] of backends)
  test(
    `kill -9 on ${backend} -> what was acknowledged has its event, and every event is sent; attempts of the last second are lost`,
    { skip: whyNot ?? false },
    async () => {
      const { acknowledged, lost, attemptsLost, unsent } = await killAmongAuditEvents(2, backend)
      assert.deepEqual({ lost, unsent }, { lost: 0, unsent: 0 })
      assert.ok(acknowledged > 10 && attemptsLost > 0, `${acknowledged} acknowledged, ${attemptsLost} attempts lost`)
    },
  )
