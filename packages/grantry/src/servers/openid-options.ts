import type { SigningKeyInput } from '../core/signer.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { BackchannelOptions } from './backchannel-flow.ts'
import type { ServerOptions } from './options.ts'

/** How OpenID Connect works. */
export interface OpenIdOptions {
  /**
   * Private keys for ID tokens: one for each algorithm that clients may ask for, such as RS256, PS256, ES256 and EdDSA. RS256 is what a
   * client gets that is not registered for another (OpenID Connect Core §15.1). A `KeyRing` changes them while the server runs.
   */
  readonly keys: KeyRing | readonly SigningKeyInput[]
  /** Lifetime of ID tokens in seconds. Default: 600. */
  readonly idTokenExpiresIn?: number | undefined
  /** Claims of each scope beside `profile`, `email`, `address` and `phone`. */
  readonly scopeClaims?: Readonly<Record<string, readonly string[]>> | undefined
  /** At least 32 secret characters that pairwise ids are made with; never to be changed. Default: none, so clients cannot be pairwise. */
  readonly pairwiseSalt?: string | undefined
  /** Authentication classes to list in the metadata document. Default: not listed. */
  readonly acrValues?: readonly string[] | undefined
  /**
   * `openid` is what the certification of OpenID Connect needs: confidential clients may do without PKCE in requests for an ID token. An event
   * says so when the server is made. Default: `oauth21`, PKCE for all (RFC 9700 §2.1.1).
   */
  readonly profile?: 'oauth21' | 'openid' | undefined
  /** The path of the UserInfo endpoint below the issuer. Default: `/userinfo`. */
  readonly userInfoPath?: string | undefined
  /** Where your logout page is below the issuer; the metadata names it then. Default: none, so there is no logout. */
  readonly logoutPath?: string | undefined
  /** Whether you tell clients of a logout by logout tokens. Default: false. */
  readonly backchannelLogout?: boolean | undefined
  /** Whether your logout page loads what clients registered for it. Default: false. */
  readonly frontchannelLogout?: boolean | undefined
}

/** Options of `OpenIdServer`. */
export interface OpenIdServerOptions extends ServerOptions {
  /** The URL that names this server. ID tokens carry it. */
  readonly issuer: string
  readonly openid: OpenIdOptions
  /** Lets clients ask users who are somewhere else (OpenID Connect CIBA Core): the validator needs the methods of `BackchannelValidator` then. Default: off. */
  readonly backchannel?: BackchannelOptions | undefined
}
