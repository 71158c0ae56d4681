import { OAuthError, type HttpResponse } from 'grantry'
import { homePage } from '../pages/home.ts'
import { passkeyScript } from '../pages/passkey.ts'
import type { Asset } from '../pages/theme.ts'
import { endOthers, endSession, revokeApp, showAccount } from './account.ts'
import { changePassword } from './account-password.ts'
import { authorize } from './authorize.ts'
import { submitAccount, submitConsent } from './consent.ts'
import { pathOf } from './form.ts'
import { frameOf } from './frame.ts'
import { messagesOf } from './language.ts'
import { showDevice, submitDevice, submitDeviceDecision } from './device.ts'
import { disconnectLogin } from './disconnect-login.ts'
import { endUpstream, finishUpstream, startUpstream } from './upstream.ts'
import { upstreamPath } from '../upstreams/upstreams.ts'
import { showLogin, submitLogin } from './login.ts'
import { logout, submitLogout } from './logout.ts'
import {
  page,
  problem,
  refusal,
  type PageHandler,
  type PageRequest,
  type ReceivedRequest,
  type RequestHandler,
  type SentResponse,
} from './page-response.ts'
import { submitPasskey, submitSecondPasskey } from './passkey-login.ts'
import { addPasskey, createPasskey, removePasskey, showPasskeyRemoval, showPasskeys } from './passkeys.ts'
import { showForgotPassword, submitForgotPassword } from './forgot-password.ts'
import { showResetPassword, submitResetPassword } from './reset-password.ts'
import { showSignUp, submitSignUp } from './sign-up.ts'
import { healthRoutes } from './health.ts'
import { showSecondFactor, submitSecondFactor } from './second-factor.ts'
import { requestClient } from '../telemetry/request-scope.ts'
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
      [request.messages.home.openidDocument, `${issuer.origin}${issuer.path}/.well-known/openid-configuration`],
      [request.messages.home.oauthDocument, `${issuer.origin}/.well-known/oauth-authorization-server${issuer.path}`],
    ] as const
    const username = (await sessionOf(site, request))?.username
    const shown = { issuer: issuer.url, endpoints: [...documents, ...endpoints], username }
    return page(200, homePage({ ...frameOf(site, request), ...shown }))
  }

/** A file of the theme. An SVG that is opened by itself can run nothing. */
const assetResponse = ({ type, body }: Asset): SentResponse => ({
  status: 200,
  headers: {
    'Content-Type': type,
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'Cache-Control': 'public, max-age=3600',
    'X-Content-Type-Options': 'nosniff',
  },
  body,
})

const assetRoutes = ({ theme: { icon, styleSheets } }: Site): Readonly<Record<string, Methods>> => {
  const assets = [...styleSheets, icon] // which is the logo where there is one
  return Object.fromEntries(assets.map((asset) => [asset.name, { GET: () => assetResponse(asset) }]))
}

const passkeyRoutes = (site: Site): Readonly<Record<string, Methods>> => ({
  ...(site.localLogin && { '/login/passkey': { POST: (request: PageRequest) => submitPasskey(site, request) } }),
  '/login/code/passkey': { POST: (request) => submitSecondPasskey(site, request) },
  '/account/passkeys': { GET: (request) => showPasskeys(site, request) },
  '/account/passkeys/add': { POST: (request) => addPasskey(site, request) },
  '/account/passkeys/create': { POST: (request) => createPasskey(site, request) },
  '/account/passkeys/remove': {
    GET: (request) => showPasskeyRemoval(site, request),
    POST: (request) => removePasskey(site, request),
  },
  [passkeyScript.name]: { GET: () => assetResponse(passkeyScript) },
})

const signUpRoutes = (site: Site): Readonly<Record<string, Methods>> => ({
  '/sign-up': { GET: (request) => showSignUp(site, request), POST: (request) => submitSignUp(site, request) },
})

const forgotRoutes = (site: Site): Readonly<Record<string, Methods>> => ({
  '/forgot-password': {
    GET: (request) => showForgotPassword(site, request),
    POST: (request) => submitForgotPassword(site, request),
  },
})

const accountRoutes = (site: Site): Readonly<Record<string, Methods>> => ({
  '/account': { GET: (request) => showAccount(site, request) },
  '/account/revoke': { POST: (request) => revokeApp(site, request) },
  '/account/end-session': { POST: (request) => endSession(site, request) },
  '/account/end-others': { POST: (request) => endOthers(site, request) },
  '/account/disconnect': { POST: (request) => disconnectLogin(site, request) },
  '/account/password': { POST: (request) => changePassword(site, request) },
})

const upstreamRoutes = (site: Site): Readonly<Record<string, Methods>> =>
  Object.fromEntries(
    site.upstreams.all.flatMap((upstream): [string, Methods][] => {
      const path = upstreamPath('', upstream.settings.id)
      return [
        [path, { GET: (request) => startUpstream(site, upstream, request) }],
        [`${path}/callback`, { GET: (request) => finishUpstream(site, upstream, request) }],
        [`${path}/logout`, { POST: (request) => endUpstream(site, upstream, request) }],
      ]
    }),
  )

const routesOf = (site: Site): ReadonlyMap<string, Methods> => {
  const routes: Readonly<Record<string, Methods>> = {
    '/': { GET: home(site) },
    '/login': {
      GET: (request) => showLogin(site, request),
      ...(site.localLogin && { POST: (request: PageRequest) => submitLogin(site, request) }),
    },
    ...upstreamRoutes(site),
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
    ...accountRoutes(site),
    ...(site.passkeys.isOffered ? passkeyRoutes(site) : {}),
    ...(site.accountSettings.signUp === 'off' ? {} : signUpRoutes(site)),
    ...(site.accountSettings.passwordResetWebhook === undefined ? {} : forgotRoutes(site)),
    '/reset-password': {
      GET: (request) => showResetPassword(site, request),
      POST: (request) => submitResetPassword(site, request),
    },
    ...assetRoutes(site),
    ...healthRoutes(() => site.isReady()),
  }
  return new Map(Object.entries(routes).map(([path, methods]) => [site.issuer.path + path, methods]))
}

/** The answer of an endpoint of the toolkit that is not asked (RFC 6749 §5.2). */
const refuseEndpoint = ({ code: error, description, status, headers }: OAuthError): SentResponse => ({
  status,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
  body: JSON.stringify({ error, error_description: description }),
})

/** Paths whose endpoints the toolkit calls by another name. */
const endpoints: Readonly<Record<string, string>> = {
  ...{ '/authorize': 'authorization', '/introspect': 'introspection', '/revoke': 'revocation' },
  '/register': 'registration',
}

const tellRefused = ({ log }: Site, path: string, refused: OAuthError): void => {
  const { code: error, description, status, reason, detail } = refused
  const endpoint = endpoints[path] ?? path.slice(1)
  log({ type: 'request.refused', endpoint, error, description, status, reason, detail })
}

/** The page for what went wrong. What is no fault of whoever asked is logged. */
const refuse = (site: Site, request: PageRequest, thrown: unknown): HttpResponse => {
  const isOAuth = thrown instanceof OAuthError
  if (!isOAuth || thrown.status >= 500)
    site.log({ type: 'page.failed', cause: isOAuth ? (thrown.cause ?? thrown.detail) : thrown })
  const frame = frameOf(site, request)
  if (!isOAuth) return refusal(500, {}, frame)
  const { code, description } = thrown
  const page = refusal(thrown.status, { code, description }, frame)
  return { ...page, headers: { ...thrown.headers, ...page.headers } }
}

/** An endpoint of the toolkit. What its client proves to have sent is not counted for the address. */
const runEndpoint = async (
  site: Site,
  path: string,
  request: ReceivedRequest,
  refused: OAuthError | undefined,
): Promise<SentResponse> => {
  if (refused !== undefined) return refuseEndpoint(refused)
  const answer = await site.server.handle(request)
  const { address } = request
  site.requestLimits.settle({ path, address, status: answer.status, clientId: requestClient() })
  return answer
}

const runPage = async (
  site: Site,
  methods: Methods,
  request: PageRequest,
  refused: OAuthError | undefined,
): Promise<SentResponse> => {
  if (refused !== undefined) return refuse(site, request, refused)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler === undefined) {
    const shown = problem(405, request.messages.errors.method, frameOf(site, request))
    return { ...shown, headers: { ...shown.headers, Allow: Object.keys(methods).join(', ') } }
  }
  try {
    return await handler(request)
  } catch (thrown) {
    return refuse(site, request, thrown)
  }
}

/** What answers requests. */
export interface App {
  readonly handle: RequestHandler
  /** The paths of the pages. */
  readonly paths: readonly string[]
}

/** A request whose body can be read again: first for its language, then by its page. */
const rereadable = (request: ReceivedRequest): ReceivedRequest => {
  let body: Promise<string> | undefined
  return { ...request, text: () => (body ??= request.text()) }
}

/** Answers every request: pages by themselves, everything else by the toolkit. */
export const createApp = (site: Site): App => {
  const routes = routesOf(site)
  const handle: RequestHandler = async (received) => {
    const url = pathOf(received.url)
    const path = url.slice(site.issuer.path.length)
    const methods = routes.get(url)
    const refused = site.requestLimits.takeAddress(path, received.address)
    if (refused !== undefined) tellRefused(site, path, refused)
    if (methods === undefined) return runEndpoint(site, path, received, refused)
    const request = rereadable(received)
    return runPage(site, methods, { ...request, messages: await messagesOf(request) }, refused)
  }
  return { handle, paths: [...routes.keys()] }
}
