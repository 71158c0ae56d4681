/** Whoever copies the tables of PostgreSQL gets nothing that works. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceCodeGrantType, registerClient, Server, StoreValidator } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { obtainCode, registration } from '../support/provider.ts'
import { basic, body, form, text } from '../support/requests.ts'
import { describePostgres, pools } from './postgres-fixture.ts'

const realm = 'dumped'

/** Every value of every row of the realm, as text; digests as base64url and as hexadecimal. */
const dump = async (): Promise<readonly string[]> => {
  const tables = await pools[0].query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'grantry' AND column_name = 'realm'`,
  )
  const values: unknown[] = []
  for (const { name } of tables.rows) {
    const { rows } = await pools[0].query<Record<string, unknown>>(`SELECT * FROM grantry."${name}" WHERE realm = $1`, [
      realm,
    ])
    values.push(...rows.flatMap((row) => Object.values(row)))
  }
  const texts = values.flatMap((value) =>
    value instanceof Uint8Array
      ? [Buffer.from(value).toString('base64url'), Buffer.from(value).toString('hex')]
      : [String(value)],
  )
  return [...new Set(texts)].filter((value) => value !== '')
}

describePostgres('a dump of the tables', () => {
  test('holds no secret, and no value of it works as one', async () => {
    const store = new PostgresStore(pools[0], { realm })
    const grantTypes = [...(registration.grantTypes ?? []), deviceCodeGrantType]
    const { secret = '' } = await registerClient(store, { ...registration, grantTypes, refreshTokenRotation: 'always' })
    const app = basic('app', secret)
    const server = new Server(new StoreValidator(store), { device: { verificationUri: 'https://as.example/device' } })
    const redeem = (code: object) =>
      server.createTokenResponse(form({ grant_type: 'authorization_code', ...code }, app))
    const refresh = (token: string) =>
      server.createTokenResponse(form({ grant_type: 'refresh_token', refresh_token: token }, app))

    const first = await redeem(await obtainCode(server))
    const rotated = await refresh(text(first, 'refresh_token')) // leaves a sealed successor
    const device = await server.createDeviceAuthorizationResponse(form({ scope: 'read' }, app))
    const open = await obtainCode(server)
    const values = await dump()
    assert.ok(values.length > 40, `${values.length} values`)

    const secrets = [
      secret,
      open.code,
      text(device, 'device_code'),
      text(device, 'user_code'),
      ...[first, rotated].flatMap((issued) => [text(issued, 'access_token'), text(issued, 'refresh_token')]),
    ]
    for (const each of secrets) assert.ok(!values.some((value) => value.includes(each)), 'a secret is in the tables')

    for (const value of values) {
      const shown = await server.createIntrospectionResponse(form({ token: value }, app))
      assert.deepEqual(body(shown), { active: false }, value)
      assert.equal((await refresh(value)).status, 400, value)
      assert.equal((await redeem({ ...open, code: value })).status, 400, value)
      const poll = form({ grant_type: deviceCodeGrantType, device_code: value }, app)
      assert.equal(body(await server.createTokenResponse(poll))['error'], 'invalid_grant', value)
      const asClient = form({ grant_type: 'client_credentials' }, basic('app', value))
      assert.equal((await server.createTokenResponse(asClient)).status, 401, value)
    }
    assert.equal((await redeem(open)).status, 200, 'the code itself still works')
  })
})
