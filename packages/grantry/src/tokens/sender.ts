import { equalsConstantTime } from '#platform'
import { readConfirmation, type Confirmation } from '../core/confirmation.ts'
import { InvalidDpopProofError, UseDpopNonceError } from '../core/dpop-errors.ts'
import { InvalidGrantError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Authorization, Client } from '../core/records.ts'
import type { DpopRules, RefuseProof } from './token-binding.ts'

/** What the sender of a request to an endpoint of the server proved to have. */
export interface Sender {
  /** What its tokens are to be bound to; undefined for one that proved nothing. */
  readonly confirmation: Confirmation | undefined
  /** Headers that the answer needs: the nonce of the next proof (RFC 9449 §8.2). */
  readonly headers: Readonly<Record<string, string>>
}

const refuse: RefuseProof = (_code, reason, { dpopNonce, ...more } = {}) => {
  throw dpopNonce === undefined ? new InvalidDpopProofError(reason, more) : new UseDpopNonceError(dpopNonce)
}

/** Whether a client gets no token that is not bound to a key (RFC 9449 §5.2). */
export const needsProof = (client: Client, dpop: DpopRules | undefined): boolean =>
  client.dpopBoundAccessTokens === true || dpop?.isRequired === true

const requireProof = (client: Client, shown: Confirmation | undefined, dpop: DpopRules | undefined): void => {
  if (!needsProof(client, dpop) || shown?.jkt !== undefined) return
  const detail = dpop === undefined ? `${client.id} must send proofs, and the server has no option dpop` : client.id
  throw new InvalidDpopProofError('dpop_proof_missing', { detail })
}

/**
 * Takes the proof of a request, if it has one (RFC 9449 §5). An empty header is a bad proof, and not none. A token request without a proof
 * is refused where its client needs one.
 */
export const proveSender = async (request: OAuthRequest, dpop: DpopRules): Promise<Sender> => {
  const hasProof = (request.headers.get('dpop') ?? undefined) !== undefined
  const jkt = hasProof ? await dpop.take(request, { accessToken: undefined, jkt: undefined }, refuse) : undefined
  const confirmation = jkt === undefined ? undefined : { jkt }
  if (request.endpoint === 'token' && request.client !== undefined) requireProof(request.client, confirmation, dpop)
  return { confirmation, headers: hasProof ? dpop.nextNonce(request.now) : {} }
}

/**
 * Refuses a token that would be less bound than those of its client must be (RFC 9449 §5.2), and a code or refresh token that is bound to
 * something that its sender did not prove to have (RFC 9449 §5, §10; RFC 8705 §4).
 */
export const requireBinding = (
  { client, boundTo, confirmation: shown }: Pick<Authorization, 'client' | 'boundTo' | 'confirmation'>,
  dpop: DpopRules | undefined,
): void => {
  requireProof(client, shown, dpop)
  const bound = readConfirmation(boundTo)
  if (bound === null) throw new InvalidGrantError('grant_bound', { detail: 'by a cnf that is not known here' })
  for (const name of ['jkt', 'x5t#S256'] as const) {
    const [wanted, got = ''] = [bound?.[name], shown?.[name]]
    if (wanted === undefined || equalsConstantTime(wanted, got)) continue
    throw new InvalidGrantError('grant_bound', { detail: `${name}: ${got === '' ? 'there is none' : 'it is another'}` })
  }
}
