import type { HttpRequest, OutboundOptions, RegistrationOptions } from 'grantry'
import { addressBlock } from './accounts/address-block.ts'
import type { Settings } from './settings.ts'

/** Scopes with a meaning of their own: every client may register for them. Those of operators' clients are theirs (RFC 8414 §2). */
export const standardScopes: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']

/** All that there are: the certification of dynamic providers asks for `id_token token` (OpenID Connect Core §15.2). */
const allResponseTypes = [
  ...['code', 'id_token', 'code id_token', 'id_token token', 'code token', 'code id_token token', 'none'],
]

/** Whom a request is from; the listener tells it of every request. */
const addressOf = (request: HttpRequest): string =>
  'address' in request && typeof request.address === 'string' ? addressBlock(request.address) : 'unknown'

/** How clients register themselves; undefined where they do not. They are given what is listed here, and nothing else. */
export const selfRegistration = ({
  registration,
  registrationScopes,
  registrationLimit,
  profile,
}: Settings): RegistrationOptions | undefined =>
  registration === 'off'
    ? undefined
    : {
        allowOpen: registration === 'open',
        scopes: [...new Set([...standardScopes, ...registrationScopes])],
        responseTypes: profile === 'openid' ? allResponseTypes : undefined,
        subjectTypes: ['public', 'pairwise'],
        rateLimit: { most: registrationLimit, windowSeconds: 3600 },
        limitBy: addressOf,
      }

/** How servers of others are asked: soon enough that the database, which has two seconds for a request, can still be asked after it. */
export const outboundOf = ({ allowPrivateHosts, observe }: Settings): OutboundOptions => ({
  ...{ allowPrivateHosts, timeoutMs: 1500 },
  onDone: ({ host, ms, problem }) => observe({ kind: 'outbound', name: host, ms, problem }),
})
