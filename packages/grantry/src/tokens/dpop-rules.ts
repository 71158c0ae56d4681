import type { ReplayValidator } from '../core/client-keys.ts'
import type { HttpRequest } from '../core/http.ts'
import type { DpopNonces } from '../keys/dpop-nonce.ts'
import { proofSeconds, readDpopProof, type DpopProof } from '../keys/dpop-proof.ts'
import type { DpopRules, TokenUse } from './token-binding.ts'
import type { Refuse } from './verify-request.ts'

/** What the proofs of a protected resource are checked with. */
export interface DpopRulesOptions extends Omit<DpopRules, 'check'> {
  /** Notes proofs that were used. */
  readonly replay: ReplayValidator
  /** The URL that the client asked for, as it wrote it. */
  readonly requestUrl: (request: HttpRequest) => string
  /** Undefined asks for no nonce. */
  readonly nonces: DpopNonces | undefined
}

const checkNonce = ({ nonce }: DpopProof, { nonces }: DpopRulesOptions, now: number, refuse: Refuse): void => {
  if (nonces === undefined || nonces.accepts(nonce, now)) return
  refuse('use_dpop_nonce', 'dpop_nonce_missing', { dpopNonce: nonces.issue(now) })
}

const checkProof = async (
  { credentials, http, request }: TokenUse,
  jkt: string,
  dpop: DpopRulesOptions,
  refuse: Refuse,
): Promise<void> => {
  const text = http.headers.get('dpop')
  if (!text) return refuse('invalid_dpop_proof', 'dpop_proof_missing')
  const { now, method } = request
  const { algorithms, replay } = dpop
  const asked = { method, url: dpop.requestUrl(http), algorithms, accessToken: credentials.token, now }
  const proof = await readDpopProof(text, asked)
  if (typeof proof === 'string') return refuse('invalid_dpop_proof', 'dpop_proof_invalid', { detail: proof })
  if (proof.thumbprint !== jkt)
    return refuse('invalid_token', 'token_bound', { detail: 'the proof is of another key than jkt' })
  checkNonce(proof, dpop, now, refuse)
  // Longer than it is good for: a node whose clock is ahead cleans up early.
  const until = proof.expiresAt + proofSeconds.ahead
  if (!(await replay.markSeen('dpop_proof', proof.digest, until, request)))
    refuse('invalid_dpop_proof', 'dpop_proof_replayed')
}

/** The rules by which a protected resource takes tokens that are bound to a key (RFC 9449 §7). */
export const dpopRules = (options: DpopRulesOptions): DpopRules => ({
  algorithms: options.algorithms,
  isRequired: options.isRequired,
  check: (use, jkt, refuse) => checkProof(use, jkt, options, refuse),
})
