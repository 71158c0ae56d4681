/** Whoever copies the database gets nothing that works. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { startServer, StartError, type RunningServer } from 'grantry-server'
import { Browser, hiddenFields, type Page } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-at-rest-'))
after(() => rmSync(folder, { recursive: true }))

const start = (name: string, keyEncryptionKeys?: readonly string[]): Promise<RunningServer> =>
  startServer({ port: 0, data: join(folder, name), tokenFormat: 'jwt', log: () => undefined, keyEncryptionKeys })

const jwksOf = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/jwks`)).text()

/** Every value of every table, as text, and the bytes of the files. */
const dump = (name: string): { readonly values: readonly string[]; readonly bytes: Buffer } => {
  const path = join(folder, name, 'grantry.db')
  const database = new DatabaseSync(path)
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const values = tables.flatMap((table) =>
    database
      .prepare(`SELECT * FROM "${String(table['name'])}"`)
      .all()
      .flatMap((row) => Object.values(row))
      .flatMap((value) =>
        value instanceof Uint8Array
          ? [Buffer.from(value).toString('base64url'), Buffer.from(value).toString('hex')]
          : [String(value)],
      ),
  )
  database.close()
  const files = readdirSync(join(folder, name)).filter((file) => file.startsWith('grantry.db'))
  return {
    values: [...new Set(values)],
    bytes: Buffer.concat(files.map((file) => readFileSync(join(folder, name, file)))),
  }
}

test('no value of the database works as a token, code, secret, password or session', async (t) => {
  const server = await start('dump')
  t.after(() => server.close())
  const { clientId, clientSecret = '', username, password = '' } = server.firstStart ?? assert.fail()
  const basic = (secret: string) => ({ authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(secret)}`)}` })
  const post = async (path: string, form: Record<string, string>, secret = clientSecret) =>
    fetch(server.url + path, { method: 'POST', headers: basic(secret), body: new URLSearchParams(form) })
  const browser = new Browser(server.issuer)
  const verifier = 'v'.repeat(43)
  const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url')
  const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: 'http://127.0.0.1:8080/callback', scope: 'read', prompt: 'consent', code_challenge: challenge, code_challenge_method: 'S256' }) // prettier-ignore
  const authorize = `/authorize?${query.toString()}`
  const codeFrom = async (consent: Page): Promise<string> => {
    const answer = await browser.post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'approve' })
    return new URL(answer.location).searchParams.get('code') ?? ''
  }
  const redeem = {
    grant_type: 'authorization_code',
    redirect_uri: 'http://127.0.0.1:8080/callback',
    code_verifier: verifier,
  }
  const issued = (await (
    await post('/token', { ...redeem, code: await codeFrom(await browser.login(authorize, username, password)) })
  ).json()) as Record<string, string>
  const openCode = await codeFrom(await browser.get(authorize))
  const { values, bytes } = dump('dump')
  assert.ok(values.length > 30)

  const secrets = [
    clientSecret,
    password,
    issued['access_token'],
    issued['refresh_token'],
    openCode,
    ...browser.cookies.values(),
  ]
  for (const secret of secrets) assert.ok(secret && !bytes.includes(secret), 'a secret is in the file')
  assert.ok(!bytes.includes('PRIVATE KEY'), 'the signing key is in the file')

  for (const value of values.filter((text) => text !== '')) {
    const introspected = await post('/introspect', { token: value })
    assert.deepEqual(await introspected.json(), { active: false }, value)
    assert.equal((await post('/token', { grant_type: 'refresh_token', refresh_token: value })).status, 400, value)
    assert.equal((await post('/token', { ...redeem, code: value })).status, 400, value)
    assert.equal((await post('/token', { grant_type: 'client_credentials' }, value)).status, 401, value)
    const cookie = `grantry-session=${encodeURIComponent(value)}`
    const page = await fetch(server.url + authorize, { headers: { cookie }, redirect: 'manual' })
    assert.match(page.headers.get('location') ?? '', /^\/login\?/, value)
  }
  assert.equal((await post('/token', { ...redeem, code: openCode })).status, 200, 'the code itself still works')
})

test('the key file is for its owner only, and the server starts again with it', async () => {
  const first = await start('file')
  const keys = await jwksOf(first)
  await first.close()
  assert.equal(statSync(join(folder, 'file', 'grantry.keys')).mode & 0o777, 0o600)
  const second = await start('file')
  assert.equal(await jwksOf(second), keys)
  await second.close()
})

test('a lost key-encryption key is told in one line that says what to do', async () => {
  const first = await start('lost')
  await first.close()
  rmSync(join(folder, 'lost', 'grantry.keys'))
  await assert.rejects(start('lost'), (error: unknown) => {
    assert.ok(error instanceof StartError)
    assert.match(error.message, /sealed by the key-encryption key \S{8}, .*GRANTRY_KEY_ENCRYPTION_KEYS.*grantry\.keys/)
    return true
  })
})

test('keys are exchanged one after the other: the first seals, all open', async () => {
  const [older, newer] = ['o'.repeat(43), 'n'.repeat(43)]
  const sealed = () => dump('exchange').values.find((value) => value.startsWith('sealed:1:'))
  const runs: readonly [keys: readonly string[], isResealed: boolean][] = [
    [[older], true],
    [[older, newer], false],
    [[newer, older], true],
    [[newer], false],
  ]
  let before: string | undefined
  let jwks: string | undefined
  for (const [keys, isResealed] of runs) {
    const server = await start('exchange', keys)
    jwks ??= await jwksOf(server)
    assert.equal(await jwksOf(server), jwks, 'the signing key stays the same')
    await server.close()
    assert.equal(sealed() !== before, isResealed)
    before = sealed()
  }
  await assert.rejects(start('exchange', [older]), StartError)
})

test('a key-encryption key that is too short is refused with the command that makes one', async () => {
  for (const keys of [['short'], [], ['x'.repeat(43), '']]) {
    await assert.rejects(start('short', keys), (error: unknown) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, /at least 43 characters.*openssl rand/)
      return true
    })
  }
})
