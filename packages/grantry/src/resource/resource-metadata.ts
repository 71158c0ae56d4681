import { ConfigurationError } from '../core/errors.ts'
import { empty, pathOf, publicJson, type HttpRequest, type HttpResponse } from '../core/http.ts'

/** What the metadata document of a protected resource says (RFC 9728 §2). */
export interface ResourceMetadata {
  /** The URL that names the resource, exactly as clients use it. Default: the audience, where that is one URL. */
  readonly resource?: string | undefined
  /** Issuers that tokens can be had from. Default: those of `protect`. */
  readonly authorizationServers?: readonly string[] | undefined
  /** Scopes to list. Default: not listed. */
  readonly scopes?: readonly string[] | undefined
  /** For people. */
  readonly name?: string | undefined
  /** A page for developers. */
  readonly documentation?: string | undefined
  /** Members beside these, by their names in the document. */
  readonly more?: Readonly<Record<string, unknown>> | undefined
}

/** What the document says of how tokens are sent. */
export interface ResourceAbilities {
  readonly bearerMethods: readonly string[]
  readonly dpopAlgorithms: readonly string[] | undefined
  readonly isDpopRequired: boolean
  readonly hasCertificates: boolean
}

/** A metadata document, and where it is. */
export interface PublishedMetadata {
  readonly url: string
  readonly path: string
  /** The document, where a request asks for it; undefined for a request for something else. */
  respond(request: Pick<HttpRequest, 'method' | 'url'>): HttpResponse | undefined
}

const wellKnown = '/.well-known/oauth-protected-resource'

/** Between host and path, a final slash after the host left out (RFC 9728 §3.1). */
const urlOf = (resource: string): URL => {
  const url = URL.canParse(resource) ? new URL(resource) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hash !== '')
    throw new ConfigurationError(
      `metadata.resource must be the URL of the resource without fragment, not "${resource}"; it is the audience where that is one.`,
    )
  return new URL(`${url.origin}${wellKnown}${url.pathname === '/' ? '' : url.pathname}${url.search}`)
}

const describe = (
  resource: string,
  { authorizationServers, scopes, name, documentation, more }: ResourceMetadata,
  { bearerMethods, dpopAlgorithms, isDpopRequired, hasCertificates }: ResourceAbilities,
): object => ({
  resource,
  authorization_servers: authorizationServers,
  scopes_supported: scopes,
  bearer_methods_supported: bearerMethods,
  resource_name: name,
  resource_documentation: documentation,
  dpop_signing_alg_values_supported: dpopAlgorithms,
  dpop_bound_access_tokens_required: isDpopRequired || undefined,
  tls_client_certificate_bound_access_tokens: hasCertificates || undefined,
  ...more,
})

/** Pages of every origin may read it, with whatever headers they send. */
const preflight = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET',
  'Access-Control-Allow-Headers': '*',
}

/** The metadata document of a resource (RFC 9728 §3). Throws `ConfigurationError` where it has no URL. */
export const publishMetadata = (
  resource: string,
  metadata: ResourceMetadata,
  abilities: ResourceAbilities,
): PublishedMetadata => {
  const url = urlOf(resource)
  const document = publicJson(describe(resource, metadata, abilities), 300)
  return {
    url: url.href,
    path: url.pathname,
    respond(request) {
      if (pathOf(request.url) !== url.pathname) return undefined
      if (request.method === 'OPTIONS') return empty(204, preflight)
      return request.method === 'GET' || request.method === 'HEAD' ? document : empty(405, { Allow: 'GET, HEAD' })
    },
  }
}
