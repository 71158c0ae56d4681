import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import { decodeClaims } from '../keys/decode-claims.ts'
import { decryptText } from '../keys/decrypt-jwt.ts'
import { readEncryptionKey, type EncryptionKeyInput, type EncryptionOptions } from '../keys/encryption-key.ts'
import { readHeader } from '../keys/jwt-checks.ts'
import { introspectionMediaType, introspectionTokenType } from '../tokens/introspection-token.ts'
import { requireAlgorithms } from '../tokens/require-algorithms.ts'
import { findKeys } from './signed-tokens.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

/** How signed answers are read. */
export interface SignedAnswerOptions extends EncryptionOptions {
  /** The `alg`s of signatures. Default: all asymmetric ones; each key is used with its own alone. */
  readonly algorithms?: readonly string[] | undefined
  /** The private key that answers are encrypted to; others are refused then. Default: answers are signed, and not encrypted. */
  readonly decryptionKey?: EncryptionKeyInput | undefined
}

/** Reads signed answers to introspection. */
export interface AnswerReader {
  /** What answers are, and are asked for as. */
  readonly mediaType: string
  /** What an answer says. Throws for one that the issuer did not sign for this client at this time. */
  readonly read: (
    text: string,
    by: { readonly clientId: string; readonly issuer: TrustedIssuer; readonly now: number },
  ) => Promise<unknown>
}

const type = new RegExp(`^(?:application/)?${introspectionTokenType.replace('+', '\\+')}$`, 'i')

/** Seconds by which the time of an answer may differ from ours: it was made for this request, but by another clock. */
const tolerance = 60

/** Asks for answers that the authorization server signs, for the option `signed` of `introspect`, and checks them (RFC 9701). */
export const signedAnswers = ({
  algorithms = signatureAlgorithms,
  decryptionKey,
  ...encryption
}: SignedAnswerOptions = {}): AnswerReader => {
  const accepted = requireAlgorithms('algorithms', algorithms)
  const key = decryptionKey === undefined ? undefined : readEncryptionKey(decryptionKey, encryption, 'signedAnswers')
  return {
    mediaType: introspectionMediaType,
    async read(text, { clientId, issuer, now }) {
      const token = key === undefined ? text : ((await decryptText(text, await key)) ?? '')
      const header = readHeader(token, 'jws')
      const { iss, aud, iat, token_introspection: answer } = decodeClaims(token) ?? {}
      const { alg: algorithm = '', kid: keyId, typ = '' } = header ?? {}
      if (!type.test(typ) || !accepted.includes(algorithm))
        throw new Error(`its typ is "${typ}" and its alg "${algorithm}"`)
      if (iss !== issuer.issuer || ![aud].flat().includes(clientId))
        throw new Error('it is of another issuer, or for another client')
      if (typeof iat !== 'number' || !(Math.abs(now - iat) <= tolerance)) throw new Error('it is not of this minute')
      if ((await findKeys(token, issuer, { algorithm, keyId }, now)) === undefined)
        throw new Error('no key of its issuer made its signature')
      return answer
    },
  }
}
