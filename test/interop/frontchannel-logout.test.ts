/** A logout that the browser tells clients of, in a real browser: frames of another site under the policy of the page, then the way back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startOtherServer } from '../support/other-server.ts'
import { startChromium, whyNoChromium } from './chromium.ts'
import { startInteropServer } from './server.ts'

if (whyNoChromium !== undefined) console.log(`Front-channel logout is not tested in a browser: ${whyNoChromium}.`)

const { issuer, user, register } = await startInteropServer()
const app = await startOtherServer((request, response) => {
  response
    .setHeader('content-type', 'text/html')
    .end(`<!doctype html><title>${request.url?.split('?')[0] ?? ''}</title>`)
})
const uris = { redirectUris: [`${app.origin}/cb`], postLogoutRedirectUris: [`${app.origin}/out`] }
await register({ id: 'page', authMethods: ['none'], ...uris, frontchannelLogoutUri: `${app.origin}/bye` })

test(
  'the frame is loaded with issuer and session, then the browser comes back',
  { skip: whyNoChromium ?? false },
  async () => {
    const browser = await startChromium()
    try {
      const at = await (await browser.newContext()).newPage()
      at.setDefaultTimeout(10_000)
      const complaints: string[] = []
      at.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
      const asked = {
        response_type: 'code',
        client_id: 'page',
        scope: 'openid',
        redirect_uri: `${app.origin}/cb`,
        code_challenge: challenge,
      }
      await at.goto(
        `${issuer}/authorize?${new URLSearchParams({ ...asked, code_challenge_method: 'S256' }).toString()}`,
      )
      await at.fill('#username', user.username)
      await at.fill('#password', user.password)
      await at.click('#login button')
      await at.click('#approve')
      await at.waitForURL(`${app.origin}/cb**`)
      const query = new URLSearchParams({
        client_id: 'page',
        post_logout_redirect_uri: `${app.origin}/out`,
        state: 'st',
      })
      await at.goto(`${issuer}/logout?${query.toString()}`)
      await at.click('#confirm')
      await at.waitForURL(`${app.origin}/out?state=st`)
      const framed = app.asked.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith('/bye'))
      assert.equal(framed.length, 1)
      const { searchParams } = new URL(framed[0] ?? '', app.origin)
      assert.equal(searchParams.get('iss'), issuer)
      assert.match(searchParams.get('sid') ?? '', /^[\w-]{22}$/)
      assert.deepEqual(complaints, [])
    } finally {
      await browser.close()
    }
  },
)
