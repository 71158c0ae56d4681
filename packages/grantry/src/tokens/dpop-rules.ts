import type { ReplayValidator } from '../core/client-keys.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { DpopNonces } from '../keys/dpop-nonce.ts'
import { proofSeconds, readDpopProof, type DpopProof } from '../keys/dpop-proof.ts'
import type { DpopRules, ProofUse, RefuseProof } from './token-binding.ts'

/** What proofs are checked with. */
export interface DpopRulesOptions extends Pick<DpopRules, 'algorithms' | 'isRequired'> {
  /** Notes proofs that were used. */
  readonly replay: ReplayValidator
  /** The URL that the client asked for, as it wrote it. */
  readonly requestUrl: (request: Omit<HttpRequest, 'text'>) => string
  /** Undefined asks for no nonce. */
  readonly nonces: DpopNonces | undefined
}

const checkNonce = ({ nonce }: DpopProof, { nonces }: DpopRulesOptions, now: number, refuse: RefuseProof): void => {
  if (nonces === undefined || nonces.accepts(nonce, now)) return
  refuse('use_dpop_nonce', 'dpop_nonce_missing', { dpopNonce: nonces.issue(now) })
}

const takeProof = async (
  request: OAuthRequest,
  { accessToken, jkt }: ProofUse,
  dpop: DpopRulesOptions,
  refuse: RefuseProof,
): Promise<string> => {
  const text = request.headers.get('dpop')
  if (!text) return refuse('invalid_dpop_proof', 'dpop_proof_missing')
  const { now, method } = request
  const { algorithms, replay, requestUrl } = dpop
  const proof = await readDpopProof(text, { method, url: requestUrl(request), algorithms, accessToken, now })
  if (typeof proof === 'string') return refuse('invalid_dpop_proof', 'dpop_proof_invalid', { detail: proof })
  if (jkt !== undefined && proof.thumbprint !== jkt)
    return refuse('invalid_token', 'token_bound', { detail: 'the proof is of another key than jkt' })
  checkNonce(proof, dpop, now, refuse)
  // Longer than it is good for: a node whose clock is ahead cleans up early.
  const until = proof.expiresAt + proofSeconds.ahead
  if (!(await replay.markSeen('dpop_proof', proof.digest, until, request)))
    refuse('invalid_dpop_proof', 'dpop_proof_replayed')
  return proof.thumbprint
}

/** The rules by which proofs are taken, at protected resources and at the endpoints of a server (RFC 9449 §4.3). */
export const dpopRules = (options: DpopRulesOptions): DpopRules => ({
  algorithms: options.algorithms,
  isRequired: options.isRequired,
  take: (request, use, refuse) => takeProof(request, use, options, refuse),
  nextNonce: (now): Readonly<Record<string, string>> =>
    options.nonces === undefined ? {} : { 'DPoP-Nonce': options.nonces.issue(now) },
})
