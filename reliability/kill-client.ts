import { hiddenFields, type Browser } from '../test/server/browser.ts'
import type { Journal, JournalledCode, JournalledToken } from './kill-journal.ts'
import { redirectUri, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** Where and as whom a client works. */
export interface Target {
  readonly url: string
  readonly credentials: Credentials
  /** A new code that is in the database, or that the server gave to a logged-in browser. */
  readonly newCode: () => Promise<string>
}

/** An answer of the server. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly members: Readonly<Record<string, unknown>>
}

/** Sends a form as the client; rejects where the connection breaks. */
export const post = async (
  { url, credentials }: Pick<Target, 'url' | 'credentials'>,
  path: string,
  fields: Record<string, string>,
): Promise<Answer> => {
  const body = new URLSearchParams({ ...credentials, ...fields })
  const response = await fetch(`${url}${path}`, { method: 'POST', body })
  const text = await response.text()
  // JSON.parse gives `any`; every endpoint answers with an object or with nothing.
  const members = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer['members']
  return { status: response.status, retryAfter: response.headers.get('retry-after'), members }
}

/** A member that is text. */
export const member = ({ members }: Answer, name: string): string => {
  const value = members[name]
  return typeof value === 'string' ? value : ''
}

/** Gets an access token for the client itself. */
const own = async (target: Target, journal: Journal): Promise<JournalledToken | undefined> => {
  const answer = await post(target, '/token', { grant_type: 'client_credentials' })
  if (!counts(answer, journal)) return undefined
  const entry = journal.addToken(member(answer, 'access_token'))
  journal.acknowledge()
  return entry
}

const counts = ({ status }: Answer, journal: Journal): boolean => {
  if (status !== 200) journal.refused++
  return status === 200
}

/** Presents a code and notes what came of it; without a journal, in the code alone. */
export const redeem = async (target: Target, entry: JournalledCode, journal?: Journal): Promise<Answer> => {
  entry.presented++
  const answer = await post(target, '/token', { grant_type: 'authorization_code', code: entry.code })
  if (answer.status === 200) {
    entry.answers++
    entry.family.refreshToken = member(answer, 'refresh_token')
    journal?.addToken(member(answer, 'access_token'), entry.family)
    journal?.acknowledge()
  }
  return answer
}

const refresh = async (target: Target, { family }: JournalledCode, journal: Journal): Promise<void> => {
  if (family.refreshToken === undefined) return
  const answer = await post(target, '/token', { grant_type: 'refresh_token', refresh_token: family.refreshToken })
  if (!counts(answer, journal)) return
  family.refreshToken = member(answer, 'refresh_token')
  journal.addToken(member(answer, 'access_token'), family)
  journal.acknowledge()
}

/** Between the request and its answer nobody can say whether it is live. */
const revoke = async (
  target: Target,
  token: string,
  entry: { state: JournalledToken['state'] },
  journal: Journal,
): Promise<void> => {
  entry.state = 'unknown'
  if (!counts(await post(target, '/revoke', { token }), journal)) return
  entry.state = 'ended'
  journal.acknowledge()
}

/** One code presented by two requests at once: the later one may end the family. */
const redeemTwice = async (target: Target, journal: Journal): Promise<void> => {
  const entry = journal.addCode(await target.newCode())
  entry.family.state = 'unknown'
  const answers = await Promise.all([redeem(target, entry, journal), redeem(target, entry, journal)])
  if (!answers.some(({ status }) => status === 200)) journal.refused++
}

/** Everything once; every step that is answered is noted. Rejects when the server is gone. */
const round = async (target: Target, journal: Journal): Promise<void> => {
  const token = await own(target, journal)
  const kept = journal.addCode(await target.newCode())
  counts(await redeem(target, kept, journal), journal)
  await refresh(target, kept, journal)
  await redeemTwice(target, journal)
  if (token !== undefined) await revoke(target, token.token, token, journal)
  const ended = journal.addCode(await target.newCode())
  counts(await redeem(target, ended, journal), journal)
  await refresh(target, ended, journal)
  if (ended.family.refreshToken !== undefined) await revoke(target, ended.family.refreshToken, ended.family, journal)
}

/** The most rounds of one worker, so that a server that is never killed ends the experiment too. */
const mostRounds = 2000

/** Works until the connection breaks, which is what is waited for. */
export const work = async (target: Target, journal: Journal): Promise<void> => {
  try {
    for (let index = 0; index < mostRounds; index++) await round(target, journal)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown // fetch says by a TypeError that the server is gone
  }
}

/** Gets a code as a browser that is logged in: authorization request, consent, redirect. */
export const approveInBrowser = async (browser: Browser, clientId: string): Promise<string> => {
  const asked = { response_type: 'code', client_id: clientId, scope: 'read', prompt: 'consent' } // else it is asked for once only
  const query = new URLSearchParams(asked)
  const consent = await browser.get(`/authorize?${query.toString()}`)
  const fields = Object.entries(hiddenFields(consent))
  const { location } = await browser.post('/consent', [...fields, ['scope', 'read'], ['decision', 'approve']])
  if (!location.startsWith(redirectUri)) throw new Error(`no code: ${consent.status} ${location}`)
  return new URL(location).searchParams.get('code') ?? ''
}
