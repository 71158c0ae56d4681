import type { Assertion, Attestation } from './passkey-messages.ts'

/** What must be in every answer. */
export interface ExpectedAnswer {
  readonly expectedOrigin: string
  readonly expectedRPID: string
  /** Whether the challenge is one of ours, which is used up by that. */
  readonly expectedChallenge: (challenge: string) => Promise<boolean>
}

/** EdDSA, ES256 and RS256 (RFC 9053, RFC 8812): what there is in authenticators. */
export const algorithms = [-8, -7, -257]

/** It is large and knows much that is not asked for here, so it is loaded when the first passkey is to be checked. */
const load = () => import('@simplewebauthn/server')

/** How often the authenticator has signed, where an answer is of the passkey with this key (WebAuthn §7.2). Throws for what is wrong. */
export const checkAssertion = async (
  response: Assertion,
  publicKey: Uint8Array,
  expected: ExpectedAnswer,
): Promise<number | undefined> => {
  const { verifyAuthenticationResponse } = await load()
  const credential = { id: response.id, publicKey: Uint8Array.from(publicKey), counter: 0 } // whether it counts on is for the store to judge, in one step
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({ ...expected, response, credential })
  return verified ? authenticationInfo.newCounter : undefined
}

/** The passkey that an authenticator made (WebAuthn §7.1). Throws for what is wrong. */
export const checkAttestation = async (response: Attestation, expected: ExpectedAnswer) => {
  const { verifyRegistrationResponse } = await load()
  const checked = await verifyRegistrationResponse({ ...expected, response, supportedAlgorithmIDs: algorithms })
  return checked.registrationInfo?.credential
}
