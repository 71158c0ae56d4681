import { ServerError } from '../core/errors.ts'
import { fapiAlgorithms, type FapiProfile } from '../core/fapi.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { Awaitable } from '../core/awaitable.ts'
import { readHeader } from '../keys/jwt-checks.ts'

type Generate = (context: TokenContext) => Awaitable<string>

/** The same generator; under a profile it refuses a token that is signed by another `alg` than the profile has. */
export const heldGenerator = (generate: Generate, profile: FapiProfile | undefined): Generate => {
  if (profile === undefined) return generate
  return async (context) => {
    const token = await generate(context)
    const { alg } = readHeader(token, 'jws') ?? {}
    if (alg === undefined || fapiAlgorithms.includes(alg)) return token
    const mend = `Give tokenGenerator a key for one of ${fapiAlgorithms.join(', ')}.`
    throw new ServerError('unexpected', { detail: `profile ${profile}: the token is signed by ${alg}. ${mend}` })
  }
}
