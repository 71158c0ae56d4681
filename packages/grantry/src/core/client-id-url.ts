/** A longer one is no id: stores have it in their keys. */
const longest = 255

/**
 * Why a text cannot be the URL of a client metadata document (draft-ietf-oauth-client-id-metadata-document-01 §3); undefined where it can.
 * Everything that URL parsers would tidy up is refused, so that the id is the URL that is asked, byte for byte. A query makes two ids of one
 * document and is refused as well, which the draft leaves open.
 */
export const clientIdUrlProblem = (id: string): string | undefined => {
  if (id.length > longest) return `is longer than ${longest} characters`
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(id) || !URL.canParse(id)) return 'is not an absolute URL'
  const { username, password, pathname, search, hash, href } = new URL(id)
  if (username !== '' || password !== '' || /^[^/]*\/\/[^/?#]*@/.test(id)) return 'has credentials in it'
  if (hash !== '' || id.includes('#')) return 'has a fragment'
  if (search !== '' || id.includes('?')) return 'has a query'
  if (pathname === '/') return 'has no path'
  return href === id ? undefined : 'is not in its normal form' // dot segments included
}
