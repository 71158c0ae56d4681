import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'

/** Refuses URLs that the server would have to ask by http, but for hosts that its operator named. */
export const requireFetchable = (
  { jwksUri, sectorIdentifierUri, backchannelLogoutUri, requestUris = [] }: ClientDraft,
  outbound: OutboundClient,
): void => {
  const asked: readonly (readonly [name: string, urls: readonly (string | undefined)[]])[] = [
    ['jwks_uri', [jwksUri]],
    ['sector_identifier_uri', [sectorIdentifierUri]],
    ['backchannel_logout_uri', [backchannelLogoutUri]],
    ['request_uris', requestUris],
  ]
  for (const [name, urls] of asked) {
    const isFetchable = (url: string | undefined): boolean =>
      url === undefined || url.startsWith('https:') || outbound.isPrivateHost(url)
    if (urls.every(isFetchable)) continue
    const description = `${name} must be an https URL.`
    throw new InvalidClientMetadataError('client_metadata_invalid', { description })
  }
}
