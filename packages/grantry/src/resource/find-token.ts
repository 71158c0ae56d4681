import { ConfigurationError } from '../core/errors.ts'
import type { SelfContainedTokenValidator, TokenValidator } from '../core/request-validator.ts'
import type { TokenVerifier } from '../core/token-context.ts'
import type { OutboundOptions } from '../outbound/guarded-fetch.ts'
import type { FindToken } from '../tokens/verify-request.ts'
import type { IntrospectionSupport } from './introspect.ts'
import { SignedTokens, type SignedTokenRules } from './signed-tokens.ts'
import { TrustedIssuer, type IssuerOptions } from './trusted-issuer.ts'
import { tokenOfRecord, type VerifiedToken } from './verified-token.ts'

/** The members of every `TokenSource`. */
export interface AnySource {
  readonly issuer?: string | IssuerOptions | undefined
  readonly issuers?: readonly (string | IssuerOptions)[] | undefined
  readonly introspection?: IntrospectionSupport | undefined
  readonly verifier?: TokenVerifier | undefined
  readonly validator?: Partial<TokenValidator & SelfContainedTokenValidator> | undefined
}

/** How tokens are found, whatever the source. */
export interface FinderRules extends SignedTokenRules {
  readonly outbound: OutboundOptions
}

const byVerifier =
  (verifier: TokenVerifier, { validator }: AnySource): FindToken<VerifiedToken> =>
  async (text, request) => {
    const record = await verifier(text, request)
    if (record === undefined || (await validator?.isTokenRevoked?.(text, record, request)) === true) return undefined
    return tokenOfRecord(record)
  }

const byValidator = (validator: NonNullable<AnySource['validator']>): FindToken<VerifiedToken> => {
  if (validator.validateBearerToken === undefined)
    throw new ConfigurationError(
      'protect: the validator has no validateBearerToken. Give a verifier as well, or another one.',
    )
  return async (text, request) => {
    const record = await validator.validateBearerToken?.(text, request)
    return record !== undefined && record.expiresAt > request.now ? tokenOfRecord(record) : undefined
  }
}

/** The issuers that were named. Throws `ConfigurationError` for two of the same name. */
const readIssuers = ({ issuer, issuers = [] }: AnySource, outbound: OutboundOptions): readonly TrustedIssuer[] => {
  const named = (issuer === undefined ? issuers : [issuer]).map((each) =>
    typeof each === 'string' ? { issuer: each } : each,
  )
  if (new Set(named.map((each) => each.issuer)).size < named.length)
    throw new ConfigurationError('protect: an issuer is named twice.')
  return named.map((each) => new TrustedIssuer(each, outbound))
}

const byServer = (source: AnySource, rules: FinderRules): FindToken<VerifiedToken> => {
  const { outbound } = rules
  const issuers = readIssuers(source, outbound)
  const signed = issuers.length === 0 ? undefined : new SignedTokens(issuers, rules)
  const { introspection } = source
  const asked = introspection && introspection.connect(issuers, rules)
  return async (text, { now }) => {
    const isSigned = signed !== undefined && (asked === undefined || signed.isOurs(text))
    return isSigned ? signed.find(text, now) : asked?.find(text, now)
  }
}

const kindsOf = ({ issuer, issuers, introspection, verifier, validator }: AnySource): readonly unknown[] =>
  [issuer ?? issuers ?? introspection, verifier ?? validator].filter((each) => each !== undefined)

/** The way in which tokens are found. Throws `ConfigurationError` where there is none, or more than one. */
export const findTokenBy = (source: AnySource, rules: FinderRules): FindToken<VerifiedToken> => {
  const { issuer, issuers, verifier, validator } = source
  const isTwice = issuer !== undefined && issuers !== undefined
  if (kindsOf(source).length !== 1 || isTwice || issuers?.length === 0)
    throw new ConfigurationError(
      'protect needs one way to find tokens: issuer, issuers, introspection, verifier or validator.',
    )
  if (verifier !== undefined) return byVerifier(verifier, source)
  return validator === undefined ? byServer(source, rules) : byValidator(validator)
}
