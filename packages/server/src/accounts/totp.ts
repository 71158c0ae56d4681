import { createHmac } from 'node:crypto'
import { equalSecrets } from '../http/forgery.ts'

/** As every authenticator app assumes (RFC 6238 §1.2, §5.2). */
const stepSeconds = 30
const digits = 6
/** Steps by which clocks may differ, either way (RFC 6238 §6). */
const drift = 1
/** Seconds by which clocks of nodes may jump back. */
const tolerance = 3600

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Bytes as apps and people read them (RFC 4648 §6, without padding). */
export const toBase32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => letters[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('')
}

/** The code of a step (RFC 4226 §5.3 with HMAC-SHA-1). */
const codeAt = (secret: Uint8Array, step: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hmac = createHmac('sha1', secret).update(counter).digest()
  const offset = hmac.readUInt8(19) & 0xf
  return String((hmac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

/** The code that an app shows at a time in seconds. */
export const totpAt = (secret: Uint8Array, time: number): string => codeAt(secret, Math.floor(time / stepSeconds))

/** The step whose code it is: the one of now, or one before or after it; undefined for a wrong code. */
export const stepOfCode = (secret: Uint8Array, code: string, now: number): number | undefined => {
  const current = Math.floor(now / stepSeconds)
  const near = Array.from({ length: 2 * drift + 1 }, (_, index) => current - drift + index)
  const matching = near.filter((step) => equalSecrets(code, codeAt(secret, step))) // all of them are compared
  return matching[0]
}

/** When it may be forgotten that the code of a step was used: no node takes it any more then, however its clock was set back. */
export const forgetStepAt = (step: number): number => (step + drift + 1) * stepSeconds + tolerance

/** What apps read from a QR code or a link. */
export const otpauthUri = (secret: Uint8Array, issuer: string, username: string): string => {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`
  const query = `secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${digits}`
  return `otpauth://totp/${label}?${query}&period=${stepSeconds}`
}
