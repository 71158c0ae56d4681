import { signedTokenVerifier, type JwkSet } from 'grantry'
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'

/** Whether a verifier takes a token for good. */
export type VerifyToken = (token: string) => Promise<boolean>

/** Where the JWKS is, and who is meant. */
export interface VerifierPlace {
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
  /** Answers for the JWKS. */
  readonly fetch: () => Promise<Response>
  readonly now: () => number
}

/** Seconds for which each of them keeps the JWKS: its `max-age`. */
export const cacheSeconds = 300

const good = (verified: Promise<unknown>): Promise<boolean> =>
  verified.then(
    () => true,
    () => false,
  )

/** `signedTokenVerifier` over a JWKS that is kept for its `max-age`, whatever token comes. */
const own = ({ issuer, audience, fetch, now }: VerifierPlace): VerifyToken => {
  let kept: { readonly until: number; readonly verify: ReturnType<typeof signedTokenVerifier> } | undefined
  return async (token) => {
    if (kept === undefined || now() >= kept.until) {
      const jwks = (await (await fetch()).json()) as JwkSet // what this server publishes
      const verify = signedTokenVerifier(jwks, { issuer, audience, profile: 'at+jwt' })
      kept = { until: now() + cacheSeconds, verify }
    }
    return (await kept.verify(token, { now: now() })) !== undefined
  }
}

const ofJose = ({ issuer, audience, jwksUri, fetch }: VerifierPlace): VerifyToken => {
  const ms = cacheSeconds * 1000
  const keys = createRemoteJWKSet(new URL(jwksUri), { cacheMaxAge: ms, cooldownDuration: ms, [customFetch]: fetch })
  return (token) => good(jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' }))
}

const ofOauth4webapi = ({ issuer, audience, jwksUri, fetch }: VerifierPlace): VerifyToken => {
  const server = { issuer, jwks_uri: jwksUri }
  return (token) => {
    const request = new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } })
    return good(oauth.validateJwtAccessToken(server, request, audience, { [oauth.customFetch]: fetch }))
  }
}

/** Ours and other people's, each with a cache of its own. */
export const verifiers = { grantry: own, jose: ofJose, oauth4webapi: ofOauth4webapi } satisfies Readonly<
  Record<string, (place: VerifierPlace) => VerifyToken>
>
