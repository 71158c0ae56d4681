import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import { refuseUnknownOptions } from '../tokens/token-checks.ts'
import type { BindingRules } from '../tokens/token-binding.ts'
import { systemClock } from '../util/clock.ts'
import { certificateThumbprint } from './client-certificate.ts'
import { requireAlgorithms } from '../tokens/require-algorithms.ts'
import { findTokenBy, type AnySource } from './find-token.ts'
import { findFitting } from './fitting-token.ts'
import { ResourceGuard } from './guard.ts'
import type { AudienceOption, CommonOptions, ProtectOptions } from './options.ts'
import { publishMetadata, type PublishedMetadata } from './resource-metadata.ts'

/** All options without what they exclude of each other. */
type AnyOptions = AnySource & AudienceOption & CommonOptions<unknown, HttpRequest>

const names: Readonly<Record<keyof AnyOptions, true>> = {
  issuer: true,
  issuers: true,
  introspection: true,
  verifier: true,
  validator: true,
  audience: true,
  allowAnyAudience: true,
  scopes: true,
  claims: true,
  metadata: true,
  dpop: true,
  certificate: true,
  isRevoked: true,
  algorithms: true,
  allowForeignTokens: true,
  clockTolerance: true,
  cacheSize: true,
  outbound: true,
  realm: true,
  events: true,
  now: true,
  allowFormBodyToken: true,
  legacyQueryToken: true,
}

const requireNumber = (option: string, value: number, most: number): number => {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value
  throw new ConfigurationError(`protect: ${option} takes a whole number of 0 to ${most}, got ${value}.`)
}

const readAudience = ({ audience, allowAnyAudience }: AudienceOption): readonly string[] | undefined => {
  const names = [audience ?? []].flat()
  if (names.length > 0 && names.every(Boolean)) return names
  if (audience === undefined && (allowAnyAudience as boolean | undefined)) return undefined // JavaScript callers give neither
  throw new ConfigurationError(
    'protect needs the audience: what tokens for this resource have in aud, usually its URL. allowAnyAudience: true takes tokens for others as well.',
  )
}

/** The URL of the resource: that of its metadata, or else an audience that is one. */
const resourceOf = ({ metadata }: AnyOptions, audience: readonly string[] = []): string | undefined =>
  metadata?.resource ?? audience.find((name) => /^https?:/.test(name) && URL.canParse(name))

const bindingRules = ({ dpop, certificate }: AnyOptions, resource: string | undefined): BindingRules => ({
  dpop: dpop?.(resource),
  certificateThumbprint:
    certificate &&
    (async (request) => {
      const shown = await certificate(request)
      if (shown === undefined) return undefined
      return typeof shown === 'object' && 'thumbprint' in shown ? shown.thumbprint : certificateThumbprint(shown)
    }),
})

const issuersOf = ({ issuer, issuers, introspection }: AnyOptions): readonly string[] => {
  const named = issuer === undefined ? (issuers ?? []) : [issuer]
  const all = [...named.map((each) => (typeof each === 'string' ? each : each.issuer)), introspection?.issuer]
  return [...new Set(all.filter((each) => each !== undefined))]
}

const describe = (
  options: AnyOptions,
  { dpop }: BindingRules,
  resource: string | undefined,
): PublishedMetadata | undefined => {
  const { metadata, allowFormBodyToken, legacyQueryToken, certificate } = options
  if (metadata === undefined) return undefined
  const { authorizationServers = issuersOf(options) } = metadata
  return publishMetadata(
    resource ?? '',
    { ...metadata, authorizationServers },
    {
      bearerMethods: ['header', ...(allowFormBodyToken ? ['body'] : []), ...(legacyQueryToken ? ['query'] : [])],
      dpopAlgorithms: dpop?.algorithms,
      isDpopRequired: dpop?.isRequired === true,
      hasCertificates: certificate !== undefined,
    },
  )
}

const findTokens = (options: AnyOptions) => {
  const { algorithms = signatureAlgorithms, allowForeignTokens = false, outbound = {}, isRevoked } = options
  const find = findTokenBy(options, {
    algorithms: requireAlgorithms('algorithms', algorithms),
    allowForeignTokens,
    tolerance: requireNumber('clockTolerance', options.clockTolerance ?? 10, 300),
    cacheSize: requireNumber('cacheSize', options.cacheSize ?? 1000, 1_000_000),
    outbound,
  })
  if (isRevoked === undefined) return find
  const findUnrevoked: typeof find = async (text, request) => {
    const found = await find(text, request)
    return found !== undefined && 'claims' in found && (await isRevoked(found, request)) ? undefined : found
  }
  return findUnrevoked
}

/**
 * Protects a resource: an API, an MCP server, a route. What it gives checks requests, one by one. Throws `ConfigurationError` for options that
 * cannot work; asks nobody before the first token comes.
 */
export const protect = <TokenClaims = Claims, Http extends HttpRequest = HttpRequest>(
  options: ProtectOptions<TokenClaims, Http>,
): ResourceGuard<TokenClaims, Http> => {
  refuseUnknownOptions(options, Object.keys(names), 'protect')
  const all = options as AnyOptions // what the types exclude is checked again below, and a request is what `verify` was given
  const audience = readAudience(all)
  const resource = resourceOf(all, audience)
  const binding = bindingRules(all, resource)
  const metadata = describe(all, binding, resource)
  const { realm, allowFormBodyToken, legacyQueryToken, events, now = systemClock, scopes = [] } = all
  const rules = { audience, realm, allowFormBodyToken, legacyQueryToken, resourceMetadata: metadata?.url, ...binding }
  const find = findFitting(findTokens(all), options.claims)
  return new ResourceGuard({ checks: { find, rules, now, events }, scopes, metadata })
}
