/** A page of another origin that logs in with `oidc-client-ts`, in a real browser: redirects, cookies, CSP and CORS as they are. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startChromium, whyNoChromium } from './chromium.ts'
import { startInteropServer } from './server.ts'

if (whyNoChromium !== undefined)
  console.log(`oidc-client-ts and the pages are not tested in a browser: ${whyNoChromium}.`)
const skip = whyNoChromium ?? false

const { issuer, user, register } = await startInteropServer()
const library = readFileSync(
  new URL('../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url),
)

/** The application: shows what its tokens say. Buttons go to the server and back. */
const script = (origin: string): string => `
  const manager = new oidc.UserManager({
    authority: ${JSON.stringify(issuer)}, client_id: 'page', redirect_uri: '${origin}/cb', post_logout_redirect_uri: '${origin}/out',
    scope: 'openid email', loadUserInfo: true,
  })
  const show = (text) => { document.getElementById('shown').textContent = text }
  const start = async () => {
    if (location.pathname === '/cb') {
      const { profile } = await manager.signinCallback()
      show('logged in: ' + profile.email)
    } else show('ready')
  }
  document.getElementById('in').onclick = () => manager.signinRedirect()
  document.getElementById('again').onclick = () => manager.signinSilent().then(({ profile }) => show('renewed: ' + profile.sub))
  document.getElementById('out').onclick = () => manager.signoutRedirect()
  start().catch((error) => show('failed: ' + error.message))`

const html = `<!doctype html><p id="shown"></p><button id="in">in</button><button id="again">again</button>
  <button id="out">out</button><script src="/oidc.js"></script><script src="/app.js"></script>`

const app = createServer(({ url = '/' }, to) => {
  const { pathname } = new URL(url, 'http://app')
  if (pathname === '/oidc.js') return to.setHeader('Content-Type', 'text/javascript').end(library)
  if (pathname === '/app.js') return to.setHeader('Content-Type', 'text/javascript').end(script(origin))
  return to.setHeader('Content-Type', 'text/html').end(html)
}).listen(0, '127.0.0.1')
after(() => app.close())
await once(app, 'listening')
const origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}` // a TCP server has an AddressInfo
const page = { redirectUris: [`${origin}/cb`], postLogoutRedirectUris: [`${origin}/out`], allowedCorsOrigins: [origin] }
await register({ id: 'page', authMethods: ['none'], ...page })
await register({ id: 'remembered', redirectUris: [`${origin}/cb`] })

/** A new browser with what it complains of, such as a policy that stops a form. */
const open = async (context: BrowserContext): Promise<[Page, string[]]> => {
  const made = await context.newPage()
  made.setDefaultTimeout(10_000)
  const complaints: string[] = []
  made.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return [made, complaints]
}

const inBrowser = (name: string, run: (context: BrowserContext) => Promise<void>): void => {
  test(name, { skip }, async () => {
    const browser: Browser = await startChromium()
    try {
      await run(await browser.newContext())
    } finally {
      await browser.close()
    }
  })
}

const logIn = async (at: Page): Promise<void> => {
  await at.fill('#username', user.username)
  await at.fill('#password', user.password)
  await at.click('#login button')
}

inBrowser('log in, UserInfo and renewal by fetch, log out and come back', async (context) => {
  const [at, complaints] = await open(context)
  await at.goto(origin)
  await at.click('#in')
  await logIn(at)
  await at.click('#approve')
  await at.waitForSelector('text=logged in: dev@example.com')
  await at.click('#again')
  await at.waitForSelector('text=renewed: user_')
  await at.click('#out')
  await at.waitForURL(`${origin}/out**`)
  await at.click('#in')
  await at.waitForSelector('#login')
  assert.deepEqual(complaints, [])
})

inBrowser(
  'the login form may end at the client, where consent is remembered; so may the choice of an account',
  async (context) => {
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    const receiver = { client_id: 'remembered', redirect_uri: `${origin}/cb` }
    const asked = { response_type: 'code', ...receiver, scope: 'openid', code_challenge: challenge }
    const url = (prompt: string): string =>
      `${issuer}/authorize?${new URLSearchParams({ ...asked, code_challenge_method: 'S256', prompt }).toString()}`
    const [at, complaints] = await open(context)
    const arrives = (): Promise<void> => at.waitForURL(`${origin}/cb?code=**`)
    await at.goto(url('login'))
    await logIn(at)
    await at.click('#approve')
    await arrives()
    await at.goto(url('login'))
    await logIn(at)
    await arrives()
    await at.goto(url('select_account'))
    await at.click('#continue')
    await arrives()
    await at.goto(`${url('consent')}&response_mode=form_post`)
    await at.click('#deny')
    await at.waitForURL(`${origin}/cb`)
    assert.deepEqual(
      complaints.filter((text) => !text.includes('State')),
      [],
    )
  },
)
