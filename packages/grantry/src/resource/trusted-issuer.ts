import { ConfigurationError } from '../core/errors.ts'
import { isSecureUrl, issuerPath } from '../core/issuer.ts'
import type { JwkSet } from '../core/signer.ts'
import { guardedFetch, isAllowed, type OutboundOptions } from '../outbound/guarded-fetch.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import { KeptDocument, type ReadDocument } from './kept-document.ts'

/** An authorization server whose tokens are taken. */
export interface IssuerOptions {
  /** The exact `iss` of its tokens. */
  readonly issuer: string
  /** Where its keys are, for one that has no metadata document. Default: what its metadata says. */
  readonly jwksUri?: string | undefined
}

/** The metadata of an issuer (RFC 8414 §2), as far as it is used here. */
interface IssuerMetadata {
  readonly jwks_uri?: unknown
  readonly introspection_endpoint?: unknown
}

const jsonTypes = ['application/json']
const keyTypes = [...jsonTypes, 'application/jwk-set+json']

/** Seconds after which keys are asked for anew because one is not among them. */
const coolDown = 30

const malformed = (what: string): OutboundError => new OutboundError('malformed', what)

const parseObject = (text: string, what: string): Readonly<Record<string, unknown>> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(`${what} is no JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no JSON object`)
  return value as Readonly<Record<string, unknown>> // an object that is no array
}

const isKeySet = (value: object): value is JwkSet =>
  'keys' in value && Array.isArray(value.keys) && value.keys.every((key) => typeof key === 'object' && key !== null)

/** Where the metadata may be: RFC 8414 §3.1, then OpenID Connect Discovery §4. */
const metadataUrls = (issuer: string, path: string): readonly string[] => [
  `${new URL(issuer).origin}/.well-known/oauth-authorization-server${path}`,
  `${new URL(issuer).origin}${path}/.well-known/openid-configuration`,
]

const isElsewhere = ({ problem, status = 500 }: OutboundError): boolean =>
  problem === 'malformed' || problem === 'content_type' || (problem === 'status' && status < 500)

/** Options for requests that may go to the hosts of these URLs wherever they are, since the operator chose them. */
export const reaching = (urls: readonly string[], outbound: OutboundOptions): OutboundOptions => {
  const { allowPrivateHosts = [] } = outbound
  const chosen = urls.map((text) => (URL.canParse(text) ? new URL(text) : undefined))
  const isReachable = (url: URL | undefined): url is URL =>
    url !== undefined && (isSecureUrl(url) || (url.protocol === 'http:' && isAllowed(url, allowPrivateHosts)))
  const hosts = chosen.filter(isReachable).map(({ host }) => host)
  if (hosts.length === urls.length) return { ...outbound, allowPrivateHosts: [...allowPrivateHosts, ...hosts] }
  throw new ConfigurationError(
    `protect: ${urls.join(', ')} must be https (http on localhost and on hosts of outbound.allowPrivateHosts).`,
  )
}

/** One issuer: its metadata and its keys, which are never mixed with those of another one. */
export class TrustedIssuer {
  readonly issuer: string
  readonly #outbound: OutboundOptions
  readonly #path: string
  readonly #metadata: KeptDocument<IssuerMetadata>
  readonly #keys: KeptDocument<JwkSet>

  /** Throws `ConfigurationError` for what is no issuer. The operator chose its host, which therefore may be at any address. */
  constructor({ issuer, jwksUri }: IssuerOptions, outbound: OutboundOptions) {
    this.issuer = issuer
    this.#outbound = reaching([issuer, ...(jwksUri === undefined ? [] : [jwksUri])], outbound)
    this.#path = issuerPath(issuer, () => true) // `reaching` looked at its protocol
    const isSame = (left: object, right: object): boolean => JSON.stringify(left) === JSON.stringify(right)
    this.#metadata = new KeptDocument(() => this.#discover(), isSame)
    this.#keys = new KeptDocument(
      async (now) => this.#readKeys(jwksUri ?? (await this.#urlOf('jwks_uri', now))),
      isSame,
    )
  }

  /** Its keys: the same object as long as they are the same. Throws a `TemporarilyUnavailableError` where they cannot be had. */
  keys(now: number): Promise<JwkSet> {
    return this.#keys.get(now)
  }

  /** The same after a key was not among them, or none of them made a signature: read anew, but not for every request. */
  newerKeys(now: number): Promise<JwkSet> {
    return this.#keys.get(now, coolDown)
  }

  /** Where tokens are introspected. Throws as `keys` does. */
  async introspectionEndpoint(now: number): Promise<string> {
    return this.#urlOf('introspection_endpoint', now)
  }

  /** How its hosts are asked. */
  get outbound(): OutboundOptions {
    return this.#outbound
  }

  async #urlOf(member: keyof IssuerMetadata, now: number): Promise<string> {
    const url = (await this.#metadata.get(now))[member]
    if (typeof url !== 'string' || !URL.canParse(url))
      throw malformed(`the metadata of ${this.issuer} has no ${member}`)
    // an https issuer does not lead to http, wherever that may be allowed
    if (this.issuer.startsWith('https:') && !url.startsWith('https:')) throw malformed(`${member} is not https`)
    return url
  }

  async #readKeys(url: string): Promise<ReadDocument<JwkSet>> {
    const { text, cacheControl } = await guardedFetch(url, { ...this.#outbound, accepts: keyTypes })
    const value = parseObject(text, 'what is at jwks_uri')
    if (!isKeySet(value)) throw malformed('what is at jwks_uri is no JWK Set')
    return { value, cacheControl }
  }

  async #discover(): Promise<ReadDocument<IssuerMetadata>> {
    const problems: unknown[] = []
    for (const url of metadataUrls(this.issuer, this.#path)) {
      try {
        return await this.#readMetadata(url)
      } catch (error) {
        if (!(error instanceof OutboundError) || !isElsewhere(error)) throw error
        problems.push(`${url}: ${error.message}`)
      }
    }
    throw malformed(`there is no metadata of ${this.issuer}: ${problems.join('; ')}`)
  }

  async #readMetadata(url: string): Promise<ReadDocument<IssuerMetadata>> {
    const { text, cacheControl } = await guardedFetch(url, { ...this.#outbound, accepts: jsonTypes })
    const value = parseObject(text, 'it')
    if (value['issuer'] !== this.issuer) throw malformed(`its issuer is ${JSON.stringify(value['issuer'])}`)
    return { value, cacheControl }
  }
}
