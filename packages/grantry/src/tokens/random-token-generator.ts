import type { TokenGenerator } from '../core/token-context.ts'
import { randomString } from '../util/random.ts'

/** Makes tokens of 43 random characters, 258 bits, that say nothing to whoever holds them (RFC 6749 §10.10). */
export const randomTokenGenerator: TokenGenerator = () => randomString()
