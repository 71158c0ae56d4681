/** Text of strangers on pages: it stays text (CSP Level 3 is only the second line). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from '../server/browser.ts'
import { startOpenId } from '../server/openid-fixture.ts'

const openid = await startOpenId()
const { username, password, path, browser, loggedIn, changeClient } = openid

const payloads = [
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '" autofocus onfocus="alert(1)',
  '</title><svg/onload=alert(1)>',
  '</form><form action=https://evil.example>',
  '<meta http-equiv=refresh content=0;url=https://evil.example>',
  '<base href=https://evil.example/>',
  'javascript:alert(1)//',
  '&lt;b&gt;<b>',
  '<!--',
  '{{constructor.constructor("alert(1)")()}}${alert(1)}',
]

/** The tags of a page with the names of their attributes. Whatever begins with `<` is one, or the test fails. */
const tagsOf = ({ text }: Pick<Page, 'text'>): readonly string[] => {
  const tags = [...text.matchAll(/<(\/?[a-z][\w-]*)((?:\s+[\w-]+(?:="[^"<]*")?)*)\s*\/?>/gi)]
  const isDocument = /^\s*<!doctype html>/i.test(text)
  assert.equal(tags.length + (isDocument ? 1 : 0), text.split('<').length - 1, text)
  return tags.map(([, name = '', rest = '']) => [name, ...rest.matchAll(/([\w-]+)(?:="[^"]*")?/g)].map((each) => (typeof each === 'string' ? each : each[1])).join(' ')) // prettier-ignore
}

/** Where text of strangers gets to a page. */
const places: [name: string, reach: (text: string) => Promise<Page>][] = [
  ['login_hint', async (text) => follow(path({ login_hint: text }))],
  ['ui_locales', async (text) => follow(path({ ui_locales: text }))],
  ['state', async (text) => follow(path({ state: text }))],
  ['an unknown client', async (text) => browser().get(path({ client_id: text }))],
  ['a redirect URI that is not registered', async (text) => browser().get(path({ redirect_uri: text }))],
  ['a target after the login', async (text) => browser().get(`/login?to=${encodeURIComponent(text)}`)],
  ['the code of a device', async (text) => (await session).get(`/device?user_code=${encodeURIComponent(text)}`)],
  ['what was done at the account', async (text) => (await session).get(`/account?done=${encodeURIComponent(text)}`)],
  ['a place after the logout', async (text) => (await session).get(`/logout?client_id=app&state=${encodeURIComponent(text)}&post_logout_redirect_uri=${encodeURIComponent(text)}`)], // prettier-ignore
  ['a user name that is wrong', (text) => logIn(text)],
  ['a path', async (text) => browser().get(`/${encodeURIComponent(text)}`)],
  ['an answer by form_post', (text) => answer(text)],
]

const session = loggedIn()

const follow = async (to: string): Promise<Page> => {
  const who = browser()
  return who.follow(await who.get(to))
}

const logIn = async (name: string): Promise<Page> => {
  const who = browser()
  return who.submit(await who.get('/login'), 'login', { username: name, password: 'wrong' })
}

const answer = async (state: string): Promise<Page> => {
  const who = await session
  const consent = await who.get(path({ response_mode: 'form_post', prompt: 'consent', state }))
  return who.submit(consent, 'consent', { decision: 'approve' })
}

describe('text of strangers stays text', () => {
  for (const [name, reach] of places) {
    test(name, async () => {
      const plain = await reach('harmless')
      for (const payload of payloads) {
        const page = await reach(payload)
        if (page.headers.get('content-type')?.startsWith('text/html') === true)
          assert.deepEqual(tagsOf(page), tagsOf(plain), payload)
      }
    })
  }

  test('what a client says of itself: login, consent, account, logout', async () => {
    const seen = async (text: string): Promise<readonly (readonly string[])[]> => {
      await changeClient('app', { name: text, policyUri: text, tosUri: text, logoUri: text, uri: text })
      const who = browser()
      const login = await who.follow(await who.get(path({ prompt: 'consent' })))
      const consent = await who.follow(await who.submit(login, 'login', { username, password }))
      await who.submit(consent, 'consent', { decision: 'approve' })
      const pages = [login, consent, await who.get('/account'), await who.get('/logout?client_id=app')]
      return pages.map((page) => [...new Set(tagsOf(page))].sort()) // how many sessions are shown is no matter
    }
    const plain = await seen('harmless')
    for (const payload of payloads) assert.deepEqual(await seen(payload), plain, payload)
  })
})
