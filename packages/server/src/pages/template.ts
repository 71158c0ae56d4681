import { html, Html } from './html.ts'

/** What a template may ask for: the page itself, the name or logo of the theme, and the path of the issuer, for links. */
export const placeholders = ['content', 'brand', 'path'] as const

/** One of them. */
export type Placeholder = (typeof placeholders)[number]

/** What stands in the body of every page, as whoever runs the server wrote it: HTML, and where values go. */
export type Template = readonly (string | { readonly value: Placeholder })[]

/** Fills a template in. */
export const fillTemplate = (template: Template, values: Readonly<Record<Placeholder, Html>>): Html =>
  html`${template.map((part) => (typeof part === 'string' ? new Html(part) : values[part.value]))}`

/** What stands there where there is no template. */
export const plainTemplate: Template = [
  '<header class="brand">',
  { value: 'brand' },
  '</header>\n        ',
  { value: 'content' },
]
