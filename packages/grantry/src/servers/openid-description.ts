import { clientContentEncryptions, clientKeyManagements } from '../keys/encrypt-for-client.ts'
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
  id_token_encryption_alg_values_supported: clientKeyManagements,
  id_token_encryption_enc_values_supported: clientContentEncryptions,
  userinfo_encryption_alg_values_supported: clientKeyManagements,
  userinfo_encryption_enc_values_supported: clientContentEncryptions,
  acr_values_supported: openid.acrValues,
  claim_types_supported: ['normal'],
  claims_supported: ['sub', ...new Set(Object.values(scopeClaims).flat())],
  claims_parameter_supported: true,
  prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
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
