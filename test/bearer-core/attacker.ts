import { createServer } from 'node:http'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** Somebody who signs tokens with a key of their own and hosts that key. */
export interface Attacker {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Where the key is served, as a JWKS. */
  readonly url: string
  /** A self-signed certificate of the key, as for `x5c`. */
  readonly certificate: string
  /** How often the key was fetched. */
  countFetches(): number
  close(): Promise<void>
}

/** One DER element: tag, length in the short or the two-byte form, content. */
const der = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content)

/** A self-signed X.509 certificate with the common name `attacker` (RFC 5280 §4.1). */
const selfSign = (privateKey: KeyObject, publicKey: KeyObject): string => {
  const algorithm = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex')) // sha256WithRSAEncryption
  const commonName = Buffer.from('0603550403', 'hex')
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('attacker')))))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const version = Buffer.from('a003020102', 'hex')
  const serial = Buffer.from('020101', 'hex')
  const toSign = sequence(version, serial, algorithm, name, validity, name, key)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toSign, privateKey))
  return sequence(toSign, algorithm, signature).toString('base64')
}

/** Starts an attacker on 127.0.0.1. Close it when done. */
export const startAttacker = async (): Promise<Attacker> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  let fetches = 0
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'attacker', alg: 'RS256', use: 'sig' }]
  const server = createServer((_, response) => {
    fetches++
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    privateKey,
    publicKey,
    url: `http://127.0.0.1:${port}/jwks`,
    certificate: selfSign(privateKey, publicKey),
    countFetches: () => fetches,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
