import { equalsConstantTime } from '#platform'
import { readConfirmation, type Confirmation } from '../core/confirmation.ts'
import { InvalidDpopProofError, UseDpopNonceError } from '../core/dpop-errors.ts'
import { InvalidGrantError, InvalidRequestError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Authorization, Client } from '../core/records.ts'
import type { CertificateFinder } from '../core/client-certificate.ts'
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

/** By what senders are known. */
export interface SenderRules {
  readonly dpop: DpopRules | undefined
  readonly certificate: CertificateFinder | undefined
  /** Whether there are bound tokens alone, by whichever of the two. */
  readonly isBindingRequired: boolean
}

/** Whether a client gets no token that is not bound (RFC 9449 §5.2, RFC 8705 §3.4). */
export const mustBind = (client: Client, { dpop, isBindingRequired }: SenderRules): boolean =>
  isBindingRequired ||
  client.dpopBoundAccessTokens === true ||
  client.certificateBoundAccessTokens === true ||
  dpop?.isRequired === true

const requireAll = (client: Client, shown: Confirmation | undefined, rules: SenderRules): void => {
  const { dpop, certificate, isBindingRequired } = rules
  const isUnbound = isBindingRequired && shown === undefined
  const needsProof =
    client.dpopBoundAccessTokens === true || dpop?.isRequired === true || (isUnbound && dpop !== undefined)
  if (needsProof && shown?.jkt === undefined) {
    const detail = dpop === undefined ? `${client.id} must send proofs, and the server has no option dpop` : client.id
    throw new InvalidDpopProofError('dpop_proof_missing', { detail })
  }
  const needsCertificate = client.certificateBoundAccessTokens === true || isUnbound
  if (!needsCertificate || shown?.['x5t#S256'] !== undefined) return
  throw new InvalidRequestError('client_certificate_missing', {
    description: 'The client must show its certificate.',
    detail: certificate === undefined ? `${client.id}, and the server has no option mutualTls` : client.id,
  })
}

/**
 * What the sender of a request proves to have: the key of a DPoP proof, if there is one (RFC 9449 §5), and its certificate, if its tokens are to
 * be bound to that (RFC 8705 §3). An empty proof is a bad one, and not none. A token request without what its client needs is refused.
 */
export const proveSender = async (request: OAuthRequest, rules: SenderRules): Promise<Sender> => {
  const { dpop, certificate, isBindingRequired } = rules
  const { client, endpoint, now } = request
  const proof = (request.headers.get('dpop') ?? undefined) === undefined ? undefined : dpop
  const jkt = await proof?.take(request, { accessToken: undefined, jkt: undefined }, refuse)
  const isByCertificate = client?.certificateBoundAccessTokens === true || (isBindingRequired && jkt === undefined)
  const x5t = isByCertificate ? certificate?.(request)?.thumbprint : undefined
  const confirmation = jkt === undefined && x5t === undefined ? undefined : { jkt, 'x5t#S256': x5t }
  if (endpoint === 'token' && client !== undefined) requireAll(client, confirmation, rules)
  return { confirmation, headers: proof?.nextNonce(now) ?? {} }
}

/**
 * Refuses a token that would be less bound than those of its client must be (RFC 9449 §5.2), and a code or refresh token that is bound to
 * something that its sender did not prove to have (RFC 9449 §5, §10; RFC 8705 §4).
 */
export const requireBinding = (
  { client, boundTo, confirmation: shown }: Pick<Authorization, 'client' | 'boundTo' | 'confirmation'>,
  rules: SenderRules,
): void => {
  requireAll(client, shown, rules)
  const bound = readConfirmation(boundTo)
  if (bound === null) throw new InvalidGrantError('grant_bound', { detail: 'by a cnf that is not known here' })
  for (const name of ['jkt', 'x5t#S256'] as const) {
    const [wanted, got = ''] = [bound?.[name], shown?.[name]]
    if (wanted === undefined || equalsConstantTime(wanted, got)) continue
    throw new InvalidGrantError('grant_bound', { detail: `${name}: ${got === '' ? 'there is none' : 'it is another'}` })
  }
}
