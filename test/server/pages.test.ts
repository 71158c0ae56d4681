/** How the pages speak and look: languages, errors, links of clients, themes. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startServer, StartError, type ServerOptions } from 'grantry-server'
import { languages } from '../../packages/server/src/messages/messages.ts'
import { accentOn, contrast } from '../../packages/server/src/pages/colors.ts'
import { dark, light } from '../../packages/server/src/pages/palette.ts'
import { resolveTheme } from '../../packages/server/src/theme-settings.ts'
import { startOpenId, type ClientChange } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-pages-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const openid = await startOpenId()
const { server, path, browser, username, password } = openid

const read = async (at: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
  const response = await fetch(server.url + at, { headers })
  return { status: response.status, text: await response.text() }
}
const langOf = (text: string): string => /<html lang="(\w+)">/.exec(text)?.[1] ?? ''

describe('languages', () => {
  const rows: [accept: string, uiLocales: string, expected: string][] = [
    ['', '', 'en'],
    ['de', '', 'de'],
    ['de-AT,de;q=0.9,en;q=0.5', '', 'de'],
    ['fr, en;q=0.8, de;q=0.9', '', 'de'],
    ['en;q=0.1, de;q=0', '', 'en'],
    ['DE-ch', '', 'de'],
    ['*', '', 'en'],
    ['tlh', '', 'en'],
    ['de', 'en', 'en'],
    ['en', 'tlh de-CH', 'de'],
    ['de', 'tlh', 'de'],
    [';;q=,,de;q=x', '', 'en'],
  ]
  for (const [accept, ui_locales, expected] of rows) {
    test(`Accept-Language "${accept}", ui_locales "${ui_locales}" -> ${expected}`, async () => {
      const query: Record<string, string> = ui_locales === '' ? {} : { ui_locales }
      const headers = { 'Accept-Language': accept }
      const login = `/login?to=${encodeURIComponent(path(query))}`
      for (const at of [path({ ...query, redirect_uri: 'x:' }), login]) {
        const { text } = await read(at, headers)
        assert.equal(langOf(text), expected, at)
        assert.equal(/Anmelden|geklappt/.test(text), expected === 'de', at)
      }
    })
  }

  test('ui_locales are kept from page to page: login, its error, consent, its error, account choice', async () => {
    const who = browser()
    const login = await who.follow(await who.get(path({ ui_locales: 'de', scope: 'read' })))
    const wrong = await who.submit(login, 'login', { username, password: 'wrong' })
    const consent = await who.follow(await who.submit(wrong, 'login', { username, password }))
    const undecided = await who.submit(consent, 'consent', {})
    const forged = await who.submit(consent, 'consent', { csrf: '' })
    const choice = await who.get(path({ ui_locales: 'de', prompt: 'select_account' }))
    const logout = await who.get('/logout?ui_locales=de')
    const done = await who.submit(logout, 'logout')
    const pages = { login, wrong, consent, undecided, forged, choice, logout, done }
    for (const [name, { text }] of Object.entries(pages)) {
      assert.equal(langOf(text), 'de', name)
      assert.doesNotMatch(text, /\b(?:you|your|and|not|asks)\b/i, name)
    }
  })

  test('every language has a text for everything', () => {
    const leaves = (value: unknown, at: string): [string, unknown][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([name, each]) => leaves(each, `${at}.${name}`))
        : [[at, value]]
    const [first, ...others] = [...languages.values()].map((messages) => leaves(messages, ''))
    for (const other of others) {
      assert.deepEqual(
        other.map(([at]) => at),
        first?.map(([at]) => at),
      )
      for (const [at, text] of other) assert.notEqual(text, '', at)
    }
  })
})

describe('errors say what to do', () => {
  const rows: [name: string, at: string, status: number, text: RegExp][] = [
    [
      'a client that is not there',
      path({ client_id: 'no' }),
      400,
      /remove the connection to this server, and connect again[^]*id="error">invalid_request/,
    ],
    [
      'a redirect URI that is not its own',
      path({ redirect_uri: 'https://evil.example' }),
      400,
      /id="detail" lang="en">The redirect_uri/,
    ],
    ['a target of another site', '/login?to=//evil.example', 400, /start again/],
    ['a page that takes no links', '/consent', 405, /Open it by a link/],
  ]
  for (const [name, at, status, text] of rows) {
    test(`${name} -> ${status}`, async () => {
      const page = await read(at)
      assert.equal(page.status, status)
      assert.match(page.text, text)
      assert.match(page.text, /<title>Error: [^]*role="alert"[^]*<a href="\/">Start page of Grantry/)
    })
  }

  test('on the login page both fields name the problem, and the first has the focus', async () => {
    const who = browser()
    const { text } = await who.submit(await who.get('/login'), 'login', { username: 'x', password: 'y' })
    assert.match(text, /<title>Error: Log in/)
    for (const id of ['username', 'password'])
      assert.match(text, new RegExp(`<input\\s+id="${id}"[^>]*aria-describedby="problem"[^>]*aria-invalid="true"`))
    assert.match(text, /id="username"[^>]*autofocus/)
    assert.doesNotMatch(text, /id="password"[^>]*autofocus/)
  })
})

describe('what clients say of themselves', () => {
  const plain: ClientChange = { policyUri: undefined, tosUri: undefined, logoUri: undefined, localized: undefined }
  const rows: [name: string, change: ClientChange, shown: RegExp[], hidden: RegExp][] = [
    [
      'https pages',
      { policyUri: 'https://app.example/privacy', tosUri: 'https://terms.example/' },
      [
        /<a href="https:\/\/app\.example\/privacy" rel="noreferrer">Its privacy policy \(app\.example\)/,
        /<a href="https:\/\/terms\.example\/" rel="noreferrer">Its terms of service \(terms\.example\)/,
      ],
      /<img/,
    ],
    [
      'http and script',
      { policyUri: 'http://app.example/p', tosUri: 'javascript:alert(1)' },
      [],
      /privacy policy|terms of/,
    ],
    ['an image', { logoUri: 'https://app.example/logo.png' }, [], /<img|logo\.png/],
  ]
  for (const [name, change, shown, hidden] of rows) {
    test(`${name}: on login and consent page`, async () => {
      await openid.changeClient('app', { ...plain, ...change })
      const who = browser()
      const login = await who.follow(await who.get(path({ prompt: 'consent' })))
      const consent = await who.follow(await who.submit(login, 'login', { username, password }))
      assert.match(consent.text, /<form id="consent"/)
      for (const { text } of [login, consent]) {
        for (const each of shown) assert.match(text, each)
        assert.doesNotMatch(text, hidden)
      }
    })
  }

  test('pages in the language of the user', async () => {
    const localized = { 'policy_uri#de': 'https://app.example/datenschutz' }
    await openid.changeClient('app', { ...plain, policyUri: 'https://app.example/privacy', localized })
    const login = (locale: string) => read(`/login?to=${encodeURIComponent(path({ ui_locales: locale }))}`)
    assert.match((await login('de')).text, /href="https:\/\/app\.example\/datenschutz"/)
    assert.match((await login('en')).text, /href="https:\/\/app\.example\/privacy"/)
  })

  test('an image with --profile openid: from exactly its origin', async () => {
    const certified = await startOpenId({ profile: 'openid' })
    for (const [logoUri, sources] of [
      ['https://img.example:8443/logo.png?x="', ' https://img.example:8443'],
      ['http://img.example/logo.png', ''],
    ] as const) {
      await certified.changeClient('app', { logoUri })
      const who = certified.browser()
      const login = await who.follow(await who.get(certified.path()))
      const consent = await who.follow(
        await who.submit(login, 'login', { username: certified.username, password: certified.password }),
      )
      for (const { headers, text } of [login, consent]) {
        assert.ok(headers.get('content-security-policy')?.includes(`; img-src 'self'${sources};`))
        assert.equal(/<img src="https:\/\/img\.example:8443\/logo\.png\?x=&quot;" alt=""/.test(text), sources !== '')
      }
    }
  })

  test('consent says whether it is remembered, and what was allowed before', async () => {
    const who = await openid.loggedIn()
    await who.clickThrough(path({ scope: 'openid email' }), username, password)
    const again = await who.get(path({ scope: 'openid read' }))
    assert.match(again.text, /Know who you are <small>allowed before/)
    assert.match(again.text, /value="read" checked \/> read +<\/label/)
    assert.match(again.text, /you are not asked again/)
    assert.match((await who.get(path({ client_id: 'spa' }))).text, /You are asked each time/)
  })
})

describe('themes', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>'
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452ff00fe', 'hex')

  test('name, logo, colour and style sheet are on every page, and come from this server', async () => {
    const themed = await startOpenId({
      ...{ themeName: 'Ann & Co', themeLogo: file('logo.svg', svg), themeColor: '#00aa55' },
      themeStyleSheet: file('own.css', 'main { border-radius: 0 }'),
    })
    const page = await themed.browser().get('/login')
    assert.match(page.text, /<title>Log in – Ann &amp; Co<\/title>/)
    const named = [...page.text.matchAll(/(?:href|img src)="(\/[\w.]+\?v=[\w-]{12})"/g)].map(([, url = '']) => url)
    const loaded = [...new Set(named)] // the logo is the icon as well
    assert.deepEqual(
      loaded.map((url) => url.split('?')[0]),
      ['/style.css', '/theme.css', '/logo.svg'],
    )
    const [own, extra, logo] = await Promise.all(loaded.map((url) => fetch(themed.server.url + url)))
    assert.match((await own?.text()) ?? '', new RegExp(`--accent: ${accentOn(light, '#00aa55')}`))
    assert.equal(await extra?.text(), 'main { border-radius: 0 }')
    assert.equal(await logo?.text(), svg)
    assert.deepEqual(logo?.headers.get('content-type'), 'image/svg+xml')
    assert.match(logo.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/)
  })

  test('a PNG is sent byte for byte', async () => {
    const themed = await startOpenId({ themeLogo: file('logo.png', png) })
    const response = await fetch(`${themed.server.url}/logo.png`)
    assert.equal(response.headers.get('content-type'), 'image/png')
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), png)
  })

  const refused: [name: string, options: ServerOptions, message: RegExp][] = [
    ['an empty name', { themeName: ' ' }, /^themeName must be a line of 1 to 60 characters\.$/],
    ['two lines of name', { themeName: 'a\nb' }, /^themeName must be/],
    ['a colour by name', { themeColor: 'red' }, /^themeColor must be a colour such as #1f5fbf, not "red"\.$/],
    ['a colour with more in it', { themeColor: '#123456; }' }, /^themeColor must be/],
    [
      'a logo that is not there',
      { themeLogo: '/no/such.svg' },
      /^themeLogo: the file "\/no\/such\.svg" cannot be read \(ENOENT\)\.$/,
    ],
    [
      'a logo of another kind',
      { themeLogo: 'logo.gif' },
      /^themeLogo must be an \.svg or \.png file, not "logo\.gif"\.$/,
    ],
    ['a PNG that is none', { themeLogo: file('no.png', svg) }, /is no PNG image/],
    ['an SVG that is none', { themeLogo: file('no.svg', '<html>') }, /is no SVG image/],
    ['a style sheet that is a folder', { themeStyleSheet: folder }, /^themeStyleSheet: .* cannot be read \(EISDIR\)/],
    ['a style sheet that is no text', { themeStyleSheet: file('no.css', png) }, /is not text in UTF-8/],
    [
      'a style sheet that is too large',
      { themeStyleSheet: file('big.css', ' '.repeat(524_289)) },
      /larger than 512 KiB/,
    ],
  ]
  for (const [name, options, message] of refused) {
    test(`${name} -> told at the start`, async () => {
      const start = startServer({ port: 0, data: join(folder, 'refused'), log: () => undefined, ...options })
      await assert.rejects(start, (thrown) => {
        assert.ok(thrown instanceof StartError && thrown.exitCode === 2)
        assert.match(thrown.message, message)
        return true
      })
    })
  }

  test('any colour can be read on both schemes', () => {
    const colors = ['#000000', '#ffffff', '#ffff00', '#ff0000', '#0000ff', '#808080', '#1f5fbf', '#00ff88']
    for (const color of colors) {
      for (const palette of [light, dark]) {
        const accent = accentOn(palette, color)
        for (const surface of [palette.page, palette.card])
          assert.ok(contrast(accent, surface) >= 4.5, `${color} became ${accent} on ${surface}`)
      }
    }
    assert.equal(accentOn(light, '#1f5fbf'), '#1f5fbf')
    assert.match(String(resolveTheme({}).styleSheets[0]?.body), /--accent: #1f5fbf/)
  })

  test('texts and borders of both schemes keep their contrast', () => {
    for (const each of [light, dark]) {
      const texts = [each.text, each.quiet].flatMap((text) => [each.page, each.card].map((on) => [text, on] as const))
      const boxes = [
        [each.onProblem, each.problem],
        [each.onProblem, each.card],
        [each.onWarning, each.warning],
        [each.onDone, each.done],
      ] as const
      for (const [text, on] of [...texts, ...boxes]) assert.ok(contrast(text, on) >= 4.5, `${text} on ${on}`)
      assert.ok(contrast(each.border, each.card) >= 3, each.border)
    }
    assert.equal(Math.round(contrast('#000000', '#ffffff')), 21)
  })
})
