import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import type { HttpRequest } from 'grantry'
import { calculateJwkThumbprint } from 'jose'
import { writeJwt, type Members } from './assertions.ts'
import { form, request } from './requests.ts'

/** What differs from a good proof. */
export interface ProofChange {
  readonly header?: Members
  readonly claims?: Members
  readonly by?: KeyObject | string
}

/** A client with a key of its own, which makes proofs by the clock of a test (RFC 9449 §4.2). */
export interface Prover {
  /** The thumbprint of its key. */
  readonly jkt: string
  readonly jwk: Members
  /** A proof for a URL: with `token` for a protected resource, else for the token endpoint. */
  readonly proof: (
    at: { readonly htm?: string; readonly htu: string; readonly token?: string },
    change?: ProofChange,
  ) => string
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** Makes a client with a key of P-256. */
export const makeProver = async (clock: { readonly now: number }): Promise<Prover> => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk: Members = publicKey.export({ format: 'jwk' }) // Node types it as unknown members
  return {
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    proof: ({ htm = 'POST', htu, token }, { header = {}, claims = {}, by = privateKey } = {}) =>
      writeJwt(
        { alg: 'ES256', typ: 'dpop+jwt', jwk, ...header },
        { htm, htu, iat: clock.now, jti: randomUUID(), ...(token !== undefined && { ath: digest(token) }), ...claims },
        by,
      ),
  }
}

/** A token request with a proof. */
export const provedForm = (
  parameters: Readonly<Record<string, string>>,
  dpop: string,
  headers: Readonly<Record<string, string>> = {},
): HttpRequest => form(parameters, { ...headers, dpop })

/** A call of a protected resource with a token that is bound to a key. */
export const dpopCall = (path: string, token: string, dpop: string): HttpRequest =>
  request('GET', path, { headers: { authorization: `DPoP ${token}`, dpop } })
