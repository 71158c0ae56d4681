import { constants, createHmac, sign, type KeyObject } from 'node:crypto'

/** The members of a header or of claims; an undefined one is left out. */
export type Members = Readonly<Record<string, unknown>>

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A key beside options for its signature: as PEM, which every runtime takes there. */
export const pem = (key: KeyObject | string): string =>
  typeof key === 'string' ? key : key.export({ type: 'pkcs8', format: 'pem' }).toString()

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }

/** Makes the signature that the `alg` of a header asks for; none for an `alg` that is not here. */
const signatures: Readonly<Record<string, (input: Buffer, key: KeyObject | string) => Buffer>> = {
  RS256: (input, key) => sign('sha256', input, key),
  PS256: (input, key) => sign('sha256', input, { key: pem(key), ...pss }),
  ES256: (input, key) => sign('sha256', input, { key: pem(key), dsaEncoding: 'ieee-p1363' }),
  ES384: (input, key) => sign('sha384', input, { key: pem(key), dsaEncoding: 'ieee-p1363' }),
  EdDSA: (input, key) => sign(null, input, key),
  Ed25519: (input, key) => sign(null, input, key),
  HS256: (input, key) => createHmac('sha256', key).update(input).digest(),
  HS512: (input, key) => createHmac('sha512', key).update(input).digest(),
}

/** A JWT of any header and claims, also of those that no library would sign. */
export const writeJwt = (header: Members, claims: unknown, key: KeyObject | string): string => {
  const input = `${encode(header)}.${encode(claims)}`
  const { alg } = header
  const signWith = typeof alg === 'string' && Object.hasOwn(signatures, alg) ? signatures[alg] : undefined
  const signature = signWith?.(Buffer.from(input), key) ?? Buffer.alloc(0)
  return `${input}.${signature.toString('base64url')}`
}

/** The parameters that carry a client assertion (RFC 7523 §2.2). */
export const assertionParameters = (assertion: string): Readonly<Record<string, string>> => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
})
