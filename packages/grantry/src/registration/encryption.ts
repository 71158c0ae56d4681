import type { JsonMembers } from '../core/read-json.ts'
import type { ClientEncryption } from '../core/client-metadata.ts'
import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import { isEmpty, oneOf } from './values.ts'

const keyManagement = oneOf('RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW')
const contentEncryption = oneOf('A256GCM', 'A128GCM', 'A256CBC-HS512')

/** Members that come in pairs, by what their names begin with. */
export const encryptions = [
  ['id_token', 'idTokenEncryption'],
  ['userinfo', 'userInfoEncryption'],
  ['authorization', 'authorizationEncryption'],
  ['introspection', 'introspectionEncryption'],
] as const

const namesOf = (prefix: string) => ({
  alg: `${prefix}_encrypted_response_alg`,
  enc: `${prefix}_encrypted_response_enc`,
})

const readPair = (json: JsonMembers, prefix: string): ClientEncryption | undefined => {
  const { alg, enc } = namesOf(prefix)
  const [algValue, encValue] = [alg, enc].map((name) => (isEmpty(json.get(name)) ? undefined : json.get(name)))
  if (algValue !== undefined)
    return {
      keyManagement: keyManagement(algValue, alg),
      contentEncryption: contentEncryption(encValue ?? 'A256GCM', enc),
    }
  if (encValue === undefined) return undefined
  throw new InvalidClientMetadataError('client_metadata_inconsistent', { description: `${enc} needs ${alg}.` })
}

/**
 * How what the client is told is encrypted (OpenID Connect Registration §2, JARM §3, RFC 9701 §6). Without `_enc` it is A256GCM, and the
 * client is told so.
 */
export const readEncryption = (json: JsonMembers): ClientDraft =>
  Object.fromEntries(
    encryptions.flatMap(([prefix, key]) => {
      const encryption = readPair(json, prefix)
      return encryption === undefined ? [] : [[key, encryption]]
    }),
  )

/** The same as it is sent to the client. */
export const writeEncryption = (client: ClientDraft): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    encryptions.flatMap(([prefix, key]) => {
      const { alg, enc } = namesOf(prefix)
      return [
        [alg, client[key]?.keyManagement],
        [enc, client[key]?.contentEncryption],
      ]
    }),
  )
