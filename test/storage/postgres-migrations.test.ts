/** The migrations of PostgresStore against a real PostgreSQL: alone, at once, refused, with few rights. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PostgresStore, StoreError, migrate, migrationPlan, storeMigrations } from 'grantry/storage/postgres'
import { pools, openPool, times, rounds, fill, describePostgres } from './postgres-fixture.ts'
import { digestOf, start } from './rows.ts'

describePostgres('PostgresStore, its migrations', () => {
  let schemas = 0
  const versions = storeMigrations.migrations.map(({ version }) => version)
  const fresh = (): { readonly schema: string } => ({ schema: `odd "schema" of 'test' \\${schemas++}` })
  const table = ({ schema }: { readonly schema: string }): string =>
    `"${schema.replaceAll('"', '""')}".grantry_migration`

  test('a new database needs all, a migrated one none; doing it twice changes nothing', async () => {
    const where = fresh()
    assert.deepEqual(
      (await migrationPlan(pools[0], where)).map(({ version }) => version),
      versions,
    )
    assert.equal((await migrate(pools[0], where)).length, versions.length)
    assert.deepEqual(await migrationPlan(pools[0], where), [])
    assert.deepEqual(await migrate(pools[0], where), [])
    const store = new PostgresStore(pools[0], where)
    await fill(store)
    assert.notEqual(await store.findAccessToken(digestOf('access'), start), undefined)
  })

  for (const [index, version] of versions.slice(0, -1).entries()) {
    test(`a database of version ${version} -> the steps after it`, async () => {
      const where = fresh()
      const set = { ...storeMigrations, migrations: storeMigrations.migrations.slice(0, index + 1) }
      await migrate(pools[0], { ...where, set })
      assert.equal((await migrate(pools[0], where)).length, versions.length - index - 1)
      await fill(new PostgresStore(pools[0], where))
    })
  }

  test('8 processes at once -> all succeed, each step is done once', async () => {
    await rounds(5, async () => {
      const where = fresh()
      await times(8, (index) => migrate(pools[index % 2 === 0 ? 0 : 1], where))
      const { rows } = await pools[0].query<{ version: number }>(`SELECT version FROM ${table(where)} ORDER BY 1`)
      assert.deepEqual(
        rows,
        versions.map((version) => ({ version })),
      )
    })
  })

  const refused: [name: string, problem: StoreError['problem'], change: (name: string) => string][] = [
    ['a step that is not ours', 'changed', (name) => `UPDATE ${name} SET checksum = 'x'`],
    ['a newer version', 'newer', (name) => `INSERT INTO ${name} VALUES (${versions.length + 1}, 'later', 'x')`],
  ]
  for (const [name, problem, change] of refused) {
    test(`${name} -> StoreError ${problem}`, async () => {
      const where = fresh()
      await migrate(pools[0], where)
      await pools[0].query(change(table(where)))
      const isRefusal = (thrown: unknown): boolean => thrown instanceof StoreError && thrown.problem === problem
      await assert.rejects(migrationPlan(pools[0], where), isRefusal)
      await assert.rejects(migrate(pools[0], where), isRefusal)
    })
  }

  test('a schema that another program fills -> the error of PostgreSQL, and nothing is made', async () => {
    const where = fresh()
    const quoted = table(where).replace('.grantry_migration', '')
    await pools[0].query(`CREATE SCHEMA ${quoted} CREATE TABLE ${quoted}.code (id integer)`)
    await assert.rejects(migrate(pools[0], where), { code: '42P07' })
    assert.equal((await migrationPlan(pools[0], where)).length, versions.length)
  })

  test('the schema is there and no other may be made -> migrates', async () => {
    await pools[0].query('CREATE ROLE limited LOGIN; CREATE SCHEMA given AUTHORIZATION limited')
    const pool = openPool({ user: 'limited' })
    await migrate(pool, { schema: 'given' })
    await fill(new PostgresStore(pool, { schema: 'given' }))
    await assert.rejects(migrate(pool, { schema: 'taken' }), { code: '42501' })
    await pool.end()
  })
})
