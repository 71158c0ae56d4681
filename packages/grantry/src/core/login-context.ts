/** What is known of how and when a user logged in. Give it with your decision; OpenID Connect needs `authTime`. */
export interface Authentication {
  /** When the user proved who he is, in seconds since the epoch (`auth_time`). */
  readonly authTime: number
  /** The class of it (`acr`), such as `urn:mace:incommon:iap:silver`. */
  readonly acr?: string | undefined
  /** The methods (`amr`, RFC 8176), such as `pwd` and `otp`. */
  readonly amr?: readonly string[] | undefined
  /** Names the session at the server (`sid`), so that it can be ended at the client (OpenID Connect Back-Channel Logout §2.1). */
  readonly sessionId?: string | undefined
}

/** Which claims a client asks for one by one (OpenID Connect Core §5.5). */
export interface ClaimRequests {
  readonly userinfo: readonly string[]
  readonly idToken: readonly string[]
}

/** What is kept of a login with the code and the tokens that come from it (OpenID Connect Core §2). */
export interface LoginContext extends Partial<Authentication> {
  /** Binds the ID token to the browser of the client; only for ID tokens that answer the request itself. */
  readonly nonce?: string | undefined
  readonly claims?: ClaimRequests | undefined
  /** The request for which the ID token is pushed: it names that, and the refresh token (OpenID Connect CIBA Core §10.3.1). */
  readonly authReqId?: string | undefined
}
