const utf8 = new TextDecoder()

const fromHex = (pairs: string): string =>
  utf8.decode(Uint8Array.from(pairs.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16)))

/** A value without its escapes (RFC 4514 §2.4). */
const unescape = (value: string): string =>
  value.replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gi, (_match, hex: string | undefined, character = '') =>
    hex === undefined ? String(character) : fromHex(hex),
  )

/** Types that have more than one name. */
const aliases: Readonly<Record<string, string>> = { E: 'EMAILADDRESS', '1.2.840.113549.1.9.1': 'EMAILADDRESS' }

const normalAttribute = (text: string): string => {
  const [type = '', value = ''] = text.split(/=(.*)/s, 2)
  const name = type.trim().toUpperCase()
  return JSON.stringify([aliases[name] ?? name, unescape(value.trim())])
}

/** Parts of a text between separators that are not escaped. */
const split = (text: string, separator: ',' | '+'): readonly string[] => {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === separator) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

/**
 * A distinguished name (RFC 4514) in one form for all its spellings: spaces around separators, escapes and the case of types do not matter.
 * Values do, to the letter.
 */
export const normalName = (text: string): string =>
  text === ''
    ? ''
    : split(text, ',')
        .map((rdn) => split(rdn, '+').map(normalAttribute).sort().join('+'))
        .join(',')
