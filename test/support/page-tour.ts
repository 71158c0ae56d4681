/** Every page of the server as a browser reaches it, for tests that look at all of them and for the pictures in the documentation. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deviceCodeGrantType, registerClient } from 'grantry'
import { startServer, type ServerOptions } from 'grantry-server'
import type { BrowserContext, Page } from 'playwright-core'
import { OneTimeLinks } from '../../packages/server/src/accounts/one-time-links.ts'
import { ResetTickets } from '../../packages/server/src/accounts/reset-tickets.ts'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { startUpstreamTour } from './upstream-tour.ts'

/** The page of a client that a browser was sent on to. */
const page = (sentTo: string) => ({
  contentType: 'text/html',
  body: `<!doctype html><title>Client</title><p id="client">${sentTo.replaceAll('&', '&amp;')}</p>`,
})

/** A page with how to reach it from the one before. */
export type Stop = readonly [name: string, reach: (at: Page) => Promise<unknown>]

/** A running server with the way through its pages. */
export interface PageTour {
  readonly url: string
  /** In the order in which they are reached, once in each browser context. */
  readonly stops: readonly Stop[]
  /** Answers for the hosts of clients, and forgets the tries that were counted for others. */
  prepare(context: BrowserContext): Promise<void>
  close(): Promise<void>
}

const user = { username: 'ann', password: 'correct horse battery staple' }
/** Has a passkey. */
const passkeyUser = { ...user, username: 'eve' }
const twoFactors = { id_token: { acr: { essential: true, value: 'urn:grantry:acr:2fa' } } }
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const grantTypes = ['authorization_code', 'refresh_token', deviceCodeGrantType]
const scopes = ['openid', 'profile', 'email', 'offline_access', 'photos:read', 'photos:write']

const clients = [
  {
    ...{ id: 'prints', name: 'Photo Prints', redirectUris: ['https://prints.example/cb'], grantTypes, scopes },
    ...{ policyUri: 'https://prints.example/privacy', tosUri: 'https://prints.example/terms' },
    frontchannelLogoutUri: 'https://prints.example/bye',
  },
  {
    ...{ id: 'desk', name: 'Mail on this computer', redirectUris: ['http://127.0.0.1/cb'], grantTypes, scopes },
    ...{ authMethods: ['none'] as const, authorizationDetailsTypes: ['payment'] },
  },
  { id: 'tv', name: 'Living room', authMethods: ['none'] as const, grantTypes: [deviceCodeGrantType], scopes },
]

/** Starts a server whose clock stands, but for what is needed to forget tries. */
export const startTour = async (options: ServerOptions = {}): Promise<PageTour> => {
  let now = Date.UTC(2026, 10, 20, 9, 30) / 1000
  const data = mkdtempSync(join(tmpdir(), 'grantry-tour-'))
  const issuer = 'http://localhost:9000' // as users see it; nothing on the pages leads there
  const accounts: ServerOptions = {
    ...{ signUp: 'open', termsUri: 'https://prints.example/terms', passwordResetWebhook: 'https://mail.example/' },
    passwordResetSecrets: [`whsec_${Buffer.alloc(32).toString('base64')}`],
  }
  const server = await startServer({
    port: 0,
    issuer,
    data,
    log: () => undefined,
    now: () => now,
    ...accounts,
    authorizationDetails: {
      payment: {
        title: { en: 'Make a payment', de: 'Eine Zahlung ausführen' },
        schema: { properties: { amount: { type: 'string' }, to: { type: 'string' } } },
      },
    },
    ...options,
  })
  const elsewhere = await startUpstreamTour({ issuer, now: () => now, ...options })
  const opened = openSqlite(data, { create: false })
  await opened.accounts.create(user.username, await hashPassword(user.password), now)
  const userId = (await opened.accounts.find(user.username))?.id ?? ''
  const eveId = (await opened.accounts.create('eve', await hashPassword(user.password), now)) ?? ''
  const links = new OneTimeLinks({ store: opened.store, now: () => now })
  const tickets = new ResetTickets(links)
  const invited = { name: 'Zoe Example', email: 'zoe@example.com', email_verified: true }
  const invitation = await links.make('sign_up', { payload: invited, expiresAt: now + 86_400 })
  const account = (await opened.accounts.find('eve')) ?? { id: eveId, username: 'eve', passwordVersion: 1 }
  const ticket = await tickets.make({ ...account, to: '' }, now + 86_400)
  const passkey = { userId: eveId, credentialId: 'eve', publicKey: new Uint8Array(77), counter: 0, transports: [] }
  await opened.passkeys.create({ ...passkey, name: 'Phone' }, now - 90 * 86_400)
  for (const client of clients) await registerClient(opened.store, client)
  await opened.store.putClient({
    ...{ id: 'unknown', name: 'Free Ringtones', redirectUris: ['https://ringtones.example/cb'], scopes: ['openid'] },
    registration: { registeredAt: now },
  })
  const given = { scopes: ['openid', 'profile'], resources: [], claims: [], receivers: ['prints.example'] }
  await opened.consents.remember({ userId, clientId: 'prints' }, undefined, given, now - 40 * 86_400)
  await opened.close()

  const asked = {
    prints: { client_id: 'prints', redirect_uri: 'https://prints.example/cb', scope: 'openid profile photos:read' },
    desk: {
      ...{ client_id: 'desk', redirect_uri: 'http://127.0.0.1/cb', scope: 'photos:read photos:write' },
      authorization_details: JSON.stringify([{ type: 'payment', amount: '12.50 EUR', to: 'Photo Prints' }]),
    },
    unknown: { client_id: 'unknown', redirect_uri: 'https://ringtones.example/cb', scope: 'openid' },
  }
  const to = (at: Page, path: string) => at.goto(server.url + path)
  const authorize = (at: Page, client: keyof typeof asked, change: Readonly<Record<string, string>> = {}) => {
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const query = { response_type: 'code', prompt: 'consent', ...pkce, ...asked[client], ...change }
    return to(at, `/authorize?${new URLSearchParams(query).toString()}`)
  }
  const logIn = async (at: Page, { username, password } = user): Promise<void> => {
    await at.fill('#username', username)
    await at.fill('#password', password)
    await at.click('#login button')
  }
  const enterCode = async (at: Page, code: string): Promise<void> => {
    await at.fill('#user_code', code)
    await at.click('#device button')
  }
  const newCode = async (): Promise<string> => {
    const body = new URLSearchParams({ client_id: 'tv', scope: 'openid profile' })
    const response = await fetch(`${server.url}/device_authorization`, { method: 'POST', body })
    return ((await response.json()) as { user_code: string }).user_code
  }
  const changePassword = async (at: Page, current: string, next: string): Promise<void> => {
    await to(at, '/account')
    await at.fill('#current_password', current)
    await at.fill('#new_password', next)
    await at.fill('#repeat_password', next)
    await at.click('#change_password button')
  }
  const stops: readonly Stop[] = [
    ['home', (at) => to(at, '/')],
    ['error', (at) => authorize(at, 'prints', { redirect_uri: 'https://elsewhere.example/' })],
    ['error-method', (at) => to(at, '/consent')],
    [
      'error-form',
      async (at) => {
        await to(at, '/login')
        await at.context().clearCookies()
        await logIn(at)
      },
    ],
    ['login-unchecked-app', (at) => authorize(at, 'unknown')],
    ['invitation', (at) => to(at, `/sign-up?ticket=${invitation}`)],
    ['sign-up', (at) => authorize(at, 'prints', { prompt: 'create' })],
    [
      'sign-up-problem',
      async (at) => {
        const typed = {
          username: 'ann',
          email: 'ann@example.com',
          password: user.password,
          repeat_password: user.password,
        }
        for (const [name, text] of Object.entries(typed)) await at.fill(`#${name}`, text)
        await at.check('input[name=terms]')
        await at.click('#sign_up button')
      },
    ],
    ['forgot-password', (at) => to(at, '/forgot-password')],
    [
      'forgot-password-sent',
      async (at) => {
        await at.fill('#username', 'nobody')
        await at.click('#forgot_password button')
      },
    ],
    ['reset-password', (at) => to(at, `/reset-password?ticket=${ticket}`)],
    ['login', (at) => authorize(at, 'prints')],
    ['login-problem', (at) => logIn(at, { username: 'anna', password: 'wrong' })],
    ['consent', (at) => logIn(at)],
    ['consent-program', (at) => authorize(at, 'desk')],
    [
      'consent-problem',
      async (at) => {
        for (const box of await at.locator('input[name=scope], input[name=detail]').all()) await box.uncheck()
        await at.click('#approve')
      },
    ],
    [
      'select-account',
      async (at) => {
        await authorize(at, 'prints')
        await at.click('#approve')
        await at.waitForSelector('#client')
        await authorize(at, 'prints', { prompt: 'select_account' })
      },
    ],
    ['device', (at) => to(at, '/device')],
    ['device-problem', (at) => enterCode(at, 'BBBB-BBBB')],
    ['device-decision', async (at) => enterCode(at, await newCode())],
    ['device-connected', (at) => at.click('#approve')],
    ['home-logged-in', (at) => to(at, '/')],
    ['account', (at) => to(at, '/account')],
    ['account-problem', (at) => changePassword(at, 'wrong', 'another battery staple')],
    ['account-done', (at) => at.click('#end_others button')],
    ['two-step', (at) => to(at, '/account/totp')],
    [
      'two-step-problem',
      async (at) => {
        await at.fill('#code', '000000')
        await at.fill('#password', user.password)
        await at.click('#totp button')
      },
    ],
    [
      'passkey-create',
      async (at) => {
        await to(at, '/account/passkeys')
        await at.fill('#password', user.password)
        await at.click('#add_passkey button[type=submit]')
      },
    ],
    [
      'login-passkey',
      async (at) => {
        await to(at, '/logout')
        await at.click('#confirm')
        await authorize(at, 'prints', { claims: JSON.stringify(twoFactors) })
        await logIn(at, passkeyUser)
      },
    ],
    [
      'passkeys',
      async (at) => {
        await to(at, '/login?to=/account/passkeys')
        await logIn(at, passkeyUser)
      },
    ],
    ['passkey-remove', (at) => at.click('.cards a')],
    ['logout', (at) => to(at, '/logout')],
    ['logged-out', (at) => at.click('#confirm')],
    ...elsewhere.stops,
  ]
  const prepare = async (context: BrowserContext): Promise<void> => {
    now += 601
    context.setDefaultTimeout(15_000)
    await context.route(/^https:\/\/\w+\.example\//, (route) => route.fulfill(page('bye')))
    await context.route(`${server.url}/consent`, async (route) => {
      if (route.request().method() === 'GET') return route.continue()
      const response = await route.fetch({ maxRedirects: 0 }) // a redirect to a client cannot be answered by a route of its own
      const { location } = response.headers()
      return route.fulfill(location === undefined ? { response } : page(location))
    })
    const second = await fetch(`${server.url}/login`)
    const cookie = second.headers
      .getSetCookie()
      .map((set) => set.split(';')[0] ?? '')
      .join('; ')
    const csrf = /name="csrf" value="([^"]*)"/.exec(await second.text())?.[1] ?? ''
    const body = new URLSearchParams({ csrf, to: '/', ...user })
    await fetch(`${server.url}/login`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' }) // a second session, to be ended
    now += 3
  }
  const close = async (): Promise<void> => {
    await elsewhere.close()
    await server.close()
    rmSync(data, { recursive: true })
  }
  return { url: server.url, stops, prepare, close }
}
