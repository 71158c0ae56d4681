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
export const hiddenFields = (page: Page): Record<string, string> => {
  const fields = page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name, value]) => [name ?? '', (value ?? '').replaceAll('&amp;', '&')]))
}

/** Keeps cookies and follows redirects only when it is told to. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
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
