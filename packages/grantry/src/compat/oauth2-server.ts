/** Models that were written for `oauth2-server` or `@node-oauth/oauth2-server`, behind a Grantry server. */
export { fromOAuth2ServerModel } from './from-model.ts'
export { OAuthError, Request, Response, type RequestParts } from './messages.ts'
export {
  OAuth2Server,
  type AuthenticateHandler,
  type AuthenticateOptions,
  type AuthorizeOptions,
} from './oauth2-server-class.ts'
export type { ModelVersion } from './call-model.ts'
export type * from './model.ts'
export type { OAuth2ServerModelOptions } from './model-options.ts'
export type { OAuth2ModelServer, ScopeNeeds } from './model-server.ts'
export type { ModelWarningName } from './warnings.ts'
