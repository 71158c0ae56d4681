/**
 * What a client says of itself beyond what decides about tokens (RFC 7591 §2, OpenID Connect Registration §2). Nobody checked that it is
 * true: a page shows it as the client's own words, beside the hosts that its URIs lead to.
 */
export interface ClientMetadata {
  /** `client_name`. */
  readonly name?: string | undefined
  /** Its home page (`client_uri`). */
  readonly uri?: string | undefined
  /** An image (`logo_uri`). A page that loads it tells the client's server who looks at the page. */
  readonly logoUri?: string | undefined
  readonly policyUri?: string | undefined
  readonly tosUri?: string | undefined
  /** The members above in other languages, by their names on the wire, such as `client_name#de` (RFC 7591 §2.2). */
  readonly localized?: Readonly<Record<string, string>> | undefined
  /** Mostly e-mail addresses. */
  readonly contacts?: readonly string[] | undefined
  readonly softwareId?: string | undefined
  readonly softwareVersion?: string | undefined
  /** Whether it runs on a server or in a browser (`web`), or on the user's machine (`native`). */
  readonly applicationType?: 'web' | 'native' | undefined
  /** The document with all redirect URIs of a group of clients that see users under the same ids (OpenID Connect Core §8.1). */
  readonly sectorIdentifierUri?: string | undefined
  /** Where a login at the client may be started by others (OpenID Connect Core §4). */
  readonly initiateLoginUri?: string | undefined
  readonly defaultAcrValues?: readonly string[] | undefined
  /** Whether logout tokens for it must have a `sid`. */
  readonly backchannelLogoutSessionRequired?: boolean | undefined
  /** Whether its logout page must be given `iss` and `sid`. */
  readonly frontchannelLogoutSessionRequired?: boolean | undefined
}

/** How something is encrypted for a client (RFC 7518 §4, §5). */
export interface ClientEncryption {
  /** The `alg`: RSA-OAEP-256, ECDH-ES or ECDH-ES+A256KW. Default: RSA-OAEP-256. */
  readonly keyManagement?: string | undefined
  /** The `enc`: A256GCM, A128GCM or A256CBC-HS512. Default: A256GCM. */
  readonly contentEncryption?: string | undefined
}

/** How a client came to be here without an operator (RFC 7591). Times are seconds since the epoch. */
export interface DynamicRegistration {
  readonly registeredAt: number
  /** When the client ends; undefined where it does not. */
  readonly expiresAt?: number | undefined
  /** When it last got tokens, to about a day; undefined where it never did. */
  readonly lastUsedAt?: number | undefined
  /** What is stored of its registration access token; undefined where the client cannot manage itself. */
  readonly tokenDigest?: string | undefined
  /** The signed statement that it came with (RFC 7591 §2.3). */
  readonly softwareStatement?: string | undefined
}

/** What is known of a client whose id is the URL of its metadata document (draft-ietf-oauth-client-id-metadata-document-01). */
export interface ClientMetadataDocument {
  /** The host that vouches for all of it, with a port where the URL has one. */
  readonly host: string
  /** SHA-256 of what the client is by it, base64url: another one where users would be asked about another client. */
  readonly digest: string
  /** Whether answers go nowhere but to the user's own machine, where any program can say that it is this client (§6.4). */
  readonly isLoopbackOnly: boolean
}

/** Whether a client that registered itself is over. */
export const isRegistrationOver = (
  { registration }: { readonly registration?: DynamicRegistration | undefined },
  now: number,
): boolean => registration?.expiresAt !== undefined && registration.expiresAt <= now
