import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = places.find((path) => path !== undefined && existsSync(path))

/** Why there is no real browser; undefined where there is one. */
export const whyNoChromium =
  executablePath === undefined ? 'no Chromium is installed here: name one by CHROMIUM_PATH' : undefined

/** Starts a real browser without a window. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
