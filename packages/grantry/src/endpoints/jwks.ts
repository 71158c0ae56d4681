import { publicJson, type HttpResponse } from '../core/http.ts'
import type { PublicJwk } from '../core/token-context.ts'

/** The public keys that tokens are verified with (RFC 7517 §5). */
export const jwks = (keys: readonly PublicJwk[]): HttpResponse => publicJson({ keys }, 300, 'application/jwk-set+json')
