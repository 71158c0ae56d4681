import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import { InvalidTargetError, UnauthorizedClientError } from '../core/errors.ts'
import { idJagTokenType, idJagTyp } from '../core/id-jag.ts'
import { isPublicClient, type Client, type User } from '../core/records.ts'
import type { SigningKeyInput } from '../core/signer.ts'
import type { TokenContext } from '../core/token-context.ts'
import { tokenTypes, type IssuedType, type TokenExchange } from '../core/token-exchange.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { signedTokenGenerator } from './signed-token-generator.ts'

/** What a server that its users log in at says of them to other servers. */
export interface IdJagOptions {
  /** The issuer of your server. */
  readonly issuer: string
  /** The `alg`. Default: that of the key. */
  readonly algorithm?: string | undefined
  /** Seconds; servers take at most 600. Default: 300. */
  readonly expiresIn?: number | undefined
  /** The `client_id` that a client has at the other server. Default: the same as here. */
  readonly clientIdAt?: ((client: Client, audience: string) => string) | undefined
  /**
   * What the other server is told of a user: `sub`, if it knows the user under another one when it sends him here to log in, `email`, `aud_sub`.
   * Default: the id alone, as `sub`.
   */
  readonly claimsAt?: ((user: User, audience: string) => Awaitable<Claims>) | undefined
}

/** One server, which is another, for a client that has a secret (§4.3, §8.1, §8.3). */
const check = ({ client, audiences }: TokenExchange, issuer: string): void => {
  if (audiences.length !== 1 || audiences[0] === issuer)
    throw new InvalidTargetError('resource_not_allowed', { description: 'Name one other server as the audience.' })
  if (isPublicClient(client)) throw new UnauthorizedClientError('client_public', { detail: idJagTokenType })
}

/**
 * Issues identity assertions for other servers, in `issues` of a `TokenExchangeGrant` under `idJagTokenType`
 * (draft-ietf-oauth-identity-assertion-authz-grant-04): for an ID or refresh token of the client, about its user. The key is one that your server
 * publishes, such as those of `openid.keys`. Throws a `ConfigurationError` for one that cannot sign.
 */
export const idJag = (key: SigningKeyInput | KeyRing, options: IdJagOptions): IssuedType => {
  const { issuer, algorithm, expiresIn = 300, clientIdAt, claimsAt } = options
  const sign = signedTokenGenerator(key, { issuer, algorithm, typ: idJagTyp })
  const rewrite = async (context: TokenContext): Promise<TokenContext> => {
    const { client, user, resources } = context
    const [audience = ''] = context.authorization.issued?.audiences ?? []
    const others = resources.slice(0, -1) // the audience is the last
    const resource = others.length > 1 ? others : others[0]
    return {
      ...context,
      client: { ...client, id: clientIdAt?.(client, audience) ?? client.id },
      resources: [audience],
      claims: { ...context.claims, ...(user && (await claimsAt?.(user, audience))), resource },
    }
  }
  return {
    expiresIn,
    subjectTypes: [tokenTypes.idToken, tokenTypes.refreshToken],
    check: (exchange) => check(exchange, issuer),
    generate: async (context) => sign(await rewrite(context)),
    metadata: { identity_chaining_requested_token_types_supported: [idJagTokenType] },
  }
}
