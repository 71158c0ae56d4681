/** Marked secrets are sent through all of the server, and looked for in all that it tells anybody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceCodeGrantType } from 'grantry'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { openLog } from '../../packages/server/src/log.ts'
import { redirectUri, startOpenId } from './openid-fixture.ts'
import { startReceiver } from './receiver.ts'

test('a journey with all that is secret, and requests that go wrong -> none of it is logged, told, kept or sent', async () => {
  const raw: string[] = []
  const lines: string[] = []
  const toLines = openLog('debug', { stream: { write: (line) => lines.push(line) }, explains: true })
  const [collector, siem] = [await startReceiver(), await startReceiver()]
  const marks = { otlp: 'marked-otlp-token-0001', webhook: `whsec_${btoa('marked-webhook-secret-00').padEnd(32)}` }
  const openid = await startOpenId({
    ...{ requestObjects: true, registration: 'open', metricsPort: 0, now: undefined },
    ...{ otlpEndpoint: collector.url, otlpHeaders: [`authorization=Bearer ${marks.otlp}`] },
    ...{ auditWebhook: siem.url, auditWebhookSecrets: [marks.webhook], auditTokens: true },
    allowPrivateHosts: ['127.0.0.1'],
    log: (record) => {
      const { cause } = record
      raw.push(JSON.stringify(record), cause instanceof Error ? `${cause.message} ${cause.stack ?? ''}` : '')
      toLines(record)
    },
  })
  const { server, username, password } = openid
  const secrets = new Map<string, string>([['password', password], ...Object.entries(marks)])
  const bodies: string[] = []
  const send = async (path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) => {
    const init = fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }
    const response = await fetch(server.url + path, { ...init, headers, redirect: 'manual' })
    const text = await response.text()
    if (response.status >= 400) bodies.push(text)
    return text
  }
  const keep = (name: string, value: unknown): string => {
    assert.ok(typeof value === 'string' && value.length >= 8, name)
    secrets.set(name, value)
    return value
  }
  const clientSecret = keep('client secret', server.firstStart?.clientSecret)
  const basic = { Authorization: `Basic ${keep('basic', btoa(`dev-client:${clientSecret}`))}` }
  const tokens = JSON.parse(await send('/token', { grant_type: 'client_credentials' }, basic)) as Record<string, string>
  keep('access token of a client', tokens['access_token'])

  const browser = openid.browser()
  const extra = { nonce: keep('nonce', 'marked-nonce-0001'), state: keep('state', 'marked-state-0001') }
  const answer = await browser.clickThrough(
    openid.path({ ...extra, scope: 'openid profile offline_access' }),
    username,
    password,
  )
  const code = keep('code', new URL(answer.location).searchParams.get('code'))
  for (const [name, value] of browser.cookies) keep(`cookie ${name}`, value)
  const issued = await openid.redeem(answer)
  for (const name of ['access_token', 'refresh_token', 'id_token']) keep(name, issued[name])
  await openid.redeem(answer) // reused
  const refresh = secrets.get('refresh_token') ?? ''
  const rotated = await openid.post('/token', { grant_type: 'refresh_token', refresh_token: refresh })
  keep('code again', code)
  if (typeof rotated['refresh_token'] === 'string') keep('rotated', rotated['refresh_token'])

  const wrong = keep('wrong secret', 'marked-wrong-secret-0001')
  const bad = keep('bad token', 'marked.bad.token-0001')
  const assertion = keep('assertion', `${btoa('{"alg":"HS256"}')}.${btoa('{"sub":"app"}')}.c2lnbmF0dXJl`)
  const device = JSON.parse(await send('/device_authorization', { scope: 'read' }, basic)) as Record<string, string>
  const deviceCode = keep('device code', device['device_code'])
  keep('user code', device['user_code'])
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const posts: [path: string, fields: Record<string, string>, headers?: Record<string, string>][] = [
    ['/token', { grant_type: 'client_credentials', client_id: 'dev-client', client_secret: wrong }],
    ['/token', { grant_type: 'client_credentials', client_id: wrong, client_secret: wrong }],
    [`/token?client_secret=${wrong}&code=${wrong}`, { grant_type: 'client_credentials' }, basic],
    ['/token', { grant_type: 'client_credentials', client_assertion: assertion, client_assertion_type: type }],
    ['/token', { grant_type: 'authorization_code', code: wrong, redirect_uri: redirectUri }, basic],
    ['/token', { grant_type: 'authorization_code', code, code_verifier: wrong, redirect_uri: redirectUri }, basic],
    ['/token', { grant_type: 'refresh_token', refresh_token: wrong }, basic],
    ['/token', { grant_type: 'password', username, password }, basic],
    ['/token', { grant_type: deviceCodeGrantType, device_code: deviceCode }, basic],
    ['/token', { grant_type: 'client_credentials' }, { Authorization: `Basic ${wrong}` }],
    ['/token', { grant_type: 'client_credentials' }, { Authorization: `Bearer ${wrong}` }],
    ['/introspect', { token: bad }, basic],
    ['/introspect', { token: bad }],
    ['/revoke', { token: bad, token_type_hint: wrong }, basic],
    ['/userinfo', { access_token: bad }],
    ['/userinfo', {}, { Authorization: `Bearer ${bad}` }],
    ['/register', { initial: wrong }, { Authorization: `Bearer ${bad}` }],
    [`/register/${wrong}`, {}, { Authorization: `Bearer ${bad}` }],
    ['/login', { username, password: wrong, csrf: wrong, to: '/' }, { Cookie: `grantry-login=${wrong}` }],
    ['/device', { user_code: wrong }, { Cookie: `grantry-session=${wrong}` }],
    ['/logout', { id_token_hint: bad }],
    [`/authorize?client_id=app&request=${assertion}`, {}],
    [openid.path({ code_challenge: wrong, login_hint: wrong, id_token_hint: bad }), {}],
    [`/${wrong}/${bad}`, {}],
  ]
  for (const [path, fields, headers] of posts) await send(path, fields, headers)
  await send(`/userinfo?access_token=${bad}`)
  const metrics = [await (await fetch(`${server.metricsUrl ?? ''}/metrics`)).text()]
  const data = openSqlite(openid.data, { create: false })
  await siem.until((text) => text.includes('"type":"code.reused"'))
  await server.close()
  const audit = (await data.audit.list({ limit: 500 })).events.map((event) => JSON.stringify(event))
  await data.close()
  const [traces, webhook] = [collector.bodies, siem.bodies]
  assert.ok(audit.length > 7 && traces.length >= 2, `${audit.join()}, ${traces.length} messages of traces`)
  assert.ok(lines.length > 40 && bodies.length > 12, `${lines.length} lines, ${bodies.length} refusals`)
  // What an unknown client calls itself is logged as it is: it is no secret unless somebody puts one there.
  const isUnknownClient = (line: string): boolean => line.includes(`"clientId":"${wrong}"`)
  for (const [name, secret] of secrets)
    for (const [where, texts] of Object.entries({ raw, lines, bodies, metrics, audit, webhook, traces })) {
      const found = texts.find((text) => text.includes(secret) && !isUnknownClient(text))
      assert.equal(found, undefined, `${name} in ${where}`)
    }
})
