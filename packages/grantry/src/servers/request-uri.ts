import { InvalidRequestUriError } from '../core/openid-errors.ts'
import type { Client } from '../core/records.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { OutboundError } from '../outbound/outbound-error.ts'

/** Those of RFC 9101 §10.2, and what plain web servers send for a file of theirs. The signature says whether it is one. */
const accepts = ['application/oauth-authz-req+jwt', 'application/jwt', 'application/jose', 'text/plain']
/** As much as a signed token may have. */
const maxBytes = 16_384

const withoutFragment = (uri: string): string => uri.split('#', 1)[0] ?? ''

/**
 * Whether a client registered a `request_uri`, compared as strings. A fragment only tells versions of the content apart (OpenID Connect Core
 * §6.2), so one that was registered without stands for all of them; one that was registered with a fragment for that version alone.
 */
const isRegistered = (uri: string, { requestUris = [] }: Client): boolean =>
  requestUris.includes(uri) || requestUris.includes(withoutFragment(uri))

/**
 * Fetches the request object of a client (OpenID Connect Core §6.2, RFC 9101 §5.2). Nothing is kept: who asks for one URI at the same time
 * shares a request, and a failure is the answer for 10 seconds. Throws an `InvalidRequestUriError` where there is none to be had.
 */
export const fetchRequestObject = async (
  uri: string,
  client: Client,
  { now, outbound }: { readonly now: number; readonly outbound: OutboundClient },
): Promise<string> => {
  if (!isRegistered(uri, client)) throw new InvalidRequestUriError('request_uri_unregistered', { detail: uri })
  try {
    const asked = { accepts, maxBytes, now, maxAge: 0 }
    return (await outbound.fetchDocument(withoutFragment(uri), asked)).text.trim()
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    throw new InvalidRequestUriError('request_uri_unusable', { detail: error.message, cause: error })
  }
}
