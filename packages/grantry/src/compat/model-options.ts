import { ConfigurationError } from '../core/errors.ts'
import type { Grant } from '../core/grant.ts'
import type { ServerOptions } from '../servers/options.ts'
import type { ModelCaller, ModelVersion } from './call-model.ts'
import type { ModelUser } from './model.ts'
import type { ModelWarningName } from './warnings.ts'

/** What a model has no place for: a binding or a recipient that it forgets would leave a token good for anyone, anywhere. */
const needsStore = [
  'clientIdMetadataDocuments',
  'device',
  'dpop',
  'mutualTls',
  'pushedRequests',
  'registration',
  'resources',
] as const
type NeedsStore = (typeof needsStore)[number]

/** What follows from the options of the model, or needs more than a model keeps. */
type Settled =
  | NeedsStore
  | 'tokenExpiresIn'
  | 'refreshTokenExpiresIn'
  | 'refreshTokenFamilyExpiresIn'
  | 'refreshTokenRotation'
  | 'refreshTokenGrace'
  | 'refreshTokenMaxReplays'
  | 'codeExpiresIn'
  | 'allowMissingPkce'
  | 'legacyQueryToken'
  | 'tokenGenerator'
  | 'refreshTokenGenerator'
  | 'tokenVerifier'
  | 'grants'

/** Options as `oauth2-server` has them, and those of every server here, but for those that the former decide. */
export interface OAuth2ServerModelOptions extends Omit<ServerOptions, Settled> {
  /** For which version the model is written. Default: 5. */
  readonly modelVersion?: ModelVersion | undefined
  /** Lifetime of access tokens in seconds; that of a client goes before it. Default: 3600. */
  readonly accessTokenLifetime?: number | undefined
  /** Lifetime of refresh tokens in seconds; that of a client goes before it. Default: 1209600 (14 days). */
  readonly refreshTokenLifetime?: number | undefined
  /** Lifetime of codes in seconds, at most 600. Default: 300. */
  readonly authorizationCodeLifetime?: number | undefined
  /** Takes authorization requests without `state`. Default: false. */
  readonly allowEmptyState?: boolean | undefined
  /** Sends the members that `saveToken` adds. Default: false. */
  readonly allowExtendedTokenAttributes?: boolean | undefined
  /** Grants for which clients need no secret, by grant type, as `{ refresh_token: false }`. With PKCE a code never needs one. Default: none. */
  readonly requireClientAuthentication?: Readonly<Record<string, boolean>> | undefined
  /** Whether refresh tokens are replaced as they are used. Default: true. */
  readonly alwaysIssueNewRefreshToken?: boolean | undefined
  /** Takes tokens in the query of URLs, where logs keep them. Default: false. */
  readonly allowBearerTokensInQueryString?: boolean | undefined
  /** Takes `code_challenge_method=plain`. Default: false. */
  readonly enablePlainPKCE?: boolean | undefined
  /** Takes authorization requests without PKCE, whose codes then need a secret. Default: false. */
  readonly allowMissingPkce?: boolean | undefined
  /** Grant types of clients whose record has no `grants`. Default: none. */
  readonly grants?: readonly string[] | undefined
  /** Grants of your own, by grant type. Default: none. */
  readonly extendedGrantTypes?: Readonly<Record<string, Grant>> | undefined
  /** The id of a user of the model. Default: its `id`, or `_id`. */
  readonly userId?: ((user: ModelUser) => string | undefined) | undefined
  /** Warnings that you have seen, and accept. Default: none. */
  readonly acceptedWarnings?: readonly ModelWarningName[] | undefined
}

/** Options that the library had, and that are something else here. */
const moved: Readonly<Record<string, string>> = {
  model: 'the model is the first argument',
  authenticateHandler: 'tell who logged in by interact, or use the class OAuth2Server',
  scope: 'give scopes to requireToken, or to verifyRequest',
}

const owner = 'fromOAuth2ServerModel'

/** Refuses what is no model, and options that are something else here, and says what. */
export const requireArguments = (model: ModelCaller, options: OAuth2ServerModelOptions): void => {
  if (!model.has('getClient', 'saveToken'))
    throw new ConfigurationError(`${owner}: the first argument is the model, with getClient and saveToken.`)
  for (const name of Object.keys(options)) {
    const instead = moved[name]
    if (instead !== undefined) throw new ConfigurationError(`${owner}: ${name} is no option: ${instead}.`)
  }
  const unkept = needsStore.find((name) => Object.hasOwn(options, name))
  if (unkept !== undefined)
    throw new ConfigurationError(`${owner}: ${unkept} needs a Store: a model has no place for what it keeps.`)
  for (const [name, grant] of Object.entries(options.extendedGrantTypes ?? {})) {
    if (typeof grant === 'object') continue
    throw new ConfigurationError(
      `${owner}: extendedGrantTypes.${name} must be a Grant, an object with authorize(request). It decides, and saves no tokens.`,
    )
  }
}

const own: Readonly<Record<Exclude<keyof OAuth2ServerModelOptions, Exclude<keyof ServerOptions, Settled>>, true>> = {
  modelVersion: true,
  accessTokenLifetime: true,
  refreshTokenLifetime: true,
  authorizationCodeLifetime: true,
  allowEmptyState: true,
  allowExtendedTokenAttributes: true,
  requireClientAuthentication: true,
  alwaysIssueNewRefreshToken: true,
  allowBearerTokensInQueryString: true,
  enablePlainPKCE: true,
  allowMissingPkce: true,
  grants: true,
  extendedGrantTypes: true,
  userId: true,
  acceptedWarnings: true,
}

/** The options that a server here has as well. */
export const serverOptionsOf = (options: OAuth2ServerModelOptions): ServerOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(own, name)))
