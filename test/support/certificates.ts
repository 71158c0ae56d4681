import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import type { CertificateName, CertificateNameType, JwkSet } from 'grantry'

/** A certificate with its key. */
export interface TestCertificate {
  readonly pem: string
  readonly der: Buffer
  readonly key: KeyObject
  /** Its private key in PEM. */
  readonly keyPem: string
  /** Its public key. */
  readonly jwk: JwkSet['keys'][number]
  /** The subject as it is in the certificate. */
  readonly subject: Buffer
}

/** What a certificate is made of. */
export interface CertificateParts {
  /** Attributes of the subject from the most significant on, each `CN=value`. */
  readonly subject?: readonly string[]
  readonly names?: readonly CertificateName[]
  /** Who signs it. Default: itself. */
  readonly issuer?: TestCertificate
  readonly isAuthority?: boolean
}

const length = (size: number): Buffer =>
  size < 128 ? Buffer.of(size) : size < 256 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 255)

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), length(content.length), content])
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)

const oid = (text: string): Buffer => {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number)
  const bytes = others.flatMap((arc) => {
    const groups = [arc & 127]
    for (let rest = arc >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 127) | 128)
    return groups
  })
  return der(0x06, Buffer.of(first * 40 + second, ...bytes))
}

const attributes: Readonly<Record<string, string>> = { CN: '2.5.4.3', O: '2.5.4.10', C: '2.5.4.6' }

const nameOf = (subject: readonly string[]): Buffer =>
  sequence(
    ...subject.map((attribute) => {
      const [type = '', value = ''] = attribute.split(/=(.*)/s, 2)
      return der(0x31, sequence(oid(attributes[type] ?? type), der(0x0c, Buffer.from(value))))
    }),
  )

const tags: Readonly<Partial<Record<CertificateNameType, number>>> = {
  san_email: 0x81,
  san_dns: 0x82,
  san_uri: 0x86,
  san_ip: 0x87,
}

const addressBytes = (address: string): Buffer =>
  address.includes(':')
    ? Buffer.from(
        address
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      )
    : Buffer.from(address.split('.').map(Number))

const alternativeNames = (names: readonly CertificateName[]): Buffer =>
  sequence(
    ...names.map(({ type, value }) =>
      der(tags[type] ?? 0, type === 'san_ip' ? addressBytes(value) : Buffer.from(value)),
    ),
  )

const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value))

const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
let serial = 1

/** Makes a certificate with a key of P-256 (RFC 5280 §4.1). */
export const makeCertificate = ({
  subject = [],
  names = [],
  issuer,
  isAuthority = false,
}: CertificateParts): TestCertificate => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = nameOf(subject)
  const extensions = [
    ...(isAuthority ? [extension('2.5.29.19', sequence(der(0x01, Buffer.of(255))))] : []),
    ...(names.length > 0 ? [extension('2.5.29.17', alternativeNames(names))] : []),
  ]
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(serial++)),
    ecdsaWithSha256,
    ...[issuer?.subject ?? own, validity, own],
    publicKey.export({ format: 'der', type: 'spki' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  )
  const signature = sign('sha256', content, issuer?.key ?? privateKey)
  const bytes = sequence(content, ecdsaWithSha256, der(0x03, Buffer.of(0), signature))
  return {
    ...{
      der: bytes,
      pem: new X509Certificate(bytes).toString(),
      key: privateKey,
      jwk: publicKey.export({ format: 'jwk' }),
      subject: own,
    },
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
