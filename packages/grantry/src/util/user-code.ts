import { randomBytes } from './random.ts'

/** Consonants that are not taken for each other, and no vowels, so that no words come about (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const half = 4

/** A code for people of 20^8 possible ones (34 bits), such as `WDJB-MJHT`. */
export const randomUserCode = (): string => {
  let code = ''
  while (code.length < 2 * half) {
    const fair = randomBytes(4 * half).filter((byte) => byte < 240) // 240 is a multiple of 20: no letter comes more often
    for (const byte of fair) code += letters.charAt(byte % letters.length)
  }
  return `${code.slice(0, half)}-${code.slice(half, 2 * half)}`
}

/** A code as it is compared: in capitals, without what people put between. */
export const foldUserCode = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '')
