/** Passkeys in a real browser, with the authenticators that it simulates for tests. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { hashClientSecret, registerClient } from 'grantry'
import { startChromium, whyNoChromium } from '../interop/chromium.ts'
import { startOpenId } from './openid-fixture.ts'

/** An authenticator inside of a device, which unlocks by itself. */
const options = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

/** A page with the authenticators of its device. */
interface Device {
  readonly at: Page
  readonly cdp: CDPSession
  readonly id: string
}

describe('passkeys in a browser', { skip: whyNoChromium ?? false }, async () => {
  const now = (): number => Math.floor(Date.now() / 1000) // a client of the server, below, has no other clock
  const provider = await startOpenId({ now })
  const { server, username, password } = provider
  const there = (path: string): string => server.issuer + path
  let browser: Browser
  before(async () => {
    browser = await startChromium()
  })
  after(() => browser.close())

  /** `offers`: whether the browser offers passkeys in the field of the user name. */
  const open = async ({ offers = false, hasScripts = true } = {}): Promise<Device> => {
    const context = await browser.newContext({ javaScriptEnabled: hasScripts })
    context.setDefaultTimeout(15_000)
    if (!offers) await context.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
    const at = await context.newPage()
    const cdp = await context.newCDPSession(at)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options })
    return { at, cdp, id }
  }

  const logIn = async (at: Page): Promise<void> => {
    await at.goto(there('/login?to=/account'))
    await at.fill('#username', username)
    await at.fill('#password', password)
    await at.click('#login button')
  }

  const enrol = async (at: Page): Promise<void> => {
    await at.click('#passkeys')
    await at.fill('#name', 'This computer')
    await at.fill('#password', password)
    await at.click('#add_passkey button[type=submit]')
    await at.click('#create_passkey button')
    await at.waitForSelector('#message')
  }

  const credentials = async ({ cdp, id }: Device) =>
    (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials

  let first: Device

  test('one is made, and logs in by its button without a name', async () => {
    first = await open()
    const { at } = first
    await logIn(at)
    await enrol(at)
    const [made] = await credentials(first)
    assert.deepEqual([made?.rpId, made?.isResidentCredential, made?.userName], ['localhost', true, username])
    await at.context().clearCookies()
    await at.goto(there('/login?to=/account'))
    await at.click('#passkey button')
    await at.waitForSelector('#sessions')
    assert.match((await at.textContent('main')) ?? '', new RegExp(`logged in as ${username}`))
  })

  test('a second one on the same device, confirmed by the first one -> the browser says that there is one', async () => {
    const { at } = first
    await at.click('#passkeys')
    await at.click('#add_passkey button[data-passkey]')
    await at.click('#create_passkey button')
    await at.waitForSelector('#passkey_problem:not([hidden])')
    assert.equal(await at.textContent('#passkey_problem'), 'You have a passkey there already.')
  })

  test('is offered in the field of the user name, and logs in from there', async () => {
    const other = await open({ offers: true })
    const [credential] = await credentials(first)
    await other.cdp.send('WebAuthn.addCredential', {
      authenticatorId: other.id,
      credential: { ...(credential ?? assert.fail()), signCount: 100 },
    })
    await other.at.goto(there('/login?to=/account'))
    await other.at.waitForSelector('#sessions')
    await other.at.context().close()
  })

  test('a copy, which has counted less -> refused in words; the password goes on, but does not remove it', async () => {
    const { at } = first
    await at.context().clearCookies()
    await at.goto(there('/login?to=/account'))
    await at.click('#passkey button')
    await at.waitForSelector('#passkey_problem:not([hidden])')
    assert.match((await at.textContent('#passkey_problem')) ?? '', /seems to be a copy/)
    await logIn(at)
    await at.click('#passkeys')
    await at.click('.cards a')
    await at.fill('#password', password)
    await at.click('#remove_passkey button[type=submit]')
    assert.match((await at.textContent('#problem')) ?? '', /with one step/)
  })

  test('nobody unlocks it -> words, and the login by password still is there', async () => {
    const { at, cdp, id } = await open()
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false })
    await at.goto(there('/login'))
    await at.click('#passkey button')
    await at.waitForSelector('#passkey_problem:not([hidden])')
    assert.match((await at.textContent('#passkey_problem')) ?? '', /^No passkey was used/)
    assert.equal(await at.isEnabled('#passkey button'), true)
    await at.context().close()
  })

  test('at another origin than that of the issuer -> no browser makes or uses one', async () => {
    const { at } = await open()
    await at.goto(`http://127.0.0.1:${new URL(server.url).port}/login`)
    await at.click('#passkey button')
    await at.waitForSelector('#passkey_problem:not([hidden])')
    await at.context().close()
  })

  test('a login at another provider, then a passkey here: the one can be disconnected then, and the other stays', async () => {
    const clientSecret = 's'.repeat(43)
    const home = { id: 'home', label: 'Home', issuer: server.issuer, clientId: 'grantry', clientSecret }
    const upstreams = [{ ...home, unknownUsers: 'create' as const }]
    const broker = await startOpenId({ now, upstreams, allowPrivateHosts: [new URL(server.issuer).host] })
    const redirectUris = [`${broker.server.issuer}/login/via/home/callback`]
    await registerClient(provider.store, { id: 'grantry', redirectUris, scopes: ['openid', 'profile', 'email'] })
    await provider.changeClient('grantry', { secrets: [hashClientSecret(clientSecret)] })
    const { at } = await open()
    const toAccount = `${broker.server.issuer}/login?to=/account`
    await at.goto(toAccount)
    await at.click('#upstream_home')
    await at.fill('#username', username)
    await at.fill('#password', password)
    await at.click('#login button')
    await at.click('#approve')
    await at.waitForSelector('#logins')
    assert.match((await at.textContent('#logins')) ?? '', /Your only way in/)
    await at.click('#passkeys')
    assert.equal(await at.locator('#password').count(), 0)
    await at.click('#add_passkey button[type=submit]')
    await at.click('#create_passkey button')
    await at.waitForSelector('#message')
    await at.goto(`${broker.server.issuer}/account`)
    await at.click('#disconnect_1 button')
    await at.waitForSelector('#message')
    await at.context().clearCookies()
    await at.goto(toAccount)
    await at.click('#passkey button')
    await at.click('#passkeys')
    await at.click('.cards a')
    await at.click('#remove_passkey button[data-passkey]')
    assert.match((await at.textContent('#problem')) ?? '', /only way in/)
    await at.context().close()
  })

  test('without scripts the button is not there, and pages say what to do', async () => {
    const { at } = await open({ hasScripts: false })
    await logIn(at)
    assert.equal(await at.locator('#sessions').count(), 1)
    await at.goto(there('/login'))
    assert.equal(await at.isVisible('#passkey button'), false)
    await at.context().close()
  })
})
