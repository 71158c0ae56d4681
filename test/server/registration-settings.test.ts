/** Who may register, how often, and what is asked of addresses that clients name: the settings, as they are started with. */
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startServer, StartError, type ServerOptions } from 'grantry-server'
import * as client from 'openid-client'
import { Browser } from './browser.ts'
import { grantryServer } from './command.ts'
import { cluster } from './nodes.ts'
import { reached } from './openid-fixture.ts'
import {
  folder,
  theirs,
  inside,
  metadata,
  type Json,
  type Site,
  options,
  startSite,
  newToken,
  register,
  parametersOf,
  pathOf,
  send,
  errorOf,
} from './registration-site.ts'

describe('--registration', () => {
  const start = async (change: ServerOptions): Promise<Site> => {
    const site = await startSite(undefined, 1, change)
    after(() => site.close())
    return site
  }
  const metadataOf = async ({ nodes }: Site): Promise<Json> =>
    (await (await fetch(`${nodes[0]?.url ?? ''}/.well-known/openid-configuration`)).json()) as Json

  /** Registers from an address of this machine. */
  const registerFrom = (site: Site, localAddress: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(site.nodes[0]?.url ?? '')
      const headers = { 'content-type': 'application/json' }
      httpRequest({ host: '127.0.0.1', port, path: '/register', method: 'POST', localAddress, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end(JSON.stringify(metadata))
    })

  test('off: no endpoint, and none in the metadata; request objects are refused and not promised', async () => {
    const site = await start({ registration: 'off', registrationScopes: [], requestObjects: false })
    const token = await newToken(site)
    assert.match(await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register`, 'POST', token, metadata)), /^404/)
    const document = await metadataOf(site)
    assert.equal(document['registration_endpoint'], undefined)
    assert.deepEqual(
      [document['request_parameter_supported'], document['request_uri_parameter_supported']],
      [false, false],
    )
    const query = new URLSearchParams({ ...(await parametersOf({ redirect_uri: 'http://127.0.0.1:8080/callback', scope: 'openid' })), client_id: 'dev-client', response_type: 'code' }) // prettier-ignore
    for (const parameter of ['request', 'request_uri']) {
      const page = await new Browser(site.nodes[0]?.url ?? '').get(`/authorize?${query.toString()}&${parameter}=x`)
      assert.equal(reached(page), `${parameter}_not_supported`)
    }
  })

  test('open: anyone, as many in an hour from one address as the limit says; another address has its own', async () => {
    const site = await start({ registration: 'open', registrationLimit: 3, host: '127.0.0.1' })
    assert.equal((await metadataOf(site))['registration_endpoint'], `${cluster.issuer}/register`)
    const statuses: number[] = []
    for (let tries = 0; tries < 5; tries++) statuses.push(await registerFrom(site, '127.0.0.1'))
    assert.deepEqual(statuses, [201, 201, 201, 429, 429])
    assert.equal(await registerFrom(site, '127.0.0.2'), 201)
    site.clock.ahead = 3600
    assert.equal(await registerFrom(site, '127.0.0.1'), 201)
    assert.equal(
      await errorOf(await send(`${site.nodes[0]?.url ?? ''}/register`, 'POST', 'x', metadata)),
      '401 invalid_token',
    )
  })

  test('1000 at once from one address → 60 (RFC 7591 §5)', async () => {
    const site = await start({ registration: 'open', host: '127.0.0.1' })
    const answers = await Promise.all(Array.from({ length: 1000 }, () => registerFrom(site, '127.0.0.1')))
    assert.equal(answers.filter((status) => status === 201).length, 60)
    assert.ok(answers.every((status) => status === 201 || status === 429))
  })

  test('the profile openid: every response type, as the certification of dynamic providers needs it', async () => {
    const site = await start({ profile: 'openid' })
    const config = await register(site, { response_types: ['code', 'id_token token'] })
    assert.deepEqual(config.clientMetadata()['response_types'], ['code', 'id_token token'])
  })

  test('what clients name inside is not asked, but for hosts that were named', async () => {
    const site = await start({ allowPrivateHosts: [] })
    const named = { request_uris: [`https://127.0.0.1:${inside.port}/r`, 'https://169.254.169.254/r'] }
    const config = await register(site, named)
    for (const request_uri of named.request_uris) {
      const url = client.buildAuthorizationUrl(config, await parametersOf({ request_uri }))
      assert.match((await new Browser(site.nodes[0]?.url ?? '').get(pathOf(url))).text, /invalid_request_uri/)
    }
    const unnamed = { request_uris: [`${theirs.origin}/request`] }
    await assert.rejects(register(site, unnamed), (error) => {
      return error instanceof client.ResponseBodyError && error.error === 'invalid_client_metadata'
    })
    assert.deepEqual(inside.asked, [])
  })

  const wrong: [name: string, change: Record<string, unknown>, message: RegExp][] = [
    ['another mode', { registration: 'maybe' }, /^--registration must be off, token or open, not "maybe"\.$/],
    [
      'scopes without registration',
      { registration: 'off', clientDocuments: false },
      /^--registration-scope needs --registration/,
    ],
    ['two scopes in one', { registrationScopes: ['read write'] }, /must be one scope each time, not "read write"/],
    ['an empty scope', { registrationScopes: [''] }, /must be one scope each time/],
    ['no client', { registrationLimit: 0 }, /^--registration-limit must be a whole number from 1 to 10000, not "0"/],
    ['half a day', { registrationUnusedDays: 0.5 }, /^--registration-unused-days must be a whole number from 1/],
    ['a URL in place of a host', { allowPrivateHosts: ['http://localhost'] }, /must be a host in small letters/],
    ['capitals', { allowPrivateHosts: ['LOCALHOST'] }, /must be a host in small letters.*not "LOCALHOST"/],
    ['a wildcard', { allowPrivateHosts: ['*.corp.example'] }, /must be a host in small letters/],
    ['a port that is none', { allowPrivateHosts: ['localhost:99999'] }, /must be a host in small letters/],
    ['an address as nobody writes it', { allowPrivateHosts: ['0x7f.1'] }, /must be a host in small letters/],
  ]
  for (const [name, change, message] of wrong) {
    test(`${name} → one line that says what to change, exit code 2`, async () => {
      const all = { ...cluster, data: join(folder, 'wrong'), ...options, ...change } as ServerOptions // as JavaScript may call it
      const thrown = await startServer(all).catch((error: unknown) => error)
      assert.ok(thrown instanceof StartError, String(thrown))
      assert.match(thrown.message, message)
      assert.deepEqual([thrown.exitCode, thrown.message.includes('\n')], [2, false])
    })
  }

  const wrongFlags: [args: string[], env: Record<string, string>, message: RegExp][] = [
    [['--registration', 'x'], {}, /--registration must be one of off, token, open, not "x"/],
    [[], { GRANTRY_REGISTRATION: 'x' }, /GRANTRY_REGISTRATION must be one of off, token, open/],
    [['--registration-limit', '1e9'], {}, /must be a whole number from 1 to 10000/],
    [[], { GRANTRY_REGISTRATION_UNUSED_DAYS: '0' }, /must be a whole number from 1 to 3650/],
    [[], { GRANTRY_REQUEST_OBJECTS: 'yes' }, /GRANTRY_REQUEST_OBJECTS must be true or false, not "yes"/],
  ]
  for (const [args, env, message] of wrongFlags) {
    test(`${args.join(' ')}${JSON.stringify(env)} → exit code 2`, async () => {
      const { code, stderr } = await grantryServer(['start', '--data', join(folder, 'flags'), ...args], env).ended
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
    })
  }

  test('the start says that registration is open, or where tokens for it come from', async () => {
    for (const [mode, said] of [
      ['open', /^Registration: (open to everyone)/],
      ['token', /^Registration: with a token of: (grantry-server registration-token create --data )/],
    ] as const) {
      const data = join(folder, `said-${mode}`)
      const server = grantryServer(['start', '--port', '0', '--data', data, '--registration', mode])
      await server.line(said)
      server.process.kill('SIGTERM')
      assert.equal((await server.ended).code, 0)
    }
  })
})
