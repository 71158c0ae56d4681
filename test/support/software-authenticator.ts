/** An authenticator in software, which answers as browsers and authenticators do, or otherwise, as a test wants it. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** The head of a value in CBOR (RFC 8949 §3). */
const head = (major: number, value: number): Buffer => {
  if (value < 24) return Buffer.from([(major << 5) | value])
  if (value < 256) return Buffer.from([(major << 5) | 24, value])
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}

const cborNumber = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value))
const cborBytes = (bytes: Uint8Array): Buffer => Buffer.concat([head(2, bytes.length), bytes])
const cborText = (text: string): Buffer => Buffer.concat([head(3, text.length), Buffer.from(text)])
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, entries.length), ...entries.flat()])

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url')

/** What options must have; the rest is up to the server. */
export interface AskedOptions {
  readonly challenge: string
}

/** What an answer has otherwise than a good one. */
export interface AnswerChange {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  /** Bits of the flags: 1 user present, 4 user verified. */
  readonly flags?: number
  readonly counter?: number
  readonly userHandle?: string | undefined
  readonly publicKey?: Buffer
  readonly id?: string
  readonly signature?: string
}

/** A passkey that it has. */
export interface SoftwarePasskey {
  readonly id: string
  readonly userHandle: string
  readonly key: KeyObject
}

const coseKey = (key: KeyObject): Buffer => {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const members: [number, Buffer][] = [
    ...([[1, cborNumber(2)], [3, cborNumber(-7)], [-1, cborNumber(1)]] satisfies [number, Buffer][]),
    [-2, cborBytes(Buffer.from(x, 'base64url'))],
    [-3, cborBytes(Buffer.from(y, 'base64url'))],
  ] // prettier-ignore
  return cborMap(members.map(([name, value]) => [cborNumber(name), value]))
}

const counterBytes = (counter: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(counter)
  return bytes
}

/** Makes passkeys for one origin, and answers by them. */
export class SoftwareAuthenticator {
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  /** A new passkey, and the answer that says so (WebAuthn §7.1). */
  create(
    options: AskedOptions & { readonly user: { readonly id: string } },
    change: AnswerChange = {},
  ): { readonly passkey: SoftwarePasskey; readonly answer: string } {
    const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const id = change.id ?? base64url(randomBytes(16))
    const idBytes = Buffer.from(id, 'base64url')
    const authData = Buffer.concat([
      this.#authData({ flags: 0x45, ...change }),
      ...[Buffer.alloc(16), Buffer.from([idBytes.length >> 8, idBytes.length & 255]), idBytes],
      change.publicKey ?? coseKey(publicKey),
    ])
    const attestation = cborMap([
      [cborText('fmt'), cborText('none')],
      [cborText('attStmt'), cborMap([])],
      [cborText('authData'), cborBytes(authData)],
    ])
    const clientDataJSON = this.#clientData('webauthn.create', options, change)
    const response = { clientDataJSON, attestationObject: base64url(attestation), transports: ['internal'] }
    const passkey = { id, userHandle: options.user.id, key }
    return { passkey, answer: this.#write(id, response) }
  }

  /** The answer of a passkey (WebAuthn §7.2). */
  get({ id, userHandle, key }: SoftwarePasskey, options: AskedOptions, change: AnswerChange = {}): string {
    const authData = this.#authData({ flags: 0x05, ...change })
    const clientDataJSON = this.#clientData('webauthn.get', options, change)
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    const signature = change.signature ?? base64url(sign('sha256', signed, key))
    const handle = 'userHandle' in change ? change.userHandle : userHandle
    const response = { clientDataJSON, authenticatorData: base64url(authData), signature, userHandle: handle }
    return this.#write(change.id ?? id, response)
  }

  #authData({ rpId = new URL(this.#origin).hostname, flags = 0, counter = 0 }: AnswerChange): Buffer {
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counterBytes(counter)])
  }

  #clientData(type: string, { challenge }: AskedOptions, change: AnswerChange): string {
    const data = { type, challenge, origin: this.#origin, crossOrigin: false }
    const { type: otherType = type, origin = data.origin, challenge: other = challenge } = change
    return base64url(JSON.stringify({ ...data, type: otherType, origin, challenge: other }))
  }

  #write(id: string, response: object): string {
    return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response })
  }
}
