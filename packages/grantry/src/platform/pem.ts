/** One block of a PEM file (RFC 7468 §2). */
export interface PemBlock {
  readonly label: string
  /** The block with its first and last line. */
  readonly text: string
  /** The base64 between them, without white space. */
  readonly base64: string
  readonly half: 'private' | 'public'
}

const blocks = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\s\S]*?)-----END \1-----/g
const halves: Readonly<Record<string, 'private' | 'public'>> = {
  'PRIVATE KEY': 'private',
  'RSA PRIVATE KEY': 'private',
  'EC PRIVATE KEY': 'private',
  'PUBLIC KEY': 'public',
  'RSA PUBLIC KEY': 'public',
}
const others: Readonly<Record<string, string>> = {
  'ENCRYPTED PRIVATE KEY': 'an encrypted PEM. Decrypt it first: openssl pkey -in encrypted.pem -out private.pem',
  'OPENSSH PRIVATE KEY': 'a key in OpenSSH form. Convert it first: ssh-keygen -p -m PEM -f key',
  CERTIFICATE: 'a certificate. Take its key out first: openssl x509 -in certificate.pem -pubkey -noout',
}

/** The first key in a PEM text; else words for what the text is instead. */
export const readPem = (text: string): PemBlock | string => {
  let other: string | undefined
  for (const [block, label = '', body = ''] of text.matchAll(blocks)) {
    const half = Object.hasOwn(halves, label) ? halves[label] : undefined
    // `openssl genrsa -traditional -aes256` says so in a header line (RFC 1421 §4.6.1.1)
    if (half !== undefined && body.includes('ENCRYPTED')) return others['ENCRYPTED PRIVATE KEY'] ?? ''
    if (half !== undefined) return { label, text: block, base64: body.replace(/\s/g, ''), half }
    other ??= others[label]
  }
  return other ?? (text.includes('-----BEGIN') ? 'a PEM that is damaged or holds no key' : 'text that is not PEM')
}
