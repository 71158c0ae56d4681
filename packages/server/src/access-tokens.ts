import {
  randomTokenGenerator,
  signedTokenGenerator,
  type ResourcePolicy,
  type ResourcePolicyOptions,
  type AccessToken,
  type Claims,
  type KeyRing,
  type OpenIdServerOptions,
  type SignedTokenGenerator,
  type TokenContext,
  type TokenGenerator,
  type TokenVerifier,
} from 'grantry'
import { fapiOf } from './profiles.ts'
import type { SigningAlgorithm } from './signing-keys.ts'
import type { Settings } from './settings.ts'

/** Claims that the client asked UserInfo for one by one. Of a token that has no row, the token itself must say it. */
const requestedClaim = 'userinfo_claims'

const withRequested = (context: TokenContext): TokenContext => {
  const requested = context.authorization.openid?.claims?.userinfo ?? []
  if (requested.length === 0) return context
  const claims: Claims = { ...context.claims, [requestedClaim]: requested }
  return { ...context, claims }
}

const readRequested = (token: AccessToken): AccessToken => {
  const requested = token.claims[requestedClaim]
  if (!Array.isArray(requested)) return token
  const userinfo = requested.filter((name) => typeof name === 'string')
  return { ...token, openid: { claims: { userinfo, idToken: [] } } }
}

const verifierOf = ({ verifier }: SignedTokenGenerator): TokenVerifier => {
  if (verifier === undefined) throw new Error('The public half of the signing key is not known.')
  return async (token, request) => {
    const read = await verifier(token, request)
    return read && readRequested(read)
  }
}

/** The generator without its keys for the JWKS: they are those of the ID tokens, which are there already. */
const generatorOf = (
  generator: SignedTokenGenerator,
  prepare: (context: TokenContext) => TokenContext,
): TokenGenerator =>
  Object.assign((context: TokenContext) => generator(prepare(context)), {
    issuer: generator.issuer,
    audience: generator.audience,
    longestLifetime: generator.longestLifetime,
  })

/** What is different for the tokens of single resources; undefined for nothing. */
export const resourcePolicies = (
  {
    resourcePolicies: given,
    tokenFormat: ofServer,
    profile,
  }: Pick<Settings, 'resourcePolicies' | 'tokenFormat' | 'profile'>,
  issuer: string,
  keys: KeyRing,
): ResourcePolicyOptions | undefined => {
  const policies = Object.entries(given).map(([audience, policy]): [string, ResourcePolicy] => {
    const { scopes, tokenExpiresIn, tokenFormat = ofServer, tokenSigningAlgorithm: algorithm } = policy
    if (tokenFormat === ofServer && algorithm === undefined) return [audience, { scopes, tokenExpiresIn }]
    const format = accessTokenOptions({ tokenFormat, profile }, issuer, keys, { audience, algorithm })
    return [
      audience,
      { scopes, tokenExpiresIn, ...format, tokenGenerator: format.tokenGenerator ?? randomTokenGenerator },
    ]
  })
  return policies.length === 0 ? undefined : Object.fromEntries(policies)
}

/** How access tokens are made and checked in a format. */
export const accessTokenOptions = (
  { tokenFormat, profile }: Pick<Settings, 'tokenFormat' | 'profile'>,
  issuer: string,
  keys: KeyRing,
  of: { readonly audience?: string; readonly algorithm?: SigningAlgorithm | undefined } = {},
): Pick<OpenIdServerOptions, 'tokenGenerator' | 'tokenVerifier'> => {
  if (tokenFormat === 'opaque') return {}
  const algorithm = of.algorithm ?? (fapiOf(profile) && 'ES256') // what every resource reads (RFC 9068 §2.1), but FAPI 2.0 does without RS256
  const generator = signedTokenGenerator(keys, {
    ...{ issuer, audience: of.audience ?? issuer, algorithm },
    profile: 'at+jwt',
  })
  if (tokenFormat === 'jwt-stored') return { tokenGenerator: generatorOf(generator, (context) => context) }
  return { tokenGenerator: generatorOf(generator, withRequested), tokenVerifier: verifierOf(generator) }
}
