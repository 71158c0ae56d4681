import { createHmac } from 'node:crypto'
import { OAuthError, type HttpResponse } from 'grantry'
import type { Admin } from '../admin/admin.ts'
import type { Actor } from '../admin/parts.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { equalSecrets, isCrossSite } from '../http/forgery.ts'
import { pathOf, queryOf, readForm } from '../http/form.ts'
import { messagesOf } from '../http/language.ts'
import { page, seeOther, type PageRequest, type ReceivedRequest, type SentResponse } from '../http/page-response.ts'
import type { Issuer } from '../issuer.ts'
import type { Log } from '../log.ts'
import { consoleDe } from '../messages/console-de.ts'
import { consoleEn } from '../messages/console-en.ts'
import { html } from '../pages/html.ts'
import { makeAsset, type Asset, type Theme } from '../pages/theme.ts'
import type { ConsoleHandler } from './call.ts'
import type { ConsoleLogin } from './console-login.ts'
import type { ConsoleCookies, ConsoleSession } from './console-session.ts'
import { liveScript } from './overview.ts'
import { consolePage, type ConsoleFrame } from './page.ts'
import { consoleRoutes, type RouteParts } from './routes.ts'
import { consoleStyle } from './style.ts'

/** What the console works with. */
export interface ConsoleParts extends RouteParts {
  readonly adminFor: (actor: Actor) => Admin
  readonly login: ConsoleLogin
  readonly cookies: ConsoleCookies
  /** Where browsers know it by. */
  readonly url: string
  readonly issuer: Issuer
  readonly theme: Theme
  readonly log: Log
}

const assets = {
  style: makeAsset('/console.css', 'text/css; charset=utf-8', consoleStyle),
  script: makeAsset('/console.js', 'text/javascript; charset=utf-8', liveScript),
}

const texts = { en: consoleEn, de: consoleDe }

/** The pages for administrators. Who is none gets nothing but the way to log in. */
export class Console {
  readonly #parts: ConsoleParts
  readonly #routes: ReturnType<typeof consoleRoutes>
  readonly #assets: ReadonlyMap<string, Asset>

  constructor(parts: ConsoleParts) {
    this.#parts = parts
    this.#routes = consoleRoutes(parts)
    const { theme } = parts
    const all = [...theme.styleSheets, theme.icon, assets.style, assets.script]
    this.#assets = new Map(all.map((asset) => [asset.name, asset]))
  }

  /** The template of the path of a URL; undefined where nothing is there. */
  routeOf(url: string): string | undefined {
    const path = pathOf(url)
    if (this.#assets.has(path) || path === '/callback' || path === '/logout') return path
    return this.#routes.find(({ pattern }) => pattern.test(path))?.path
  }

  /** Answers a request of a browser. */
  async handle(received: ReceivedRequest): Promise<SentResponse> {
    const asset = this.#assets.get(pathOf(received.url))
    if (asset !== undefined) return assetAnswer(asset)
    let body: Promise<string> | undefined
    const request = { ...received, text: () => (body ??= received.text()) }
    const http: PageRequest = { ...request, messages: await messagesOf(request) }
    try {
      return await this.#answer(http)
    } catch (thrown) {
      return this.#refuse(http, thrown)
    }
  }

  async #answer(http: PageRequest): Promise<HttpResponse> {
    const { login, issuer, cookies } = this.#parts
    const path = pathOf(http.url)
    if (path === '/callback') return this.#finish(http)
    if (path === '/login') return login.start(http, '/', 'login')
    const found = await login.find(http)
    if (found === undefined) return login.start(http, http.method === 'GET' ? http.url : '/')
    const { session, username } = found
    const frame = this.#frameOf(http, session, username)
    const route = this.#routes.find(({ pattern }) => pattern.test(path))
    const fields = (await readForm(http)) ?? new URLSearchParams()
    if (http.method === 'POST' && !this.#isOwnForm(http, session, fields))
      return this.#problem(403, http.messages.errors.foreignForm(this.#parts.url), frame)
    if (path === '/logout' && http.method === 'POST')
      return seeOther(`${issuer.origin}${issuer.path}/logout`, cookies.end())
    const method = http.method === 'HEAD' ? 'GET' : http.method
    const handler = route?.methods[method]
    if (route === undefined || handler === undefined) {
      const message = http.messages.errors.titles[route === undefined ? 404 : 405] ?? ''
      return this.#problem(route === undefined ? 404 : 405, message, frame)
    }
    return this.#run(handler, http, { session, frame, fields, route })
  }

  #run(
    handler: ConsoleHandler,
    http: PageRequest,
    {
      session,
      frame,
      fields,
      route,
    }: { session: ConsoleSession; frame: ConsoleFrame; fields: URLSearchParams; route: { pattern: RegExp } },
  ): Promise<HttpResponse> {
    const { userId } = session
    const [, id, inner] = route.pattern.exec(pathOf(http.url))?.map(decode) ?? []
    const path = { ...(id !== undefined && { id }), ...(inner !== undefined && { inner }) }
    const admin = this.#parts.adminFor({ kind: 'admin', id: userId })
    return handler({ admin, frame, path, userId, query: new URLSearchParams(queryOf(http.url)), fields })
  }

  async #finish(http: PageRequest): Promise<HttpResponse> {
    const answer = await this.#parts.login.finish(http)
    if (typeof answer !== 'string') return answer
    return this.#problem(403, texts[http.messages.lang === 'de' ? 'de' : 'en'][answer], this.#frameOf(http))
  }

  #frameOf({ messages }: PageRequest, session?: ConsoleSession, username?: string): ConsoleFrame {
    const { theme } = this.#parts
    const csrf = (path: string): string => (session === undefined ? '' : tokenOf(session, path))
    return { theme, messages, assets, username, csrf, texts: texts[messages.lang === 'de' ? 'de' : 'en'] }
  }

  #isOwnForm(http: PageRequest, session: ConsoleSession, fields: URLSearchParams): boolean {
    const isOwn = equalSecrets(fields.get('csrf') ?? '', tokenOf(session, pathOf(http.url)))
    return isOwn && !isCrossSite(http, this.#parts.url)
  }

  #problem(status: number, message: string, frame: ConsoleFrame): HttpResponse {
    const { refused, otherLogin, back } = frame.texts
    const [path, label] = frame.username === undefined ? ['/login', otherLogin] : ['/', back]
    const content = html`<p class="more"><a href="${path}">${label}</a></p>`
    return page(status, consolePage(frame, { title: refused, problem: message }, content))
  }

  async #refuse(http: PageRequest, thrown: unknown): Promise<HttpResponse> {
    const found = await this.#parts.login.find(http).catch(() => undefined)
    const frame = this.#frameOf(http, found?.session, found?.username)
    if (thrown instanceof AdminRefusal)
      return this.#problem(thrown.code === 'not_found' ? 404 : 422, thrown.message, frame)
    const isBusy = thrown instanceof PasswordPoolBusyError
    const status = isBusy ? 503 : thrown instanceof OAuthError ? thrown.status : 500
    if (status >= 500 && !isBusy)
      this.#parts.log({ type: 'console.failed', cause: thrown instanceof OAuthError ? thrown.cause : thrown })
    const { busy, failed, tooLarge } = http.messages.errors
    return this.#problem(status, status === 503 ? busy : status === 413 ? tooLarge : failed, frame)
  }
}

/** What is no text has no name either. */
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** Binds a form to the session and to where it is sent. */
const tokenOf = ({ id }: ConsoleSession, path: string): string =>
  createHmac('sha256', id).update(`console\n${path}`).digest('base64url')

const assetAnswer = ({ type, body }: Asset): SentResponse => ({
  status: 200,
  headers: {
    'Content-Type': type,
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'Cache-Control': 'public, max-age=3600',
    'X-Content-Type-Options': 'nosniff',
  },
  body,
})
