import {
  OutboundClient,
  OutboundError,
  verifyLogoutToken,
  type Claims,
  type JsonValue,
  type Logout,
  type OutboundOptions,
  type PublicJwk,
} from 'grantry'
import * as client from 'openid-client'
import { clientAuthentication, type AssertionKeys } from './client-authentication.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** What the provider says of someone who logged in there. */
export interface UpstreamLogin {
  readonly issuer: string
  readonly subject: string
  /** As clients of this server may be told. */
  readonly claims: Claims
  /** What pages call the user. */
  readonly shownName: string
  /** How the user logged in there; empty where the provider is not trusted with that. */
  readonly amr: readonly string[]
  /** When, in seconds; undefined where that is not known or not trusted. */
  readonly authTime: number | undefined
  /** What the session there is called. */
  readonly sid: string | undefined
}

/** How a client wants users to log in, as far as a provider can see to it. */
export interface AskedLogin {
  /** Seconds that the login there may be old. */
  readonly maxAge: number | undefined
  /** What the page there is to do, such as `login`. */
  readonly prompt: readonly string[]
  /** Whether it is to be by two factors. */
  readonly byTwoFactors: boolean
}

/** What is sent with a user to the provider, and must come back. */
export interface UpstreamChecks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Seconds that the login there may be old. */
  readonly maxAge: number | undefined
}

/** Nobody of the domains that are let in. */
export class ForeignDomainError extends Error {
  override readonly name = 'ForeignDomainError'
}

const metadataSeconds = 3600
const retrySeconds = 10
const standardClaims = ['name', 'given_name', 'family_name', 'picture', 'locale', 'email', 'email_verified']

/** The transport of the client library: the guarded client, which asks public addresses only, within its time and size. */
const guarded =
  (outbound: OutboundClient): client.CustomFetch =>
  async (url, { method, headers, body }) => {
    const type = 'application/x-www-form-urlencoded'
    const content = method === 'POST' && body instanceof URLSearchParams ? { type, text: body.toString() } : undefined
    const accepts = ['application/json', 'application/jwk-set+json']
    const { authorization } = Object.fromEntries(new Headers(headers))
    const sent = { accepts, content, ...(authorization !== undefined && { headers: { authorization } }) }
    const answer = await outbound.send(url, sent)
    return Response.json(JSON.parse(answer.text), { status: answer.status })
  }

const signatures = new Set(['RS256', 'PS256', 'ES256', 'EdDSA'])

/** What a token says of how it was signed; nothing of one that cannot be read. */
const headerOf = (token: string): { readonly alg?: string; readonly kid?: string } => {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { alg?: string; kid?: string } // is checked with the token
  } catch {
    return {}
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** What a client of a provider works with. */
export interface UpstreamParts extends AssertionKeys {
  readonly outbound: OutboundOptions
}

/** One provider that users log in at, with this server as its client (OpenID Connect Core §3.1). */
export class Upstream {
  readonly settings: UpstreamSettings
  readonly #redirectUri: string
  readonly #authentication: client.ClientAuth
  readonly #outbound: OutboundClient
  #found: { readonly configuration: Promise<client.Configuration>; readonly until: number } | undefined

  constructor(settings: UpstreamSettings, redirectUri: string, { outbound, ...keys }: UpstreamParts) {
    this.settings = settings
    this.#redirectUri = redirectUri
    this.#authentication = clientAuthentication(settings, keys)
    this.#outbound = new OutboundClient(outbound)
  }

  /** Where to send the browser. Throws where the provider does not answer. */
  async authorizationUrl({ state, nonce, verifier, maxAge }: UpstreamChecks, asked: AskedLogin): Promise<string> {
    const { scopes = ['openid', 'profile', 'email'], prompt: always = '', twoFactorAcr } = this.settings
    const prompt = [...new Set([...always.split(' '), ...asked.prompt])].join(' ').trim()
    const url = client.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#redirectUri,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      ...{ state, nonce, code_challenge: await client.calculatePKCECodeChallenge(verifier) },
      code_challenge_method: 'S256',
      ...(prompt !== '' && { prompt }),
      ...(asked.byTwoFactors && twoFactorAcr !== undefined && { acr_values: twoFactorAcr }),
      ...(maxAge !== undefined && { max_age: String(maxAge) }),
    })
    return url.href
  }

  /** Who comes back with a code. Throws for every answer that is not the one that was asked for. */
  async login(query: string, { state, nonce, verifier, maxAge }: UpstreamChecks): Promise<UpstreamLogin> {
    const configuration = await this.#configuration()
    const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.#redirectUri}?${query}`), {
      ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      ...(maxAge !== undefined && { maxAge }),
    })
    const own = tokens.claims()
    if (own === undefined) throw new Error('There is no ID token.')
    const more = await this.#userInfo(configuration, tokens.access_token, own)
    const said = { ...more, ...own } as Claims // JSON, which the types of the library name otherwise
    this.#requireDomain(said)
    return this.#toLogin(own.sub, said, maxAge !== undefined)
  }

  /** A logout that the provider tells of; undefined for a token that is not valid. */
  async readLogout(token: string, now: () => number): Promise<Logout | undefined> {
    const { issuer, clientId } = this.settings
    const { alg: algorithm = '', kid } = headerOf(token)
    if (!signatures.has(algorithm)) return undefined
    const uri = (await this.#configuration()).serverMetadata().jwks_uri ?? ''
    const accepts = ['application/json', 'application/jwk-set+json']
    const { text } = await this.#outbound.fetchDocument(uri, { accepts, now: now(), maxAge: 300 })
    const { keys } = JSON.parse(text) as { readonly keys: readonly (PublicJwk & { readonly kid?: string })[] } // RFC 7517 §5
    const key = keys.find((each) => each.kid === kid)
    return key && verifyLogoutToken(token, key, { issuer, clientId, algorithm, now })
  }

  /** Where users end their session at the provider (OpenID Connect RP-Initiated Logout §2); undefined where it does not say so, or does not answer. */
  async logoutUrl(): Promise<string | undefined> {
    const metadata = await this.#configuration().then(
      (configuration) => configuration.serverMetadata(),
      () => undefined, // whoever logs out here is told nothing of it: this logout is done
    )
    const end = metadata?.end_session_endpoint
    if (end === undefined || !URL.canParse(end) || !/^https?:$/.test(new URL(end).protocol)) return undefined
    const url = new URL(end)
    url.searchParams.set('client_id', this.settings.clientId)
    return url.href
  }

  /** What the ID token leaves out, where the provider tells it elsewhere. */
  async #userInfo(configuration: client.Configuration, token: string, own: client.IDToken): Promise<object> {
    const isWhole = Object.values(this.#mapping()).every((name) => name in own)
    if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return {}
    return client.fetchUserInfo(configuration, token, own.sub)
  }

  #mapping(): Readonly<Record<string, string>> {
    return this.settings.claims ?? Object.fromEntries(standardClaims.map((name) => [name, name]))
  }

  /** An address that nobody has verified says nothing of where somebody belongs. */
  #requireDomain({ hd, email, email_verified: isVerified }: Claims): void {
    const { allowedDomains } = this.settings
    if (allowedDomains === undefined) return
    const ofEmail = isText(email) && isVerified === true ? email.slice(email.lastIndexOf('@') + 1) : undefined
    const domain = (isText(hd) ? hd : ofEmail)?.toLowerCase()
    if (domain === undefined || !allowedDomains.some((each) => each.toLowerCase() === domain))
      throw new ForeignDomainError()
  }

  #toLogin(subject: string, said: Claims, isFresh: boolean): UpstreamLogin {
    const { issuer, trustsMethods = false, twoFactorAcr } = this.settings
    const mapped = Object.entries(this.#mapping()).map(([name, theirs]): [string, JsonValue | undefined] => [
      name,
      said[theirs],
    ])
    const claims = Object.fromEntries(mapped.filter(([, value]) => value !== undefined))
    const shownName = [claims['email'], said['preferred_username'], claims['name']].find(isText) ?? subject
    const told = trustsMethods && Array.isArray(said['amr']) ? said['amr'].filter(isText).slice(0, 10) : []
    const isTwo = twoFactorAcr !== undefined && said['acr'] === twoFactorAcr
    const amr = [...new Set([...told, ...(isTwo ? ['mfa'] : [])])]
    const at = said['auth_time']
    const sid = isText(said['sid']) ? said['sid'] : undefined
    const authTime = (trustsMethods || isFresh) && typeof at === 'number' ? Math.floor(at) : undefined
    return { issuer, subject, claims, shownName: shownName.slice(0, 256), amr, authTime, sid }
  }

  /** What the provider says of itself is kept for an hour, and a failure for ten seconds; who wants it at once shares a request. */
  #configuration(): Promise<client.Configuration> {
    const now = performance.now() / 1000
    if (this.#found !== undefined && now < this.#found.until) return this.#found.configuration
    const configuration = this.#discover()
    const found = { configuration, until: now + metadataSeconds }
    this.#found = found
    configuration.catch(() => {
      if (this.#found === found) this.#found = { configuration, until: now + retrySeconds }
    })
    return configuration
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId } = this.settings
    const isPlain = issuer.startsWith('http:') // which settings allow on localhost only
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the library marks it so that it is seen
    const execute = [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])]
    const options = { [client.customFetch]: guarded(this.#outbound), execute }
    return client.discovery(new URL(issuer), clientId, undefined, this.#authentication, options)
  }
}

/** What went wrong, without what came back: it may have a code or a token in it. */
export const upstreamProblem = (thrown: unknown): string => {
  if (thrown instanceof OutboundError) return thrown.message
  if (thrown instanceof client.AuthorizationResponseError) return `the provider answered ${thrown.error}`
  if (!(thrown instanceof Error)) return 'unknown'
  return thrown.cause instanceof Error ? `${thrown.message}: ${thrown.cause.message}` : thrown.message
}

/** Whether the user said no there. */
export const isDenied = (thrown: unknown): boolean =>
  thrown instanceof client.AuthorizationResponseError && thrown.error === 'access_denied'
