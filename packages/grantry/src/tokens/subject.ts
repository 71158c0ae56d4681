import { sha256Base64url } from '#platform'
import { ConfigurationError, ServerError } from '../core/errors.ts'
import type { Client } from '../core/records.ts'

/** Tells under which `sub` a client sees a user. */
export type SubjectOf = (client: Client, userId: string) => string

/** The host that stands for a client and others of its operator (OpenID Connect Core §8.1). */
const sectorOf = ({ id, sectorIdentifier, redirectUris = [] }: Client): string => {
  if (sectorIdentifier !== undefined) return sectorIdentifier
  const hosts = new Set(redirectUris.map((uri) => new URL(uri).host))
  const [only] = hosts
  if (only !== undefined && hosts.size === 1) return only
  throw new ServerError('unexpected', {
    detail: `client ${id} needs a sectorIdentifier: its redirect URIs have several hosts`,
  })
}

/**
 * Users under their own ids, or under ids that differ for each sector where the client's record says `pairwise` (OpenID Connect Core §8.1).
 * `salt` is at least 32 characters, kept secret and never changed: with another one every user is a stranger.
 */
export const subjects = (salt: string | undefined): SubjectOf => {
  if (salt !== undefined && salt.length < 32)
    throw new ConfigurationError('openid.pairwiseSalt must be at least 32 characters.')
  return (client, userId) => {
    if (client.subjectType !== 'pairwise') return userId
    if (salt === undefined)
      throw new ServerError('unexpected', {
        detail: `client ${client.id} is pairwise, and openid.pairwiseSalt is not set`,
      })
    return sha256Base64url(`${sectorOf(client)}\0${userId}\0${salt}`)
  }
}
