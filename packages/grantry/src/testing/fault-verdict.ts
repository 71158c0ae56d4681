import type { HttpResponse } from '../core/http.ts'
import type { Server } from '../servers/server.ts'
import type { Store } from '../storage/store.ts'
import type { Fault } from './fault-checks.ts'
import { membersOf, send, type Case } from './fault-flows.ts'

/** What is known of a case with a fault. */
export interface Outcome {
  readonly given: Case
  /** An introspection request without its token. */
  readonly probe: Case
  readonly response: HttpResponse
  readonly fault: Fault
  readonly faulted: keyof Store
  /** The same server over the store without faults. */
  readonly healed: Server
  /** How many of the access tokens that were given to the store are live in it. */
  readonly liveTokens: () => Promise<number>
}

/** How a case ended. */
export interface Verdict {
  readonly answer: '500' | '503' | 'success' | 'refusal'
  readonly lacksRetryAfter: boolean
  readonly violations: readonly string[]
}

/** The error of an answer or of a redirect; undefined for a success. */
const errorOf = (response: HttpResponse): string | undefined => {
  const location = response.headers['Location']
  if (location !== undefined) return new URL(location).searchParams.get('error') ?? undefined
  const { error } = membersOf(response)
  return typeof error === 'string' ? error : undefined
}

const answerOf = (response: HttpResponse): Verdict['answer'] => {
  const error = errorOf(response)
  if (response.status === 503 || error === 'temporarily_unavailable') return '503'
  if (response.status >= 500 || error === 'server_error') return '500'
  return response.status < 400 && error === undefined ? 'success' : 'refusal'
}

const isActive = async ({ healed, probe }: Outcome, token: string): Promise<boolean> => {
  const response = await send(healed, { ...probe, parameters: { ...probe.parameters, token } })
  return membersOf(response)['active'] === true
}

const isRedeemable = async ({ healed, given, response }: Outcome): Promise<boolean> => {
  const code = new URL(response.headers['Location'] ?? '').searchParams.get('code') ?? ''
  const { client_id, client_secret } = given.parameters as { client_id: string; client_secret: string } // in every case
  const fields = { client_id, client_secret, redirect_uri: given.parameters['redirect_uri'] ?? '', code }
  const parameters = { ...fields, grant_type: 'authorization_code' }
  return (await send(healed, { ...given, endpoint: 'token', parameters })).status === 200
}

/** What a success promises and does not keep. */
const brokenPromises = async (outcome: Outcome): Promise<string[]> => {
  const { given, response } = outcome
  const members = membersOf(response)
  const tokens = [members['access_token'], members['refresh_token']].filter((token) => typeof token === 'string')
  const problems: string[] = []
  for (const token of tokens) if (!(await isActive(outcome, token))) problems.push('a token of a 200 is not active')
  if (given.endpoint === 'token' && tokens.length === 0) problems.push('a 200 without a token')
  if (given.endpoint === 'introspect' && members['active'] !== true)
    problems.push('a live token is said to be inactive')
  if (given.endpoint === 'revoke' && (await isActive(outcome, given.subject ?? '')))
    problems.push('a token lives on after its revocation was acknowledged')
  if (given.endpoint === 'authorize' && !(await isRedeemable(outcome))) problems.push('a code cannot be redeemed')
  return problems
}

/** A token that was saved although its code can still be redeemed: the grant is given twice. */
const halfGrants = async ({ given, healed, liveTokens }: Outcome): Promise<string[]> => {
  if (given.parameters['grant_type'] !== 'authorization_code') return []
  const before = await liveTokens()
  const retry = await send(healed, given)
  return retry.status === 200 && before > 0 ? ['a live token of a code that is redeemed again'] : []
}

/**
 * `undefined` is what these methods return for what is not there, or always: no caller can tell it from a failure. What follows from it
 * must still not be a success without its token.
 */
const mayReturnUndefined: ReadonlySet<keyof Store> = new Set([
  'findClient',
  'findAccessToken',
  'findRefreshToken',
  'consumeCode',
  'putCode',
  'revokeAccessToken',
  'revokeGrant',
])

/** Judges the answer to a request during which a store call failed. */
export const judge = async (outcome: Outcome): Promise<Verdict> => {
  const { fault, faulted, given, response } = outcome
  const answer = answerOf(response)
  const isUntold = fault === 'returns undefined' && mayReturnUndefined.has(faulted)
  const violations: string[] = []
  if (answer === 'refusal' && !isUntold)
    violations.push(`a store failure is called ${errorOf(response) ?? String(response.status)}`)
  if (answer === 'success' && (given.endpoint === 'token' || !isUntold))
    violations.push(...(await brokenPromises(outcome)))
  violations.push(...(await halfGrants(outcome)))
  const lacksRetryAfter = response.status === 503 && response.headers['Retry-After'] === undefined
  return { answer, lacksRetryAfter, violations }
}
