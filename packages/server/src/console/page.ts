import type { MemberProblem } from '../admin/refusal.ts'
import type { ConsoleMessages } from '../messages/console-en.ts'
import type { Messages } from '../messages/messages.ts'
import { html, lines, type Html, type HtmlValue } from '../pages/html.ts'
import { assetUrl, type Asset, type Theme } from '../pages/theme.ts'

/** The parts of the console, in the order of its navigation. */
export const sections = ['overview', 'clients', 'users', 'grants', 'tokens', 'keys', 'audit', 'settings'] as const

/** One of them. */
export type Section = (typeof sections)[number]

/** What every page of the console is made with. */
export interface ConsoleFrame {
  readonly theme: Theme
  readonly messages: Messages
  readonly texts: ConsoleMessages
  /** Files of the console itself. */
  readonly assets: { readonly style: Asset; readonly script: Asset }
  /** Who looks at it; undefined for nobody who may. */
  readonly username: string | undefined
  /** Makes the token of a form that is sent to a path. */
  readonly csrf: (path: string) => string
}

/** What differs between pages. */
export interface ConsolePage {
  readonly title: string
  readonly section?: Section
  /** What was done just now, or what was wrong. */
  readonly done?: string | undefined
  readonly problem?: string | undefined
  readonly isLive?: boolean
}

/** The path of a section. */
export const sectionPath = (section: Section): string => (section === 'overview' ? '/' : `/${section}`)

/** A form that is sent to a path of the console. */
export const form = (frame: ConsoleFrame, path: string, content: Html, className = ''): Html =>
  html`<form method="post" action="${path}" class="${className}">
    <input type="hidden" name="csrf" value="${frame.csrf(path)}" />
    ${content}
  </form>`

/** A form that is only a button. What cannot be undone asks for a tick, which works without scripts. */
export const action = (
  frame: ConsoleFrame,
  path: string,
  { label, name = label, isDanger = false }: { label: string; name?: string; isDanger?: boolean },
): Html =>
  form(
    frame,
    path,
    html`${isDanger && checkbox({ name: 'sure', label: frame.texts.confirm, isRequired: true })}
      <button type="submit" class="${isDanger ? 'danger' : 'quiet'}" ${name !== label && html`aria-label="${name}"`}>
        ${label}
      </button>`,
  )

/** A box with its label. */
export const checkbox = (box: { name: string; label: string; isChecked?: boolean; isRequired?: boolean }): Html =>
  html`<label class="check"
    ><input
      type="checkbox"
      name="${box.name}"
      value="yes"
      ${box.isChecked === true && html`checked`}
      ${box.isRequired === true && html`required`}
    />
    ${box.label}</label
  >`

const member = (problems: readonly MemberProblem[], name: string): string | undefined =>
  problems.find((each) => each.member.split('.')[0] === name)?.problem

/** A field for a line of text, or for several. */
export interface Input {
  readonly name: string
  readonly label: string
  readonly value?: string | undefined
  readonly hint?: string | undefined
  readonly rows?: number
  readonly isRequired?: boolean
  readonly problems?: readonly MemberProblem[]
}

/** A label, what there is to say, and the field. */
export const input = ({ name, label, value = '', hint, rows, isRequired = false, problems = [] }: Input): Html => {
  const problem = member(problems, name)
  const ids = [hint !== undefined && `${name}_hint`, problem !== undefined && `${name}_problem`].filter(Boolean)
  const attributes = html`id="${name}" name="${name}" autocomplete="off" spellcheck="false"
  ${ids.length > 0 && html`aria-describedby="${ids.join(' ')}"`} ${problem !== undefined && html`aria-invalid="true"`}
  ${isRequired && html`required`}`
  return html`<div>
    <label for="${name}">${label}</label>
    ${hint !== undefined && html`<p class="note" id="${name}_hint">${hint}</p>`}
    ${problem !== undefined && html`<p class="field-problem" id="${name}_problem" lang="en">${problem}</p>`}
    ${
      rows === undefined
        ? html`<input type="text" value="${value}" ${attributes} />`
        : html`<textarea rows="${rows}" ${attributes}>${lines(value)}</textarea>`
    }
  </div>`
}

/** A field with a few values, and one for nothing. */
export interface Choice extends Omit<Input, 'hint' | 'rows' | 'isRequired'> {
  readonly values: readonly string[]
  /** What it is called that nothing is chosen. */
  readonly none: string
}

/** A label and the values to choose from. */
export const choice = ({ name, label, value = '', values, none, problems = [] }: Choice): Html => {
  const problem = member(problems, name)
  const wrong = problem !== undefined && html`aria-describedby="${name}_problem" aria-invalid="true"`
  const option = (each: string, shown: string): Html =>
    html`<option value="${each}" ${each === value && html`selected`}>${shown}</option>`
  return html`<div>
    <label for="${name}">${label}</label>
    ${problem !== undefined && html`<p class="field-problem" id="${name}_problem" lang="en">${problem}</p>`}
    <select id="${name}" name="${name}" ${wrong}>
      ${option('', none)}${values.map((each) => option(each, each))}
    </select>
  </div>`
}

/** A table that scrolls by itself where it is wider than the screen. */
export const table = (
  label: string,
  headings: readonly string[],
  rows: readonly (readonly HtmlValue[])[],
  none: string,
): Html =>
  rows.length === 0
    ? html`<p class="note">${none}</p>`
    : html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
        <table>
          <thead>
            <tr>
              ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ([first, ...others]) =>
                html`<tr>
                  <th scope="row">${first}</th>
                  ${others.map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`

/** Names with their values; those that have none are left out. */
export const facts = (rows: readonly (readonly [name: string, value: HtmlValue])[]): Html =>
  html`<dl>
    ${rows
      .filter(([, value]) => value !== undefined && value !== '')
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`

/** Whether something works, as a word. */
export const tag = (isOn: boolean, word: string): Html => html`<span class="tag ${isOn ? '' : 'off'}">${word}</span>`

/** A time in seconds or as ISO 8601, to the minute and in UTC. */
export const minute = (time: number | string | undefined): Html | undefined => {
  if (time === undefined) return undefined
  const iso = typeof time === 'number' ? new Date(time * 1000).toISOString() : time
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`
}

/** The link to the next page of a list. */
export const nextPage = (
  { texts }: ConsoleFrame,
  path: string,
  query: Readonly<Record<string, string>>,
  next: string | undefined,
) =>
  next !== undefined &&
  html`<p class="more">
    <a href="${path}?${new URLSearchParams({ ...query, cursor: next }).toString()}">${texts.next}</a>
  </p>`

const navigation = ({ texts }: ConsoleFrame, current: Section | undefined): Html =>
  html`<nav aria-label="${texts.sections}">
    ${sections.map(
      (section) =>
        html`<a href="${sectionPath(section)}" ${section === current && html`aria-current="page"`}
          >${texts.nav[section]}</a
        >`,
    )}
  </nav>`

/** A whole page of the console. */
export const consolePage = (frame: ConsoleFrame, page: ConsolePage, content: Html): string => {
  const { theme, messages, texts, assets, username } = frame
  const { title, section, done, problem, isLive } = page
  return html`<!doctype html>
    <html lang="${messages.lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${problem === undefined ? title : messages.common.errorIn(title)} – ${theme.name}</title>
        ${[...theme.styleSheets, assets.style].map((sheet) => html`<link rel="stylesheet" href="${assetUrl('', sheet)}" />`)}
        ${isLive === true && html`<script type="module" src="${assetUrl('', assets.script)}"></script>`}
        <link rel="icon" href="${assetUrl('', theme.icon)}" />
      </head>
      <body class="console">
        <header>
          <div class="bar">
            <p class="brand">${theme.name} · ${texts.title}</p>
            ${username !== undefined && html`<span><bdi>${username}</bdi></span>`}
            ${username !== undefined && action(frame, '/logout', { label: texts.logOut })}
          </div>
          ${username !== undefined && navigation(frame, section)}
        </header>
        <main>
          <h1>${title}</h1>
          ${done !== undefined && html`<p class="done" role="status">${done}</p>`}
          ${problem !== undefined && html`<p class="problem" role="alert" id="problem">${problem}</p>`} ${content}
        </main>
      </body>
    </html> `.toString()
}
