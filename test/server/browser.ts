import assert from 'node:assert/strict'

/** A page as a browser without scripts has it. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The `Location` of a redirect. */
  readonly location: string
}

/** The values of the hidden fields of a page. */
export const hiddenFields = (page: Pick<Page, 'text'>): Record<string, string> => {
  const fields = page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name, value]) => [name ?? '', (value ?? '').replaceAll('&amp;', '&')]))
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** The attributes of a tag. */
const attributes = (tag: string): Readonly<Record<string, string>> => {
  const found = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)
  const decode = (text: string): string =>
    text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, decode(value)]))
}

/** A form as a browser without scripts would send it: hidden and filled fields, and the boxes that are checked. */
export interface PageForm {
  readonly action: string
  readonly fields: readonly [name: string, value: string][]
}

/** The form of a page with an id; undefined where there is none. */
export const findForm = (page: Pick<Page, 'text'>, id: string): PageForm | undefined => {
  const forms = page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)
  const [, tag = '', inside = ''] = [...forms].find(([, each = '']) => attributes(each)['id'] === id) ?? []
  if (tag === '') return undefined
  const inputs = [...inside.matchAll(/<input\b([^>]*)>/gs)].map(([, each = '']) => attributes(each))
  const sent = inputs.filter((input) => {
    const isOff = 'disabled' in input || input['name'] === undefined
    return !isOff && (input['type'] !== 'checkbox' || 'checked' in input)
  })
  const fields = sent.map((input): [string, string] => [input['name'] ?? '', input['value'] ?? ''])
  return { action: attributes(tag)['action'] ?? '', fields }
}

/** The secret for an authenticator app that a page shows, as bytes. */
export const secretOn = (page: Page): Buffer => {
  const text =
    /<code id="secret">([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(' ', '') ?? assert.fail(page.text)
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** Keeps cookies and follows redirects only when it is told to. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = new URL(origin).origin
  }

  get(path: string): Promise<Page> {
    return this.#send(path, {})
  }

  post(
    path: string,
    fields: Readonly<Record<string, string>> | [string, string][],
    headers: Readonly<Record<string, string>> = {},
  ) {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  /** Sends the form of a page; `changes` are typed in, or say which button was pressed. */
  async submit(page: Page, id: string, changes: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = findForm(page, id)
    assert.ok(form, `no form #${id}: ${page.status} ${page.text}`)
    const kept = form.fields.filter(([name]) => !(name in changes))
    return this.post(form.action, [...kept, ...Object.entries(changes)])
  }

  /** Follows redirects within the server. */
  async follow(page: Page): Promise<Page> {
    let reached = page
    while (reached.location !== '' && new URL(reached.location, this.#origin).origin === this.#origin)
      reached = await this.get(reached.location)
    return reached
  }

  /** Clicks through the pages that an authorization request leads to, with all boxes checked, until the browser is sent on. */
  async clickThrough(path: string, username: string, password: string): Promise<Page> {
    let page = await this.follow(await this.get(path))
    const answers = { login: { username, password }, select_account: {}, consent: { decision: 'approve' } } as const
    for (let pages = 0; page.location === '' && pages < 6; pages++) {
      const id = (['login', 'select_account', 'consent'] as const).find((name) => findForm(page, name) !== undefined)
      if (id === undefined) return page
      page = await this.follow(await this.submit(page, id, answers[id]))
    }
    return page
  }

  /** Logs in on the page that an authorization request leads to, and gives the consent page. */
  async login(authorizePath: string, username: string, password: string): Promise<Page> {
    const { location } = await this.get(authorizePath)
    const login = await this.get(location)
    const answer = await this.post('/login', { ...hiddenFields(login), username, password })
    assert.equal(answer.status, 303, answer.text)
    return this.get(answer.location)
  }

  async #send(
    path: string,
    init: { method?: string; body?: URLSearchParams; headers?: Readonly<Record<string, string>> },
  ): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...init.headers, ...(cookie !== '' && { Cookie: cookie }) }
    const response = await fetch(new URL(path, this.#origin), { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      this.cookies.set(name, value)
    }
    const location = response.headers.get('location') ?? ''
    return { status: response.status, headers: response.headers, text: await response.text(), location }
  }
}
