import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { OutboundError } from '../outbound/outbound-error.ts'

const unusable = (description: string, cause?: unknown): InvalidClientMetadataError =>
  new InvalidClientMetadataError('sector_identifier_unusable', {
    description,
    detail: cause instanceof Error ? cause.message : undefined,
    cause,
  })

const listIn = (text: string): readonly unknown[] => {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  } catch {
    // told below, as for other documents that are no list
  }
  throw unusable('The document at sector_identifier_uri is not a JSON array of strings.')
}

const fetchList = async (uri: string, outbound: OutboundClient, now: number): Promise<readonly unknown[]> => {
  try {
    return listIn((await outbound.fetchDocument(uri, { accepts: ['application/json'], now, maxAge: 10 })).text)
  } catch (error) {
    if (error instanceof OutboundError)
      throw unusable('The document at sector_identifier_uri cannot be fetched.', error)
    throw error
  }
}

/**
 * Makes sure that the document of the sector lists every redirect URI of the client: else anyone could join the sector of another, and see its
 * users under the same ids (OpenID Connect Registration §5). Gives the draft with its sector.
 */
export const joinSector = async (draft: ClientDraft, outbound: OutboundClient, now: number): Promise<ClientDraft> => {
  const { sectorIdentifierUri, redirectUris = [] } = draft
  if (sectorIdentifierUri === undefined) return draft
  const listed = await fetchList(sectorIdentifierUri, outbound, now)
  if (!redirectUris.every((uri) => listed.includes(uri)))
    throw unusable('The document at sector_identifier_uri does not list all of redirect_uris.')
  return { ...draft, sectorIdentifier: new URL(sectorIdentifierUri).host }
}
