import { OAuthError, type HttpResponse } from 'grantry'
import { homePage } from '../pages/home.ts'
import { style } from '../pages/style.ts'
import { authorize } from './authorize.ts'
import { submitAccount, submitConsent } from './consent.ts'
import { healthRoutes } from './health.ts'
import { showDevice, submitDevice, submitDeviceDecision } from './device.ts'
import { showLogin, submitLogin } from './login.ts'
import { logout, submitLogout } from './logout.ts'
import { page, problem, type PageHandler, type PageRequest } from './page-response.ts'
import { showSecondFactor, submitSecondFactor } from './second-factor.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'
import { showTotp, submitTotp, submitTotpRemoval } from './totp.ts'

type Methods = Readonly<Record<string, PageHandler>>

const home =
  (site: Site): PageHandler =>
  async (request) => {
    const { issuer, server } = site
    const metadata = JSON.parse((await server.createMetadataResponse()).body) as Record<string, unknown> // RFC 8414
    const isUrl = ([name]: [string, unknown]): boolean => name.endsWith('_endpoint') || name === 'jwks_uri'
    const endpoints = Object.entries(metadata)
      .filter(isUrl)
      .map(([name, url]) => [name, String(url)] as const)
    const documents = [
      ['OpenID configuration', `${issuer.origin}${issuer.path}/.well-known/openid-configuration`],
      ['OAuth metadata', `${issuer.origin}/.well-known/oauth-authorization-server${issuer.path}`],
    ] as const
    const username = (await sessionOf(site, request))?.username
    return page(
      200,
      homePage({ path: issuer.path, issuer: issuer.url, endpoints: [...documents, ...endpoints], username }),
    )
  }

const styleSheet: HttpResponse = {
  status: 200,
  headers: {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': 'public, max-age=3600',
    'X-Content-Type-Options': 'nosniff',
  },
  body: style,
}

const routesOf = (site: Site): ReadonlyMap<string, Methods> => {
  const routes: Readonly<Record<string, Methods>> = {
    '/': { GET: home(site) },
    '/login': { GET: (request) => showLogin(site, request), POST: (request) => submitLogin(site, request) },
    '/login/code': {
      GET: (request) => showSecondFactor(site, request),
      POST: (request) => submitSecondFactor(site, request),
    },
    '/account/totp': { GET: (request) => showTotp(site, request), POST: (request) => submitTotp(site, request) },
    '/account/totp/remove': { POST: (request) => submitTotpRemoval(site, request) },
    '/authorize': { GET: (request) => authorize(site, request), POST: (request) => authorize(site, request) },
    '/select-account': { POST: (request) => submitAccount(site, request) },
    '/consent': { POST: (request) => submitConsent(site, request) },
    '/device': { GET: (request) => showDevice(site, request), POST: (request) => submitDevice(site, request) },
    '/device/decision': { POST: (request) => submitDeviceDecision(site, request) },
    '/logout': { GET: (request) => logout(site, request), POST: (request) => submitLogout(site, request) },
    '/style.css': { GET: () => styleSheet },
    ...healthRoutes(() => site.isReady()),
  }
  return new Map(Object.entries(routes).map(([path, methods]) => [site.issuer.path + path, methods]))
}

/** The page for what went wrong. What is no fault of whoever asked is logged. */
const refuse = ({ log, issuer: { path } }: Site, thrown: unknown): HttpResponse => {
  const isOAuth = thrown instanceof OAuthError
  if (!isOAuth || thrown.status >= 500) log({ type: 'page.failed', cause: isOAuth ? thrown.cause : thrown })
  if (!isOAuth) return problem(500, 'The server could not complete the request.', { path })
  const page = problem(thrown.status, thrown.description, { path, code: thrown.code })
  return { ...page, headers: { ...thrown.headers, ...page.headers } }
}

const runPage = async (site: Site, methods: Methods, request: PageRequest): Promise<HttpResponse> => {
  const { path } = site.issuer
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler === undefined) {
    const refusal = problem(405, 'This page does not take such requests.', { path })
    return { ...refusal, headers: { ...refusal.headers, Allow: Object.keys(methods).join(', ') } }
  }
  try {
    return await handler(request)
  } catch (thrown) {
    return refuse(site, thrown)
  }
}

/** What answers requests. */
export interface App {
  readonly handle: PageHandler
  /** The paths of the pages. */
  readonly paths: readonly string[]
}

/** Answers every request: pages by themselves, everything else by the toolkit. */
export const createApp = (site: Site): App => {
  const routes = routesOf(site)
  const handle: PageHandler = (request) => {
    const methods = routes.get(request.url.replace(/[?#].*$/s, ''))
    return methods === undefined ? site.server.handle(request) : runPage(site, methods, request)
  }
  return { handle, paths: [...routes.keys()] }
}
