import { html, type Html } from './html.ts'

/** What every page has. */
export interface Layout {
  readonly title: string
  /** The path of the issuer, before the paths of pages and style sheet. */
  readonly path: string
  /** Where the browser goes on by itself after three seconds. */
  readonly next?: string | undefined
}

/** A whole page. */
export const layout = ({ title, path, next }: Layout, content: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${next !== undefined && html`<meta http-equiv="refresh" content="3;url=${next}" />`}
        <link rel="stylesheet" href="${path}/style.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.toString()
