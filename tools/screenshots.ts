/**
 * Makes a picture of each page of the server, in a real browser: on a desktop, and on a phone and by night where that shows more.
 *
 *     npm run screenshots
 *     npm run screenshots -- account   those whose name contains one of these
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChromium, whyNoChromium } from '../test/interop/chromium.ts'
import { consolePages, startConsoleTour } from '../test/support/console-tour.ts'
import { startTour } from '../test/support/page-tour.ts'

const folder = join(import.meta.dirname, '../docs/screenshots')
const wanted = process.argv.slice(2)

const desktop = { width: 1024, height: 720 }
const phone = { width: 390, height: 780 }

interface View {
  readonly suffix: string
  readonly locale: string
  readonly viewport: typeof desktop
  readonly colorScheme: 'light' | 'dark'
  /** The pages that it shows; all of them where there are none. */
  readonly names?: readonly string[]
}

const views: readonly View[] = [
  { suffix: '', locale: 'en', viewport: desktop, colorScheme: 'light' },
  {
    suffix: '-dark',
    locale: 'en',
    viewport: desktop,
    colorScheme: 'dark',
    names: ['login', 'consent', 'account', 'error', 'sign-up', 'passkeys'],
  },
  {
    ...{ suffix: '-phone', locale: 'en', viewport: phone, colorScheme: 'light' },
    names: ['login', 'consent', 'device-decision', 'account', 'sign-up', 'invitation', 'passkeys'],
  },
  {
    ...{ suffix: '-phone-dark-de', locale: 'de', viewport: phone, colorScheme: 'dark' },
    names: ['login-problem', 'consent', 'account', 'sign-up-problem', 'passkey-remove'],
  },
]

/** All pages of the console, on a desktop; and on a phone by night. */
const consoleViews: readonly View[] = [
  { suffix: '', locale: 'en', viewport: { width: 1200, height: 800 }, colorScheme: 'light' },
  { suffix: '-phone-dark-de', locale: 'de', viewport: phone, colorScheme: 'dark' },
]

if (whyNoChromium !== undefined) throw new Error(`There is no browser: ${whyNoChromium}.`)
mkdirSync(folder, { recursive: true })
const tour = await startTour()
const consoleTour = await startConsoleTour()
const browser = await startChromium()
try {
  for (const { suffix, names, ...view } of views) {
    const context = await browser.newContext(view)
    await tour.prepare(context)
    const at = await context.newPage()
    for (const [name, reach] of tour.stops) {
      await reach(at)
      const file = `${name}${suffix}`
      const isWanted = wanted.length === 0 || wanted.some((part) => file.includes(part))
      if (isWanted && (names?.includes(name) ?? true))
        await at.screenshot({ path: join(folder, `${file}.png`), fullPage: true })
    }
    await context.close()
  }
  for (const { suffix, ...view } of consoleViews) {
    const context = await browser.newContext(view)
    const at = await context.newPage()
    await consoleTour.logIn(at)
    for (const [name, path] of consolePages) {
      const file = `${name}${suffix}`
      if (wanted.length > 0 && !wanted.some((part) => file.includes(part))) continue
      await at.goto(consoleTour.url + path)
      await at.screenshot({ path: join(folder, `${file}.png`), fullPage: true })
    }
    await context.close()
  }
} finally {
  await browser.close()
  await tour.close()
  await consoleTour.close()
}
