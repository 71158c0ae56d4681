import { publicJson, type HttpResponse } from '../core/http.ts'
import { jwksMaxAge } from '../core/key-schedule.ts'
import type { PublicJwk } from '../core/token-context.ts'

/** The public keys that tokens are verified with (RFC 7517 §5). A key that several parts of the server sign with is there once (§4.5). */
export const jwks = (keys: readonly PublicJwk[]): HttpResponse =>
  publicJson({ keys: keys.filter(isFirst) }, jwksMaxAge, 'application/jwk-set+json')

const isFirst = (key: PublicJwk, index: number, all: readonly PublicJwk[]): boolean =>
  all.findIndex((other) => other === key || (key.kid !== undefined && isSameKey(key, other))) === index

const isSameKey = (left: PublicJwk, right: PublicJwk): boolean => JSON.stringify(left) === JSON.stringify(right)
