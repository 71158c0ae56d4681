/** The toolkit: servers, tokens, and the contracts that drive them. */
export type { Awaitable } from './core/awaitable.ts'
export type { Claims, JsonValue } from './core/claims.ts'
export type { ClientAuthenticationMethod, ClientCredentials, FailedProof } from './core/client-authentication.ts'
export type { ClientKeyFetcher, ReplayValidator, SharedSecretValidator } from './core/client-keys.ts'
export {
  describeDetails,
  detailsOf,
  type AuthorizationDetail,
  type AuthorizationDetailOptions,
  type AuthorizationDetailType,
} from './core/authorization-details.ts'
export { InvalidAuthorizationDetailsError } from './core/detail-rules.ts'
export type { SchemaProperties, SchemaResult, StandardSchema } from './core/standard-schema.ts'
export { BackchannelRequestError } from './core/backchannel-errors.ts'
export { cibaGrantType } from './core/backchannel.ts'
export type * from './core/backchannel.ts'
export { BearerError } from './core/bearer-error.ts'
export type {
  CertificateFinder,
  CertificateName,
  CertificateNameType,
  ClientCertificate,
} from './core/client-certificate.ts'
export type { Confirmation } from './core/confirmation.ts'
export { InvalidDpopProofError, UseDpopNonceError } from './core/dpop-errors.ts'
export {
  AccessDeniedError,
  ConfigurationError,
  FatalClientError,
  InvalidClientError,
  InvalidGrantError,
  InvalidRequestError,
  InvalidScopeError,
  InvalidTargetError,
  MethodNotAllowedError,
  OAuthError,
  PayloadTooLargeError,
  ServerError,
  TemporarilyUnavailableError,
  UnauthorizedClientError,
  UnsupportedGrantTypeError,
  UnsupportedResponseTypeError,
  UnsupportedTokenTypeError,
} from './core/errors.ts'
export type * from './core/events.ts'
export {
  makeGrantRequest,
  type Grant,
  type GrantOutcome,
  type GrantRequest,
  type GrantRequestOptions,
} from './core/grant.ts'
export type { Hook, Hooks } from './core/hooks.ts'
export type { HttpHandler, HttpHeaders, HttpRequest, HttpResponse, Peer } from './core/http.ts'
export type { EndpointName, OAuthRequest } from './core/oauth-request.ts'
export type { ResourcePolicy, ResourcePolicyOptions } from './core/resource-policies.ts'
export type { FapiProfile } from './core/fapi.ts'
export type { RequestState } from './core/request-state.ts'
export { reasons, type Reason } from './core/reasons.ts'
export type * from './core/records.ts'
export { isPublicClient } from './core/records.ts'
export { redirectUriProblem } from './core/redirect-uri.ts'
export type * from './core/request-validator.ts'
export { RequestValidator } from './core/request-validator.ts'
export type * from './core/response-type.ts'
export type { RotationPolicy, TokenContext, TokenGenerator, TokenVerifier, PublicJwk } from './core/token-context.ts'
export type * from './core/signer.ts'
export type { KeyStore, SigningKeyRow } from './core/signing-key.ts'
export type { KeyScheduleOptions, KeyState, ScheduledKey } from './core/key-schedule.ts'
export { generatePrivateKey } from './keys/generate-key.ts'
export { KeyRing, type KeyRingOptions } from './keys/key-ring.ts'
export { KeyRotation, type KeyRotationOptions, type Upkeep, type Withdrawal } from './keys/key-rotation.ts'
export { randomTokenGenerator } from './tokens/random-token-generator.ts'
export {
  signedTokenGenerator,
  type SignedTokenGenerator,
  type SignedTokenOptions,
} from './tokens/signed-token-generator.ts'
export { signedTokenVerifier, type SignedTokenVerifierOptions } from './tokens/signed-token-verifier.ts'
export {
  hmacTokenGenerator,
  hmacTokenVerifier,
  type HmacOptions,
  type HmacTokenGenerator,
} from './tokens/hmac-token-generator.ts'
export {
  encryptedTokenGenerator,
  type EncryptedTokenGenerator,
  type EncryptedTokenOptions,
} from './tokens/encrypted-token-generator.ts'
export { encryptedTokenVerifier, type EncryptedTokenVerifierOptions } from './tokens/encrypted-token-verifier.ts'
export type { SelfContainedTokenVerifier, TokenCheckOptions } from './tokens/token-checks.ts'
export type { TokenClaimOptions } from './tokens/token-claims.ts'
export type { EncryptionKeyInput, EncryptionOptions } from './keys/encryption-key.ts'
export { seal, unseal } from '#platform'
export { prepareBearerBody, prepareBearerHeaders, prepareBearerUri } from './tokens/prepare-bearer.ts'
export type { BearerResult, BearerTokenOptions, TokenModifier } from './tokens/bearer-options.ts'
export { BearerToken, type BearerTokenValidator } from './tokens/bearer-token.ts'
export type { MutualTlsOptions } from './tokens/mutual-tls-options.ts'
export type { DpopProofOptions } from './tokens/dpop-options.ts'
export type { Sender } from './tokens/sender.ts'
export type { BearerLocations } from './tokens/bearer-credentials.ts'
export type { Authentication, ClaimRequests, LoginContext } from './core/login-context.ts'
export { AuthorizationPendingError, ExpiredTokenError, SlowDownError } from './core/device-errors.ts'
export {
  deviceCodeGrantType,
  type ApprovedDevice,
  type DeviceAuthorization,
  type DeviceCodes,
  type DeviceDecision,
  type DevicePoll,
  type DeviceValidator,
} from './core/device-authorization.ts'
export {
  tokenExchangeGrantType,
  tokenTypes,
  type ExchangeJudge,
  type ExchangePermission,
  type Issued,
  type IssuedType,
  type PresentedToken,
  type PresentedTokenVerifier,
  type TokenExchange,
} from './core/token-exchange.ts'
export { idJagTokenType } from './core/id-jag.ts'
export { idJag, type IdJagOptions } from './tokens/id-jag.ts'
export type { OwnTokenValidator } from './core/own-tokens.ts'
export type { OwnIdTokenOptions, TrustedJwtOptions } from './keys/presented-jwts.ts'
export type { IssuerKeys } from './keys/trusted-jwts.ts'
export { ClientSecretJwt, type ClientSecretJwtOptions } from './client-auth/client-secret-jwt.ts'
export { PrivateKeyJwt, type PrivateKeyJwtOptions } from './client-auth/private-key-jwt.ts'
export { AuthorizationCodeGrant } from './grants/authorization-code.ts'
export { CibaGrant } from './grants/ciba.ts'
export { ClientCredentialsGrant } from './grants/client-credentials.ts'
export { DeviceCodeGrant } from './grants/device-code.ts'
export { JwtBearerGrant, jwtBearerGrantType, type JwtBearerOptions } from './grants/jwt-bearer.ts'
export { PasswordGrant } from './grants/password.ts'
export { RefreshTokenGrant } from './grants/refresh-token.ts'
export { TokenExchangeGrant, type TokenExchangeOptions } from './grants/token-exchange.ts'
export { CodeResponseType, type CodeModifier, type CodeOptions } from './response-types/code.ts'
export { noneResponseType } from './response-types/none.ts'
export { TokenResponseType } from './response-types/token.ts'
export type { AuthorizationDecision, AuthorizationValidation } from './endpoints/authorization.ts'
export type { OpenIdAuthorization } from './core/check-authorization.ts'
export { pushedRequestPrefix, type PushedRequest, type PushedRequestValidator } from './core/pushed-request.ts'
export type {
  PushedRequestOptions,
  RequestObjectOptions,
  SignedResponseOptions,
} from './servers/authorization-requests.ts'
export type { SignedIntrospectionOptions } from './servers/signed-introspection.ts'
export { AuthorizationServer, type ServerValidator } from './servers/authorization-server.ts'
export type { EndpointParts, Parts } from './servers/parts.ts'
export { BackendApplicationServer } from './servers/backend-application-server.ts'
export { DeviceApplicationServer } from './servers/device-application-server.ts'
export { BackchannelFlow, type BackchannelOptions, type BackchannelParts } from './servers/backchannel-flow.ts'
export type { BackchannelUsers } from './endpoints/backchannel-authentication.ts'
export type { OriginJudge } from './servers/cross-origin.ts'
export { DeviceFlow, type DeviceOptions } from './servers/device-flow.ts'
export type { DeviceLookup } from './endpoints/device-authorization.ts'
export { LegacyApplicationServer } from './servers/legacy-application-server.ts'
export { MobileApplicationServer } from './servers/mobile-application-server.ts'
export type { LogoutDelivery, LogoutOutbox } from './servers/logout-deliveries.ts'
export { OpenIdServer, type OpenIdValidator } from './servers/openid-server.ts'
export type { OpenIdOptions, OpenIdServerOptions } from './servers/openid-options.ts'
export type { LogoutRequest, LogoutValidation } from './endpoints/logout.ts'
export type { LoggedOut } from './tokens/logout-token.ts'
export { verifyLogoutToken, type Logout, type LogoutTokenChecks } from './tokens/verify-logout-token.ts'
export type { KnownLogin, NextStep } from './servers/openid-steps.ts'
export { readOpenIdRequest, type OpenIdRequest, type Prompt } from './core/openid-request.ts'
export type { UserClaimsValidator } from './core/user-claims.ts'
export {
  AccountSelectionRequiredError,
  ConsentRequiredError,
  InteractionRequiredError,
  InvalidRequestObjectError,
  InvalidRequestUriError,
  LoginRequiredError,
  RequestNotSupportedError,
  UnmetAuthenticationRequirementsError,
} from './core/openid-errors.ts'
export { Server } from './servers/server.ts'
export { WebApplicationServer } from './servers/web-application-server.ts'
export type { EndpointPaths, Interaction, ServerOptions } from './servers/options.ts'
export { generateClientSecret, hashClientSecret, type SecretHash } from './storage/client-secret.ts'
export type { ResolveHost } from './core/exchange.ts'
export {
  guardedFetch,
  type OutboundAnswer,
  type OutboundDone,
  type OutboundOptions,
  type OutboundRequest,
} from './outbound/guarded-fetch.ts'
export { guardedKeyFetcher } from './outbound/key-fetcher.ts'
export { OutboundClient, type DocumentRequest } from './outbound/outbound-client.ts'
export { OutboundError, type OutboundProblem } from './outbound/outbound-error.ts'
export type {
  ClientEncryption,
  ClientMetadata,
  ClientMetadataDocument,
  DynamicRegistration,
} from './core/client-metadata.ts'
export type * from './core/registration.ts'
export { readClientMetadata } from './registration/members.ts'
export {
  InvalidClientMetadataError,
  InvalidRedirectUriError,
  InvalidSoftwareStatementError,
  TooManyRequestsError,
  UnapprovedSoftwareStatementError,
} from './core/registration-errors.ts'
export {
  ClientSelfService,
  type RegistrationOptions,
  type SoftwareStatementOptions,
} from './servers/dynamic-registration.ts'
export type { ClientDocumentOptions } from './servers/client-documents.ts'
export type { AskingRequest, ClientDocuments } from './registration/client-documents.ts'
export { ignoreTrailingSlash, type ServedResources } from './core/resources.ts'
export { clientIdUrlProblem } from './core/client-id-url.ts'
export { createInitialAccessToken, type InitialAccessTokenOptions } from './storage/initial-access-token.ts'
export { sweepRegistrations, type RegistrationSweep } from './storage/sweep-registrations.ts'
export { registerClient, type ClientRegistration, type RegisteredClient } from './storage/register-client.ts'
export type { SweepOptions, Swept } from './storage/background-sweep.ts'
export { composeStores, type StoreHomes } from './storage/compose-stores.ts'
export { ComposedStore, type StoreParts } from './storage/composed-store.ts'
export { allStoreFeatures } from './storage/store-features.ts'
export type * from './storage/store-rows.ts'
export type * from './storage/store.ts'
export { endClient, type ClientEnder } from './storage/end-client.ts'
export type { EndsWithSession } from './storage/session-end.ts'
export { StoreValidator } from './storage/store-validator.ts'
export { TicketValidator } from './storage/ticket-validator.ts'
export type { StoreValidatorOptions } from './storage/store-validator-options.ts'
export type { DigestOptions } from './storage/token-digest.ts'
export { ClockGuard } from './storage/clock-guard.ts'
export { systemClock, type Clock } from './util/clock.ts'
