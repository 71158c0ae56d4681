import { StartError } from './errors.ts'
import { defaultAccent, styleSheet } from './pages/style.ts'
import { makeAsset, type Asset, type Theme } from './pages/theme.ts'
import { readBytes, readUtf8 } from './theme-files.ts'
import { readTemplates } from './theme-template.ts'

/** How the pages look. */
export interface ThemeSettings {
  /** The name on top of every page, of 1 to 60 characters. Default: `Grantry`. */
  readonly themeName?: string | undefined
  /** The path of an `.svg` or `.png` file of at most 512 KiB, shown in place of the name. Default: none. */
  readonly themeLogo?: string | undefined
  /** The colour of links and buttons as `#rrggbb`; darkened or lightened where it could not be read. Default: a blue. */
  readonly themeColor?: string | undefined
  /** The path of a CSS file of at most 512 KiB, which pages load after their own. Default: none. */
  readonly themeStyleSheet?: string | undefined
  /**
   * The path of an HTML file of at most 512 KiB with what stands around every page, and `{{content}}` where the page is to be. For German pages it
   * is `name.de.html` beside it, where that is there. Default: the name or logo, and the page.
   */
  readonly themeTemplate?: string | undefined
}

const hexColor = /^#[0-9a-f]{6}$/i
// eslint-disable-next-line no-control-regex -- the characters to refuse
const plainName = /^(?=.*\S)[^\0-\x1f\x7f]{1,60}$/u

/** Why a colour cannot be used; undefined for one that can. */
export const colorProblem = (text: string): string | undefined =>
  hexColor.test(text) ? undefined : `must be a colour such as #1f5fbf, not "${text}"`

/** Why a name cannot be used. */
export const nameProblem = (text: string): string | undefined =>
  plainName.test(text) ? undefined : 'must be a line of 1 to 60 characters'

const check = (setting: string, value: string, problem: string | undefined): string => {
  if (problem === undefined) return value
  throw new StartError(`${setting} ${problem}.`, 2)
}

const css = (name: string, text: string): Asset => makeAsset(name, 'text/css; charset=utf-8', text)

const isPng = (bytes: Buffer): boolean => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))

const readLogo = (path: string): Asset => {
  if (/\.png$/i.test(path)) {
    const bytes = readBytes('themeLogo', path)
    if (isPng(bytes)) return makeAsset('/logo.png', 'image/png', bytes)
    throw new StartError(`themeLogo: the file "${path}" is no PNG image.`, 2)
  }
  if (!/\.svg$/i.test(path)) throw new StartError(`themeLogo must be an .svg or .png file, not "${path}".`, 2)
  const text = readUtf8('themeLogo', path)
  if (/<svg[\s>]/.test(text) && /\bxmlns\s*=/.test(text)) return makeAsset('/logo.svg', 'image/svg+xml', text)
  throw new StartError(`themeLogo: the file "${path}" is no SVG image: it needs <svg xmlns="…">.`, 2)
}

/** A dot in the colour of the theme. */
const dot = (color: string): Asset => {
  const shape = `<circle cx="8" cy="8" r="7" fill="${color}"/>`
  return makeAsset(
    '/icon.svg',
    'image/svg+xml',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape}</svg>`,
  )
}

/** Reads what the pages need. Throws a `StartError` for a value that cannot work. */
export const resolveTheme = (settings: ThemeSettings): Theme => {
  const { themeName, themeLogo, themeColor, themeStyleSheet, themeTemplate } = settings
  const name = themeName ?? 'Grantry'
  const accent = themeColor ?? defaultAccent
  const color = check('themeColor', accent, colorProblem(accent)).toLowerCase()
  const own = css('/style.css', styleSheet(color))
  const logo = themeLogo === undefined ? undefined : readLogo(themeLogo)
  const extra = themeStyleSheet === undefined ? [] : [css('/theme.css', readUtf8('themeStyleSheet', themeStyleSheet))]
  return {
    name: check('themeName', name, nameProblem(name)),
    logo,
    icon: logo ?? dot(color),
    styleSheets: [own, ...extra],
    templates: themeTemplate === undefined ? new Map() : readTemplates(themeTemplate),
  }
}
