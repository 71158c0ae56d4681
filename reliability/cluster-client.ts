import { setTimeout } from 'node:timers/promises'
import { member, post, type Answer } from './kill-client.ts'
import type { Journal, JournalledCode } from './kill-journal.ts'
import type { Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** What a client that retries saw. */
export interface Tally {
  /** Codes that were answered twice, and refresh tokens with two successors. */
  doubles: number
  /** Tokens that were active at a node after their revocation was acknowledged. */
  revived: number
  /** Requests that had no success, although they were repeated. */
  failed: number
  /** Connections that broke. */
  broken: number
  /** 503 answers, and those of them without `Retry-After`. */
  unavailable: number
  withoutRetryAfter: number
  /** Answers that were neither a success nor a 503 nor the refusal of a code that was presented before. */
  unexpected: number
  /** Codes whose answer was lost: the user approves again. */
  approvedAgain: number
}

/** A tally without entries. */
export const emptyTally = (): Tally => ({
  ...{ doubles: 0, revived: 0, failed: 0, broken: 0, unavailable: 0, withoutRetryAfter: 0, unexpected: 0 },
  approvedAgain: 0,
})

/** Servers of one database, and the client that uses them. */
export interface Cluster {
  readonly credentials: Credentials
  /** Where the nodes are now; one that was started again has another port. */
  readonly urls: readonly string[]
  /** Codes that are in the database. */
  readonly stock: string[]
  readonly journal: Journal
  readonly tally: Tally
  /** Called with the number of the worker at each answer of success, and at each 503. */
  readonly onSuccess?: (worker: number) => void
  readonly onUnavailable?: (worker: number) => void
}

/** What came of a request in the end. */
export interface Outcome extends Answer {
  /** Whether an earlier try had no answer or a 503: it may have had an effect. */
  readonly isRepeated: boolean
}

interface Caller extends Cluster {
  readonly worker: number
}

const longestMs = 15_000
const pauseMs = 10

const once = async (caller: Caller, node: number, path: string, fields: Record<string, string>) => {
  const { urls, credentials, tally, worker } = caller
  try {
    const answer = await post({ url: urls[node % urls.length] ?? '', credentials }, path, fields)
    if (answer.status !== 503) return answer
    tally.unavailable++
    if (answer.retryAfter === null) tally.withoutRetryAfter++
    caller.onUnavailable?.(worker)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown // fetch says by a TypeError that a connection broke
    tally.broken++
  }
  return undefined
}

/** Asks the nodes in turn, from `node` on, until one answers; undefined where none does in 15 seconds. */
const ask = async (
  caller: Caller,
  node: number,
  path: string,
  fields: Record<string, string>,
): Promise<Outcome | undefined> => {
  const end = performance.now() + longestMs
  for (let tries = 0; performance.now() < end; tries++) {
    const answer = await once(caller, node + tries, path, fields)
    if (answer !== undefined) return { ...answer, isRepeated: tries > 0 }
    await setTimeout(pauseMs)
  }
  caller.tally.failed++
  return undefined
}

const isSuccess = (caller: Caller, outcome: Outcome | undefined): outcome is Outcome => {
  if (outcome?.status === 200) {
    caller.journal.acknowledge()
    caller.onSuccess?.(caller.worker)
    return true
  }
  if (outcome !== undefined) caller.tally.unexpected++
  return false
}

const redeem = (caller: Caller, code: string, node: number): Promise<Outcome | undefined> =>
  ask(caller, node, '/token', { grant_type: 'authorization_code', code })

const isSpent = ({ status, isRepeated, members }: Outcome): boolean =>
  status === 400 && isRepeated && members['error'] === 'invalid_grant'

/** Gets tokens for a code; where an answer was lost and the code is spent, for the next one. */
const approved = async (caller: Caller): Promise<JournalledCode | undefined> => {
  const { stock, journal, tally, worker } = caller
  for (let code = stock.pop(); code !== undefined; code = stock.pop()) {
    const entry = journal.addCode(code)
    entry.presented++
    const outcome = await redeem(caller, code, worker)
    if (outcome !== undefined && isSpent(outcome)) {
      entry.family.state = 'unknown'
      tally.approvedAgain++
      continue
    }
    if (!isSuccess(caller, outcome)) return undefined
    entry.answers++
    entry.family.refreshToken = member(outcome, 'refresh_token')
    journal.addToken(member(outcome, 'access_token'), entry.family)
    return entry
  }
  return undefined
}

/** Presents a code to all nodes at once: one answers with tokens, unless that answer was lost. A late second use ends the family. */
const contestCode = async (caller: Caller): Promise<void> => {
  const { stock, journal, tally } = caller
  const code = stock.pop()
  if (code === undefined) return
  const entry = journal.addCode(code)
  entry.family.state = 'unknown'
  entry.presented += 2
  const outcomes = await Promise.all([redeem(caller, code, 0), redeem(caller, code, 1)])
  const winners = outcomes.filter((outcome) => outcome?.status === 200)
  entry.answers = winners.length
  if (winners.length > 1) tally.doubles++
  if (winners.length > 0) journal.acknowledge()
  else if (outcomes.some((outcome) => outcome?.isRepeated === true)) tally.approvedAgain++
  else tally.unexpected++
}

/** Presents a refresh token to all nodes at once: both get the same successor. */
const contestRefresh = async (caller: Caller, { family }: JournalledCode): Promise<void> => {
  const fields = { grant_type: 'refresh_token', refresh_token: family.refreshToken ?? '' }
  const outcomes = await Promise.all([ask(caller, 0, '/token', fields), ask(caller, 1, '/token', fields)])
  const answers = outcomes.filter((outcome) => isSuccess(caller, outcome))
  const successors = new Set(answers.map((answer) => member(answer, 'refresh_token')))
  if (successors.size > 1) caller.tally.doubles++
  if (answers.length < outcomes.length) caller.tally.failed++
  for (const answer of answers) caller.journal.addToken(member(answer, 'access_token'), family)
  family.refreshToken = [...successors][0]
}

const revoke = async (caller: Caller, { family }: JournalledCode): Promise<void> => {
  const token = family.refreshToken
  if (token === undefined) return
  family.state = 'unknown'
  if (!isSuccess(caller, await ask(caller, caller.worker, '/revoke', { token }))) return
  family.state = 'ended'
  const seen = await ask(caller, caller.worker + 1, '/introspect', { token })
  if (seen?.members['active'] !== false) caller.tally.revived++
}

const own = async (caller: Caller): Promise<void> => {
  const outcome = await ask(caller, caller.worker, '/token', { grant_type: 'client_credentials' })
  if (isSuccess(caller, outcome)) caller.journal.addToken(member(outcome, 'access_token'))
}

/** Works until `isOver`; when there are no codes left, on tokens of its own only. Requests that have no answer, or 503, are repeated at the next node. */
export const workOn = async (cluster: Cluster, worker: number, isOver: () => boolean): Promise<void> => {
  const caller: Caller = { ...cluster, worker }
  while (!isOver()) {
    await own(caller)
    await contestCode(caller)
    const kept = await approved(caller)
    if (kept !== undefined) await contestRefresh(caller, kept)
    const ended = await approved(caller)
    if (ended !== undefined) await revoke(caller, ended)
  }
}
