/** `perform` as a client of a running server, and tokens that are verified and made by hand. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startServer, type RunningServer } from 'grantry-server'
import { StartError } from '../../packages/server/src/errors.ts'
import { discover, readIssuer } from '../../packages/server/src/perform/discover.ts'
import { flows } from '../../packages/server/src/perform/flows.ts'
import { verifyToken, type TokenCheck } from '../../packages/server/src/verify-token.ts'
import { Browser } from './browser.ts'
import { grantryServer, type Running } from './command.ts'
import { post, secretsOf, type KnownClient } from './nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'grantry-perform-'))
let server: RunningServer
let known: KnownClient
before(async () => {
  server = await startServer({ port: 0, data: join(root, 'data'), log: () => undefined })
  known = secretsOf(server)
})
after(async () => {
  await server.close()
  rmSync(root, { recursive: true })
})

const perform = (flow: string, ...args: string[]): Running =>
  grantryServer(['perform', flow, '--issuer', server.issuer, '--client-id', 'dev-client', ...args], {
    GRANTRY_CLIENT_SECRET: known.clientSecret,
  })

describe('perform', { concurrency: 3 }, () => {
  test('code -> the browser comes back, the ID token is verified, and what was issued is ended', async () => {
    const running = perform('code', '--scope', 'openid', '--scope', 'email', '--timeout', '60')
    const asked = new URL(await running.line(/^Open in a browser: (.*)/))
    const browser = new Browser(server.url)
    const { location } = await browser.clickThrough(asked.pathname + asked.search, known.username, known.password)
    assert.match(location, /^http:\/\/127\.0\.0\.1:\d+\/callback\?code=/)
    assert.equal((await fetch(new URL('/other', location))).status, 404)
    assert.equal(await (await fetch(location)).text(), 'Done. You can close this window.\n')
    const { code, stdout, stderr } = await running.ended
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /✔ ID token: signature, issuer, audience and nonce are right; sub user_/)
    assert.match(stdout, /✔ UserInfo: .*email.*\n✔ revocation: /)
    assert.doesNotMatch(stdout, /ey[\w-]+\.[\w-]+\.[\w-]+|[\w-]{43}(?![\w-]).*refresh/)
  })

  test('code, and the user says no -> the command says why', async () => {
    const running = perform('code', '--scope', 'read', '--timeout', '60')
    const asked = new URL(await running.line(/^Open in a browser: (.*)/))
    const back = new URL(asked.searchParams.get('redirect_uri') ?? '')
    back.search = new URLSearchParams({
      error: 'access_denied',
      state: asked.searchParams.get('state') ?? '',
      iss: server.issuer,
    }).toString()
    await (await fetch(back)).text()
    const { code, stderr } = await running.ended
    assert.deepEqual([code, stderr], [1, 'grantry-server: token: access_denied.\n'])
  })

  test('code, and nobody comes back -> it ends', async () => {
    const { clientSecret } = known
    const issuer = new URL(server.issuer)
    const config = await discover({ issuer, clientId: 'dev-client', clientSecret, authMethod: 'client_secret_post' })
    const ignore = (): void => undefined
    const how = { scopes: [], resources: [], port: 0, signal: AbortSignal.abort(), onStep: ignore, onAsk: ignore }
    await assert.rejects(flows.code.run(config, how), /Nobody came back in time/)
  })

  test('device -> a user lets it in while it asks', async () => {
    const running = perform('device', '--scope', 'openid', '--timeout', '60')
    const { pathname, search } = new URL(await running.line(/^Open in a browser: (.*)/))
    const browser = new Browser(server.url)
    let page = await browser.follow(await browser.get(pathname + search))
    page = await browser.follow(
      await browser.submit(page, 'login', { username: known.username, password: known.password }),
    )
    if (page.text.includes('id="device"')) page = await browser.follow(await browser.submit(page, 'device'))
    await browser.submit(page, 'consent', { decision: 'approve' })
    const { code, stdout, stderr } = await running.ended
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /✔ token: bearer, 600 seconds, scope "openid"\n✔ ID token: signature/)
  })

  test('client-credentials as JSON -> steps and claims; the token is not in it and is over', async () => {
    const { code, stdout } = await perform('client-credentials', '--scope', 'read', '--json').ended
    assert.equal(code, 0)
    const shown = JSON.parse(stdout) as {
      steps: { step: string }[]
      tokens: { access_token: { token: string; claims: { jti: string } } }
    }
    assert.deepEqual(
      shown.steps.map(({ step }) => step),
      ['discovery', 'token', 'revocation'],
    )
    assert.match(shown.tokens.access_token.token, /^eyJh… \(\d+ characters\)$/)
    assert.equal(typeof shown.tokens.access_token.claims.jti, 'string')
  })

  const refused: [name: string, change: { issuer?: string; secret?: string; scope?: string }, message: RegExp][] = [
    ['a wrong secret', { secret: 'wrong' }, /^token: invalid_client: Client authentication failed\.$/],
    ['a scope that there is not', { scope: 'nope' }, /^token: invalid_scope: /],
    ['an issuer on plain http', { issuer: 'http://id.example' }, /^--issuer must be an https URL/],
    ['nobody there', { issuer: 'http://127.0.0.1:1' }, /^discovery: fetch failed/],
  ]
  for (const [name, { issuer, secret, scope = 'read' }, message] of refused) {
    test(`client-credentials with ${name} -> one line that says where it failed`, async () => {
      const ignore = (): void => undefined
      const how = {
        scopes: [scope],
        resources: [],
        port: 0,
        signal: AbortSignal.timeout(5000),
        onStep: ignore,
        onAsk: ignore,
      }
      const ask = async (): Promise<unknown> => {
        const clientSecret = secret ?? known.clientSecret
        const client = { clientId: 'dev-client', clientSecret, authMethod: 'client_secret_basic' } as const
        return flows['client-credentials'].run(
          await discover({ ...client, issuer: readIssuer(issuer ?? server.issuer) }),
          how,
        )
      }
      await assert.rejects(ask, (thrown) => thrown instanceof StartError && message.test(thrown.message))
    })
  }
})

describe('token mint', { concurrency: 2 }, () => {
  const mint = (...args: string[]) =>
    grantryServer(['token', 'mint', '--client-id', 'dev-client', '--data', join(root, 'data'), ...args]).ended

  test('a token of the server, marked, which verifies and works', async () => {
    const { stdout: token, stderr } = await mint('--issuer', server.issuer, '--subject', 'ann', '--scope', 'read')
    assert.match(stderr, /^For debugging: marked "grantry_debug", good for 60 seconds/)
    const { body } = await post(server, '/introspect', known, { token: token.trim() })
    assert.deepEqual([body['active'], body['sub'], body['scope'], body['grantry_debug']], [true, 'ann', 'read', true])
    const verify = (...args: string[]) =>
      grantryServer(['token', 'verify', token.trim(), '--issuer', server.issuer, ...args]).ended
    const [good, bad] = await Promise.all([
      verify('--type', 'at+jwt', '--json'),
      verify('--audience', 'https://api.example'),
    ])
    assert.equal((JSON.parse(good.stdout) as { isVerified: boolean }).isVerified, true)
    assert.deepEqual([bad.code, bad.stderr], [1, 'grantry-server: The token is not good: audience.\n'])
  })

  const refused: [name: string, args: string[], code: number, message: RegExp][] = [
    ['of a server that is not for development', ['--issuer', 'https://id.example'], 1, /for development only/],
    ['that lives longer', ['--expires-in', '601'], 2, /from 1 to 600/],
  ]
  for (const [name, args, code, message] of refused) {
    test(`a token ${name} -> refused`, async () => {
      const ended = await mint(...args)
      assert.deepEqual([ended.code, ended.stdout], [code, ''])
      assert.match(ended.stderr, message)
    })
  }
})

describe('token verify', () => {
  const now = 1_800_000_000
  const issuer = 'https://id.example'
  const kinds = {
    RS256: { make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256', how: {} },
    PS256: {
      make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      hash: 'sha256',
      how: { padding: 6, saltLength: 32 },
    },
    ES256: {
      make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      hash: 'sha256',
      how: { dsaEncoding: 'ieee-p1363' },
    },
    ES512: {
      make: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
      hash: 'sha512',
      how: { dsaEncoding: 'ieee-p1363' },
    },
    EdDSA: { make: () => generateKeyPairSync('ed25519'), hash: null, how: {} },
  } as const
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const make = (key: KeyObject, alg: keyof typeof kinds, header: object = {}, claims: object = {}): string => {
    const { hash, how } = kinds[alg]
    const input = `${encode({ alg, kid: 'k1', typ: 'at+jwt', ...header })}.${encode({ iss: issuer, aud: ['api'], iat: now, exp: now + 60, ...claims })}`
    return `${input}.${sign(hash, Buffer.from(input), { key, ...how }).toString('base64url')}`
  }
  const jwkOf = (key: KeyObject): JsonWebKey => ({ ...key.export({ format: 'jwk' }), kid: 'k1' })
  const failed = (checks: readonly TokenCheck[]): readonly string[] =>
    checks.filter(({ ok }) => !ok).map(({ check }) => check)

  for (const alg of Object.keys(kinds) as (keyof typeof kinds)[]) {
    test(`${alg} -> good, and with one bit of the claims changed, not`, () => {
      const { privateKey, publicKey } = kinds[alg].make()
      const expected = { issuer, keys: [jwkOf(publicKey)], audience: 'api', type: 'at+jwt', now }
      const token = make(privateKey, alg)
      assert.deepEqual(failed(verifyToken(token, expected)), [])
      const [header, , signature] = token.split('.')
      const other = make(privateKey, alg, {}, { scope: 'admin' }).split('.')[1]
      assert.deepEqual(failed(verifyToken(`${header}.${other}.${signature}`, expected)), ['signature'])
    })
  }

  const { privateKey, publicKey } = kinds.ES256.make()
  const rows: [name: string, token: () => string, failing: string[]][] = [
    ['no JWT', () => 'opaque', ['format']],
    ['no algorithm', () => make(privateKey, 'ES256', { alg: 'none' }), ['algorithm']],
    ['a symmetric algorithm', () => make(privateKey, 'ES256', { alg: 'HS256' }), ['algorithm']],
    ['an algorithm of every object', () => make(privateKey, 'ES256', { alg: 'toString' }), ['algorithm']],
    ['an algorithm of another kind of key', () => make(privateKey, 'ES256', { alg: 'RS256' }), ['key']],
    ['an unknown key', () => make(privateKey, 'ES256', { kid: 'k2' }), ['key']],
    ['another key', () => make(kinds.ES256.make().privateKey, 'ES256'), ['signature']],
    ['another type', () => make(privateKey, 'ES256', { typ: 'JWT' }), ['type']],
    ['another issuer', () => make(privateKey, 'ES256', {}, { iss: `${issuer}/` }), ['issuer']],
    ['another audience', () => make(privateKey, 'ES256', {}, { aud: 'web' }), ['audience']],
    ['its time over', () => make(privateKey, 'ES256', {}, { exp: now }), ['expiry']],
    ['no expiry', () => make(privateKey, 'ES256', {}, { exp: undefined }), ['expiry']],
    ['its time to come', () => make(privateKey, 'ES256', {}, { nbf: now + 1, iat: now + 1 }), ['not before', 'issued at']],
  ] // prettier-ignore
  for (const [name, token, failing] of rows) {
    test(`a token with ${name} -> ${failing.join(', ')}`, () => {
      const expected = { issuer, keys: [jwkOf(publicKey)], audience: 'api', type: 'at+jwt', now }
      assert.deepEqual(failed(verifyToken(token(), expected)), failing)
    })
  }
})
