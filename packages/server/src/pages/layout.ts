import type { Messages } from '../messages/messages.ts'
import { html, type Html } from './html.ts'
import { fillTemplate, plainTemplate } from './template.ts'
import { assetUrl, type Asset, type Theme } from './theme.ts'

/** What every page is made with. */
export interface PageFrame {
  /** The path of the issuer, before the paths of pages and style sheets. */
  readonly path: string
  /** The texts, in the language of whoever looks at it. */
  readonly messages: Messages
  readonly theme: Theme
}

/** What every page has. */
export interface Layout extends PageFrame {
  readonly title: string
  /** What went wrong, if anything did: the title says so, for those who hear it first. */
  readonly problem?: string | undefined
  /** Where the browser goes on by itself after three seconds. */
  readonly next?: string | undefined
  /** What it does more than its forms, where browsers run scripts. */
  readonly script?: Asset | undefined
  /** For pages that show more than a form. */
  readonly isWide?: true
}

const brand = ({ path, theme: { name, logo } }: PageFrame): Html =>
  logo === undefined ? html`${name}` : html`<img src="${assetUrl(path, logo)}" alt="${name}" />`

/** A whole page. */
export const layout = (page: Layout, content: Html): string => {
  const { title, path, messages, theme, problem, next, script, isWide } = page
  const heading = problem === undefined ? title : messages.common.errorIn(title)
  const template = theme.templates.get(messages.lang) ?? plainTemplate
  const main = html`<main>
    <h1>${title}</h1>
    ${content}
  </main>`
  return html`<!doctype html>
    <html lang="${messages.lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${heading} – ${theme.name}</title>
        ${next !== undefined && html`<meta http-equiv="refresh" content="3;url=${next}" />`}
        ${theme.styleSheets.map((sheet) => html`<link rel="stylesheet" href="${assetUrl(path, sheet)}" />`)}
        ${script !== undefined && html`<script type="module" src="${assetUrl(path, script)}"></script>`}
        <link rel="icon" href="${assetUrl(path, theme.icon)}" />
      </head>
      <body class="${isWide === true ? 'wide' : ''}">
        ${fillTemplate(template, { content: main, brand: brand(page), path: html`${path}` })}
      </body>
    </html> `.toString()
}
