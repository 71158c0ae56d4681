import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { StartError } from './errors.ts'
import { languages } from './messages/messages.ts'
import { placeholders, type Placeholder, type Template } from './pages/template.ts'
import { readUtf8 } from './theme-files.ts'

const placeholder = /\{\{([^{}]*)\}\}/

/** What the pages have themselves, and what their content security policy stops: better told at the start than looked for in a browser. */
const misplaced =
  /<(?<element>!doctype|html|head|body|main|h1|form|base|meta|link|style|script|iframe|object|embed|img)[\s/>]|<[a-z][^<>]*\s(?<attribute>style|on[a-z]+)\s*=/i

const isPlaceholder = (name: string): name is Placeholder => (placeholders as readonly string[]).includes(name)

const refuse = (path: string, problem: string): StartError =>
  new StartError(`themeTemplate: the file "${path}" ${problem}.`, 2)

const toPart = (path: string, name: string): Placeholder => {
  if (isPlaceholder(name)) return name
  const known = placeholders.map((each) => `{{${each}}}`).join(', ')
  throw refuse(path, `has {{${name}}}, but there is only ${known}`)
}

const parse = (path: string, text: string): Template => {
  const wrong = misplaced.exec(text)?.groups
  if (wrong?.['element'] !== undefined)
    throw refuse(path, `has <${wrong['element']}>, which does not work around pages`)
  if (wrong?.['attribute'] !== undefined)
    throw refuse(path, `has the attribute ${wrong['attribute']}, which the content security policy of pages stops`)
  const parts = text
    .split(placeholder)
    .map((part, index) => (index % 2 === 0 ? part : { value: toPart(path, part.trim()) }))
  const contents = parts.filter((part) => typeof part === 'object' && part.value === 'content').length
  if (contents !== 1) throw refuse(path, `must have {{content}} once, where the page is to be, not ${contents} times`)
  return parts
}

const twinOf = (path: string, lang: string): string => {
  const ending = extname(path)
  return `${path.slice(0, path.length - ending.length)}.${lang}${ending}`
}

/**
 * Reads the template of pages for each language: `frame.de.html` beside `frame.html` where there is one, else that itself. Throws a `StartError`
 * for one that cannot work.
 */
export const readTemplates = (path: string): ReadonlyMap<string, Template> =>
  new Map(
    [...languages.keys()].map((lang) => {
      const twin = twinOf(path, lang)
      const chosen = existsSync(resolve(twin)) ? twin : path
      return [lang, parse(chosen, readUtf8('themeTemplate', chosen))]
    }),
  )
