import { equalsConstantTime, hmacBase64url } from '#platform'
import { ConfigurationError } from '../core/errors.ts'

/** Nonces for DPoP proofs (RFC 9449 §8), which need no store: they are times, signed. */
export interface DpopNonces {
  /** A nonce, made at `now` in seconds since the epoch. */
  issue(now: number): string
  /** Whether it was made here, at most 5 minutes ago. */
  accepts(nonce: string | undefined, now: number): boolean
}

const lifetime = 300

/**
 * Nonces under secrets of at least 32 characters that all nodes share: the first makes them, all are accepted, so that one can be replaced.
 * Throws `ConfigurationError` for a shorter one, and for none.
 */
export const dpopNonces = (secret: string | readonly string[]): DpopNonces => {
  const secrets = [secret].flat()
  const [newest = ''] = secrets
  if (newest === '' || secrets.some(({ length }) => length < 32))
    throw new ConfigurationError('dpop.nonceSecret must have 32 random characters at least, the same on all nodes.')
  const sign = (time: string, by: string): string => `${time}.${hmacBase64url(by, `dpop-nonce ${time}`).slice(0, 22)}`
  return {
    issue: (now) => sign(Math.floor(now).toString(36), newest),
    accepts(nonce = '', now) {
      const time = /^[0-9a-z]{1,10}/.exec(nonce)?.[0] ?? ''
      const age = now - Number.parseInt(time, 36)
      const isOfNow = age >= -lifetime && age <= lifetime
      return isOfNow && secrets.some((each) => equalsConstantTime(nonce, sign(time, each)))
    },
  }
}
