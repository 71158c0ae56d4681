/** Every page in a real browser: what axe-core finds, on both schemes, on a phone, in every language; and the way through by keyboard. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { languages } from '../../packages/server/src/messages/messages.ts'
import { startChromium, whyNoChromium } from '../interop/chromium.ts'
import { startTour } from '../support/page-tour.ts'

if (whyNoChromium !== undefined) console.log(`The pages are not looked at in a browser: ${whyNoChromium}.`)

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core says of the page by all of its rules or by some, one line for each element. */
const violations = async (at: Page, rules?: readonly string[]): Promise<readonly string[]> => {
  if (await at.evaluate<boolean>('!window.axe')) await at.evaluate(axeSource)
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly: rules })
  return at.evaluate<string[]>(`axe.run(document, ${options}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`)
}

/** Controls that a finger may miss, and whether the page is wider than the screen. */
const misfits = (at: Page): Promise<readonly string[]> =>
  at.evaluate<string[]>(`[
    ...[...document.querySelectorAll('button, label.scope, input:not([type=hidden], [type=checkbox], [hidden])')]
      .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML),
    ...(document.documentElement.scrollWidth > window.innerWidth ? ['wider than the screen'] : []),
  ]`)

const phone = { width: 320, height: 640 } // WCAG 2.2 §1.4.10
const desktop = { width: 1280, height: 800 }
/** The rules that may find something on a view where they found nothing on the first; longer words change nothing but where things are. */
const onPhone = {
  viewport: phone,
  colorScheme: 'light',
  rules: ['target-size', 'scrollable-region-focusable', 'aria-hidden-focus'],
} as const
const allViews = [
  { viewport: desktop, colorScheme: 'light', rules: undefined },
  { viewport: desktop, colorScheme: 'dark', rules: ['color-contrast', 'link-in-text-block'] },
  onPhone,
] as const

describe('the pages', { skip: whyNoChromium ?? false }, async () => {
  let browser: Browser
  const tour = await startTour({ themeColor: '#ffd500' }) // cannot be read on white, so it is adapted
  before(async () => {
    browser = await startChromium()
  })
  after(async () => {
    await browser.close()
    await tour.close()
  })
  const open = async (options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext(options)
    await tour.prepare(context)
    return context.newPage()
  }
  const to = async (at: Page, wanted: string): Promise<void> => {
    for (const [name, reach] of tour.stops) {
      await reach(at)
      if (name === wanted) return
    }
    assert.fail(`There is no page ${wanted}.`)
  }
  const focused = (at: Page): Promise<string> =>
    at.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()')

  for (const locale of languages.keys()) {
    const views = locale === 'en' ? allViews : [onPhone]
    test(`nothing is found on any of them, in ${locale}`, async () => {
      const at = await open({ locale })
      const complaints: string[] = []
      const framed: string[] = []
      at.on('response', (response) => {
        const {
          'content-type': type = '',
          'x-frame-options': frames,
          'content-security-policy': policy = '',
        } = response.headers()
        if (!response.url().startsWith(tour.url) || !type.startsWith('text/html')) return
        if (response.url().endsWith('/consent')) return // where the tour shows the client in place of the redirect
        if (frames !== 'DENY' || !policy.includes("frame-ancestors 'none'")) framed.push(response.url())
      })
      at.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('the server responded with a status of'))
          complaints.push(message.text())
      })
      for (const [name, reach] of tour.stops) {
        await reach(at)
        await at.waitForLoadState() // a click is over when the next page is there, which may be before its style is
        assert.equal(await at.evaluate('document.documentElement.lang'), locale, name)
        for (const { viewport, colorScheme, rules } of views) {
          await at.setViewportSize(viewport)
          await at.emulateMedia({ colorScheme })
          const found = [...(await violations(at, rules)), ...(await misfits(at))]
          assert.deepEqual(found, [], `${name}, ${viewport.width} ${colorScheme}`)
        }
      }
      assert.deepEqual(complaints, [])
      assert.deepEqual(framed, [], 'pages that another site could show in a frame of its own')
      await at.context().close()
    })
  }

  test('login by keyboard alone; what is wrong is said at the field that has the focus', async () => {
    const at = await open({})
    await to(at, 'login')
    const order = []
    for (let tabs = 0; tabs < 5; tabs++) {
      await at.keyboard.press('Tab')
      order.push(await focused(at))
    }
    assert.deepEqual(order.slice(2), ['username', 'password', 'Log in'])
    assert.match(order.join(), /privacy policy.*terms of service/)
    await at.focus('#username')
    await at.keyboard.type('ann')
    await at.keyboard.press('Tab')
    await at.keyboard.type('wrong')
    await at.keyboard.press('Enter')
    await at.waitForSelector('#problem')
    assert.equal(await focused(at), 'username')
    const described = await at.evaluate<string>(
      "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent",
    )
    assert.match(described, /is wrong/)
    assert.equal(await at.inputValue('#username'), 'ann')
    await at.context().close()
  })

  test('consent by keyboard alone: a box is unchecked, then the request is allowed', async () => {
    const at = await open({})
    await to(at, 'consent')
    await at.focus('input[name=scope][value=profile]')
    await at.keyboard.press('Space')
    const order = []
    for (let tabs = 0; tabs < 2; tabs++) {
      await at.keyboard.press('Tab')
      order.push(await at.evaluate<string>('document.activeElement.value || document.activeElement.id'))
    }
    assert.deepEqual(order, ['photos:read', 'approve'])
    const outline = await at.evaluate<string>('getComputedStyle(document.activeElement).outlineWidth')
    assert.equal(outline, '3px')
    await at.keyboard.press('Enter')
    assert.match((await at.locator('#client').textContent()) ?? '', /^https:\/\/prints\.example\/cb\?code=/)
    await at.context().close()
  })

  test('all of it works without scripts', async () => {
    const at = await open({ javaScriptEnabled: false })
    for (const [, reach] of tour.stops) await reach(at)
    assert.equal(await at.locator('#logins').count(), 1) // of the last one
    await at.context().close()
  })
})
