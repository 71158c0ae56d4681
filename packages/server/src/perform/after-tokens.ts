import * as openid from 'openid-client'
import { during } from './discover.ts'
import type { FlowOptions } from './flows.ts'

type Tokens = openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers

const isVerified = (tokens: Tokens): string => {
  const claims = tokens.claims()
  return claims === undefined ? 'none' : `signature, issuer, audience and nonce are right; sub ${claims.sub}`
}

/** Uses tokens for what they are there for, and ends them: what was asked for is not left behind. */
export const useAndEnd = async (
  config: openid.Configuration,
  tokens: Tokens,
  { onStep }: Pick<FlowOptions, 'onStep'>,
): Promise<void> => {
  const { userinfo_endpoint: userInfo, revocation_endpoint: revocation } = config.serverMetadata()
  const claims = tokens.claims()
  if (tokens.id_token !== undefined) onStep('ID token', isVerified(tokens))
  if (userInfo !== undefined && claims !== undefined) {
    const told = await during('UserInfo', () => openid.fetchUserInfo(config, tokens.access_token, claims.sub))
    onStep('UserInfo', Object.keys(told).join(', '))
  }
  if (revocation === undefined) return
  await during('revocation', () => openid.tokenRevocation(config, tokens.refresh_token ?? tokens.access_token))
  onStep('revocation', 'what was issued is revoked')
}
