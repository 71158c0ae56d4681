import { digestBase64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import { ConfigurationError, TemporarilyUnavailableError } from '../core/errors.ts'
import { guardedFetch, type OutboundOptions } from '../outbound/guarded-fetch.ts'
import type { AssertionWriter } from './private-key-jwt.ts'
import type { AnswerReader } from './signed-answers.ts'
import { Recent } from './recent.ts'
import { reaching, TrustedIssuer } from './trusted-issuer.ts'
import { readToken, type VerifiedToken } from './verified-token.ts'

/** How the authorization server is asked about tokens (RFC 7662), and by whom. */
export interface IntrospectionOptions {
  /** The authorization server, whose metadata says where to ask. Default: the option `issuer` of `protect`. */
  readonly issuer?: string | undefined
  /** Where to ask. Default: what the metadata of the issuer says. */
  readonly endpoint?: string | undefined
  /** This resource, as a client of the authorization server. */
  readonly clientId: string
  /** Its secret, sent by `client_secret_basic`. */
  readonly clientSecret?: string | undefined
  /** Or what it signs to prove who it is: `privateKeyJwt(key)`. Needs an issuer. */
  readonly assertion?: AssertionWriter | undefined
  /** Takes answers alone that the authorization server signed: `signedAnswers()`. Default: JSON, which TLS protects on its way. */
  readonly signed?: AnswerReader | undefined
  /** Seconds for which an answer is kept, so that a token which is revoked may live so long, 0 to 300. Default: 10. */
  readonly cacheSeconds?: number | undefined
}

/** How the authorization server is asked. */
export interface IntrospectionRules {
  readonly outbound: OutboundOptions
  readonly tolerance: number
  /** How many answers are kept. */
  readonly cacheSize: number
}

/** Whom to ask. */
interface IntrospectionServer {
  /** Undefined where only an endpoint is known. */
  readonly issuer: TrustedIssuer | undefined
  readonly outbound: OutboundOptions
}

/** The authorization server: the one that is named, or else the only one whose signed tokens are taken. */
const findServer = (
  { issuer: named, endpoint }: IntrospectionOptions,
  [issuer, another]: readonly TrustedIssuer[],
  outbound: OutboundOptions,
): IntrospectionServer => {
  if (named !== undefined)
    return findServer({ endpoint, clientId: '' }, [new TrustedIssuer({ issuer: named }, outbound)], outbound)
  const only = another === undefined ? issuer : undefined
  if (endpoint !== undefined) return { issuer: only, outbound: reaching([endpoint], outbound) }
  if (only !== undefined) return { issuer: only, outbound: only.outbound }
  throw new ConfigurationError('introspect needs issuer or endpoint: where tokens are asked about.')
}

interface Answer {
  /** Undefined for a token that is not active. */
  readonly claims: Claims | undefined
  readonly until: number
}

/** Seconds for which a token that is not active stays so: for those who repeat a request at once. */
const inactiveSeconds = 1
const mostUnderWay = 100
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const formPart = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** What authenticates this resource in one request. */
type Authenticate = (
  now: number,
) => Awaitable<{ readonly headers?: Readonly<Record<string, string>>; readonly form?: Record<string, string> }>

const makeAuthentication = (
  { clientId, clientSecret, assertion }: IntrospectionOptions,
  issuer: TrustedIssuer | undefined,
): Authenticate => {
  if (clientSecret !== undefined && assertion === undefined) {
    const authorization = `Basic ${btoa(`${formPart(clientId)}:${formPart(clientSecret)}`)}`
    return () => ({ headers: { authorization } })
  }
  if (clientSecret !== undefined || assertion === undefined || issuer === undefined)
    throw new ConfigurationError('introspect needs clientSecret, or assertion and the issuer, for whom assertions are.')
  return async (now) => ({
    form: { client_assertion_type: assertionType, client_assertion: await assertion(clientId, issuer.issuer, now) },
  })
}

const unavailable = (cause: unknown): TemporarilyUnavailableError =>
  cause instanceof TemporarilyUnavailableError
    ? cause
    : new TemporarilyUnavailableError('token_unverifiable', { detail: `introspection: ${String(cause)}`, cause })

/** The claims of an answer; undefined for a token that is not active. Throws for what is no answer (RFC 7662 §2.2). */
const readAnswer = (answer: unknown): Claims | undefined => {
  if (typeof answer !== 'object' || answer === null || !('active' in answer) || typeof answer.active !== 'boolean')
    throw new Error('the answer has no active')
  const { active, ...claims } = answer
  return active ? claims : undefined // parsed from JSON
}

/** Whether an answer says that the token is another than an access token: servers answer for refresh tokens, too (RFC 7662 §2). */
const isOtherToken = ({ token_use: use, typ }: Claims): boolean =>
  (typeof use === 'string' && !/^access/i.test(use)) || (typeof typ === 'string' && /refresh|offline|^id$/i.test(typ))

/** Asks the authorization server about tokens, and keeps what it says for a moment. */
export class IntrospectedTokens {
  readonly #options: IntrospectionOptions
  readonly #server: IntrospectionServer
  readonly #tolerance: number
  readonly #authenticate: Authenticate
  readonly #cacheSeconds: number
  readonly #active: Recent<Answer>
  readonly #inactive: Recent<Answer>
  readonly #underWay = new Map<string, Promise<Answer>>()

  /** `issuers` are those whose signed tokens are taken. Throws `ConfigurationError` for options that cannot work. */
  constructor(
    options: IntrospectionOptions,
    issuers: readonly TrustedIssuer[],
    { outbound, tolerance, cacheSize }: IntrospectionRules,
  ) {
    const { cacheSeconds = 10 } = options
    if (!(cacheSeconds >= 0 && cacheSeconds <= 300))
      throw new ConfigurationError(`introspect: cacheSeconds takes 0 to 300 seconds, got ${cacheSeconds}.`)
    this.#options = options
    this.#server = findServer(options, issuers, outbound)
    if (options.signed !== undefined && this.#server.issuer === undefined)
      throw new ConfigurationError('introspect: signed needs the issuer, whose keys sign the answers.')
    this.#tolerance = tolerance
    this.#authenticate = makeAuthentication(options, this.#server.issuer)
    this.#cacheSeconds = cacheSize === 0 ? 0 : cacheSeconds
    this.#active = new Recent(cacheSize)
    this.#inactive = new Recent(cacheSize)
  }

  /** What a token stands for at `now`, or why it is not valid. Throws where the authorization server does not tell. */
  async find(text: string, now: number): Promise<VerifiedToken | FailedProof | undefined> {
    const digest = await digestBase64url(text)
    const kept = this.#active.get(digest) ?? this.#inactive.get(digest)
    const { claims } = kept !== undefined && now < kept.until ? kept : await this.#share(text, digest, now)
    if (claims === undefined) return undefined
    const { issuer } = this.#server
    if (isOtherToken(claims)) return { reason: 'token_invalid', detail: 'it is no access token' }
    if (issuer !== undefined && claims['iss'] !== undefined && claims['iss'] !== issuer.issuer)
      return { reason: 'token_issuer_unknown', detail: `iss is ${JSON.stringify(claims['iss'])}` }
    return readToken(claims, now, { tolerance: this.#tolerance, required: [] })
  }

  /** One request for all who ask about the same token at once. */
  async #share(text: string, digest: string, now: number): Promise<Answer> {
    const shared = this.#underWay.get(digest)
    if (shared !== undefined) return shared
    if (this.#underWay.size >= mostUnderWay) throw unavailable(`${mostUnderWay} requests are under way`)
    const asking = this.#ask(text, digest, now).finally(() => this.#underWay.delete(digest))
    this.#underWay.set(digest, asking)
    return asking
  }

  async #ask(text: string, digest: string, now: number): Promise<Answer> {
    this.#active.delete(digest)
    this.#inactive.delete(digest)
    const claims = await this.#send(text, now)
    const answer = {
      claims,
      until: now + Math.min(this.#cacheSeconds, claims === undefined ? inactiveSeconds : Infinity),
    }
    if (this.#cacheSeconds > 0) (claims === undefined ? this.#inactive : this.#active).set(digest, answer)
    return answer
  }

  async #send(token: string, now: number): Promise<Claims | undefined> {
    const { issuer, outbound } = this.#server
    const { clientId, signed } = this.#options
    try {
      const url = this.#options.endpoint ?? (await issuer?.introspectionEndpoint(now)) ?? ''
      const { headers, form } = await this.#authenticate(now)
      const sent = { headers, form: { token, token_type_hint: 'access_token', ...form } }
      const { text } = await guardedFetch(url, {
        ...outbound,
        ...sent,
        accepts: [signed?.mediaType ?? 'application/json'],
      })
      return readAnswer(
        signed === undefined || issuer === undefined
          ? JSON.parse(text)
          : await signed.read(text, { clientId, issuer, now }),
      )
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}
