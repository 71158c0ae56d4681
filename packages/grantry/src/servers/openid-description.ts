import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import type { OpenIdOptions } from './openid-options.ts'

/** What the metadata document says of OpenID Connect (OpenID Connect Discovery §3). */
export const describeOpenId = (
  issuer: string,
  openid: OpenIdOptions,
  scopeClaims: Readonly<Record<string, readonly string[]>>,
  algorithms: readonly string[],
): Readonly<Record<string, unknown>> => ({
  userinfo_endpoint: issuer.replace(/\/$/, '') + (openid.userInfoPath ?? '/userinfo'),
  ...describeLogout(issuer, openid),
  subject_types_supported: openid.pairwiseSalt === undefined ? ['public'] : ['public', 'pairwise'],
  id_token_signing_alg_values_supported: algorithms,
  userinfo_signing_alg_values_supported: algorithms,
  id_token_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'],
  id_token_encryption_enc_values_supported: ['A256GCM', 'A128GCM', 'A256CBC-HS512'],
  userinfo_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'],
  userinfo_encryption_enc_values_supported: ['A256GCM', 'A128GCM', 'A256CBC-HS512'],
  acr_values_supported: openid.acrValues,
  claim_types_supported: ['normal'],
  claims_supported: ['sub', ...new Set(Object.values(scopeClaims).flat())],
  claims_parameter_supported: true,
  prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
  request_parameter_supported: openid.requestObjects === true,
  ...(openid.requestObjects === true && { request_object_signing_alg_values_supported: signatureAlgorithms }),
  request_uri_parameter_supported: openid.requestUris === true, // left out, it would mean true
  ...(openid.requestUris === true && { require_request_uri_registration: true }),
})

const describeLogout = (
  issuer: string,
  { logoutPath, backchannelLogout, frontchannelLogout }: OpenIdOptions,
): Readonly<Record<string, unknown>> => ({
  ...(logoutPath !== undefined && { end_session_endpoint: issuer.replace(/\/$/, '') + logoutPath }),
  ...(backchannelLogout === true && { backchannel_logout_supported: true, backchannel_logout_session_supported: true }),
  ...(frontchannelLogout === true && {
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  }),
})
