const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16))
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Object identifiers with tag and length, in hex, beside the WebCrypto name of what they stand for. */
const rsaOid = '06092a864886f70d010101'
const ecOid = '06072a8648ce3d0201'
const curves = [
  ['06082a8648ce3d030107', 'P-256'],
  ['06052b81040022', 'P-384'],
  ['06052b81040023', 'P-521'],
] as const
const okp = [
  ['06032b6570', 'Ed25519'],
  ['06032b656e', 'X25519'],
] as const

/** A DER element: its tag in hex, then its length, then its content (X.690 §8.1). */
const element = (tag: string, ...content: readonly string[]): string => {
  const body = content.join('')
  const bytes = body.length / 2
  if (bytes < 128) return tag + bytes.toString(16).padStart(2, '0') + body
  const length = bytes.toString(16)
  const even = length.length % 2 === 0 ? length : `0${length}`
  return tag + (128 + even.length / 2).toString(16) + even + body
}

const rsaIdentifier = element('30', rsaOid, '0500')

/** The content of a PEM in the one form that WebCrypto reads: PKCS#8 for private keys, SPKI for public ones. */
export const toWebForm = (label: string, der: Uint8Array): Uint8Array<ArrayBuffer> => {
  const hex = toHex(der)
  if (label === 'RSA PRIVATE KEY') return fromHex(element('30', '020100', rsaIdentifier, element('04', hex)))
  if (label === 'RSA PUBLIC KEY') return fromHex(element('30', rsaIdentifier, element('03', '00', hex)))
  if (label !== 'EC PRIVATE KEY') return new Uint8Array(der)
  const curve = curves.find(([oid]) => hex.includes(oid))?.[0] ?? ''
  return fromHex(element('30', '020100', element('30', ecOid, curve), element('04', hex)))
}

/** How WebCrypto imports a key in the form of `toWebForm`; undefined for a kind of key that is not on offer. */
export const importParameters = (
  der: Uint8Array,
): { readonly name: string; readonly hash?: string; readonly namedCurve?: string } | undefined => {
  const start = toHex(der.subarray(0, 48))
  if (start.includes(rsaOid)) return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const namedCurve = start.includes(ecOid) ? curves.find(([oid]) => start.includes(oid))?.[1] : undefined
  if (namedCurve !== undefined) return { name: 'ECDSA', namedCurve }
  const name = okp.find(([oid]) => start.includes(oid))?.[1]
  return name === undefined ? undefined : { name }
}
