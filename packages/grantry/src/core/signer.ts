import type { Awaitable } from './awaitable.ts'

/**
 * Makes signatures with one key. Write your own for a key that stays in a KMS or HSM: `sign` gets the signing input of the JWS and
 * returns the signature in the form of RFC 7518 §3 (for ES* the 64, 96 or 132 bytes of r and s, not DER).
 */
export interface Signer {
  /** The `alg` of RFC 7518 §3.1, for example `RS256`. */
  readonly algorithm: string
  /** The `kid` of the header. Default, where `publicJwk` is known: its thumbprint (RFC 7638). */
  readonly keyId: string | undefined
  /** The public half, which the JWKS publishes; undefined when nobody can verify by it (HMAC, or it is not known). */
  readonly publicJwk: PublicJwk | undefined
  /** The signature over `data`, in the form of RFC 7518 §3. */
  sign(data: Uint8Array): Awaitable<Uint8Array>
}

/** A JSON Web Key, public, private or symmetric (RFC 7517 §4, RFC 7518 §6). */
export interface Jwk {
  readonly kty?: string | undefined
  readonly kid?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: readonly string[] | undefined
  readonly ext?: boolean | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly d?: string | undefined
  readonly p?: string | undefined
  readonly q?: string | undefined
  readonly dp?: string | undefined
  readonly dq?: string | undefined
  readonly qi?: string | undefined
  readonly oth?: unknown
  readonly k?: string | undefined
  readonly x5u?: string | undefined
  readonly x5c?: readonly string[] | undefined
  readonly x5t?: string | undefined
  readonly 'x5t#S256'?: string | undefined
}

/** A public key as published (RFC 7517 §4). */
export interface PublicJwk {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly [member: string]: unknown
}

/** A set of public keys (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

/** A WebCrypto `CryptoKey`, by its shape. */
export interface CryptoKeyShape {
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: { readonly name: string }
  readonly usages: readonly string[]
}

/** A `KeyObject` of Node.js, by its shape. */
export interface KeyObjectShape {
  readonly type: string
  /** The key in another form. */
  export(options: { readonly format: 'jwk' }): object
}

/** A private or public key: PEM, JWK, `CryptoKey` or `KeyObject`. */
export type AsymmetricKeyInput = string | Jwk | CryptoKeyShape | KeyObjectShape

/** What tokens are signed with: a private key as PEM (PKCS#8, PKCS#1, SEC1), JWK, `CryptoKey`, `KeyObject`, or a `Signer`. */
export type SigningKeyInput = AsymmetricKeyInput | Signer

/** What signatures are verified with: a public key as PEM (SPKI, PKCS#1), JWK, JWK Set, `CryptoKey` or `KeyObject`. */
export type VerificationKeyInput = AsymmetricKeyInput | JwkSet

/** Options for making a `Signer`. */
export interface SignerOptions {
  /** The `alg`. Default: that of the JWK, else RS256 for RSA, ES256/384/512 by curve, EdDSA for Ed25519. */
  readonly algorithm?: string | undefined
  /** The `kid`. Default: that of the JWK, else the thumbprint (RFC 7638). */
  readonly keyId?: string | undefined
  /** Named in the messages of errors. Default: `signing key`. */
  readonly usedBy?: string | undefined
}
