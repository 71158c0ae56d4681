import { isIP } from 'node:net'
import type { HttpRequest } from 'grantry'
import { plainAddress, type TrustJudge } from './trusted-proxies.ts'

/** The address in a node of a header, without brackets and port; undefined where it says nothing, as `unknown` and `_name` do. */
const addressIn = (node: string): string | undefined => {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^\s:]+))(?::\d{1,5})?$/i.exec(node) ?? []
  const address = bracketed ?? plain ?? node // IPv6 without brackets, as X-Forwarded-For has it
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

const inForwardedFor = (header: string): readonly (string | undefined)[] =>
  header.split(',').map((node) => addressIn(node.trim()))

/** In characters, for some dozens of hops. */
const longest = 2048

/** Commas and semicolons may be inside of quotes, where they mean nothing. */
const element = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g
const forParameter = /(?:^|;)\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/i

/** RFC 7239 §4. */
const inForwarded = (header: string): readonly (string | undefined)[] =>
  (header.match(element) ?? []).map((text) => {
    const [, quoted, token] = forParameter.exec(text) ?? []
    return addressIn((quoted ?? token ?? '').replaceAll(/\\(.)/g, '$1'))
  })

/** From the right, where each hop was written by the one after it, the first address that is not of a proxy; the last proxy where it is unknown. */
const clientIn = (hops: readonly (string | undefined)[], peer: string, isTrusted: TrustJudge): string => {
  let nearest = peer
  for (const hop of hops.toReversed()) {
    if (hop === undefined) return nearest
    if (!isTrusted(hop)) return hop
    nearest = hop
  }
  return nearest
}

/**
 * Whom a request is from: the peer of the connection, unless that is a trusted proxy, which then says it in `X-Forwarded-For` or `Forwarded`
 * (RFC 7239). A proxy writes one of them and may pass on the other as the client made it up: where they differ, neither counts.
 */
export const clientAddress = (peer: string, headers: HttpRequest['headers'], isTrusted: TrustJudge): string => {
  if (!isTrusted(peer)) return plainAddress(peer)
  const own = plainAddress(peer)
  const [byList, byForwarded] = [headers.get('x-forwarded-for'), headers.get('forwarded')]
  if ((byList ?? '').length > longest || (byForwarded ?? '').length > longest) return own
  const found = [
    ...(byList ? [clientIn(inForwardedFor(byList), own, isTrusted)] : []),
    ...(byForwarded ? [clientIn(inForwarded(byForwarded), own, isTrusted)] : []),
  ]
  const [first = own, second = first] = found
  return first === second ? first : own
}
