import { IntrospectedTokens, type IntrospectionOptions, type IntrospectionRules } from './introspected-tokens.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

/** What `introspect` gives to `protect`. */
export interface IntrospectionSupport {
  /** The authorization server, where it was named. */
  readonly issuer: string | undefined
  /** Throws `ConfigurationError` where it is not known whom to ask. */
  readonly connect: (issuers: readonly TrustedIssuer[], rules: IntrospectionRules) => Pick<IntrospectedTokens, 'find'>
}

/** Asks the authorization server about tokens, for the option `introspection` of `protect` (RFC 7662). */
export const introspect = (options: IntrospectionOptions): IntrospectionSupport => ({
  issuer: options.issuer,
  connect: (issuers, rules) => new IntrospectedTokens(options, issuers, rules),
})
