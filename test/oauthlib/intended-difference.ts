/** One way in which the answers of oauthlib and ours differ on purpose. */
export interface IntendedDifference {
  /** One sentence: what is done here, and what it is good for. */
  readonly what: string
  /** The section that rules it, or the decision. */
  readonly rule: string
  /** The scripted requests in which it occurs. Default: wherever it does. */
  readonly steps?: readonly string[]
  /** What differs: `field: oauthlib → ours`. */
  readonly differences: readonly string[]
}

/** The calls that find and authenticate a client. */
export const found = 'validateClientId, authenticateClient'

/** The calls of an authorization that a user approves, up to what is saved. */
export const consent = 'validateClientId, validateScopes, validateClientId, validateScopes'

/** The calls of a code that is changed for tokens. */
export const redeemed = `${found}, consumeAuthorizationCode, saveToken`
