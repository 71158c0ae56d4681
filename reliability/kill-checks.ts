import { member, post, redeem, type Target } from './kill-client.ts'
import type { Journal, JournalledCode, JournalledToken } from './kill-journal.ts'

/** What the checks after a restart found. */
export interface Found {
  /** Acknowledged tokens, codes and refresh tokens that do not work. */
  lost: number
  /** Acknowledged revocations that are gone. */
  revived: number
  /** Codes that gave two answers, refresh tokens that gave two successors. */
  doubles: number
  /** Answers that were lost with the process and that a second request made good. */
  recovered: number
}

const checkToken = async (target: Target, { token, state, family }: JournalledToken, found: Found): Promise<void> => {
  const states = [state, family?.state ?? 'live']
  const { members } = await post(target, '/introspect', { token })
  if (states.includes('ended')) found.revived += members['active'] === true ? 1 : 0
  else if (states.every((each) => each === 'live')) found.lost += members['active'] === true ? 0 : 1
}

/** The newest refresh token works, and gives one successor however often it is presented within the grace. */
const checkFamily = async (target: Target, { family }: JournalledCode, found: Found): Promise<void> => {
  if (family.state !== 'live' || family.refreshToken === undefined) return
  const fields = { grant_type: 'refresh_token', refresh_token: family.refreshToken }
  const first = await post(target, '/token', fields)
  const second = await post(target, '/token', fields)
  if (first.status !== 200 || second.status !== 200) found.lost++
  else if (member(first, 'refresh_token') !== member(second, 'refresh_token')) found.doubles++
}

const checkCode = async (target: Target, entry: JournalledCode, found: Found): Promise<void> => {
  const { answers, presented } = entry
  const statuses = [await redeem(target, entry), await redeem(target, entry)]
  if (entry.answers > 1) found.doubles++
  if (presented === 0 && statuses[0]?.status !== 200) found.lost++
  if (presented > 0 && answers === 0 && entry.answers === 1) found.recovered++
}

const inParallel = async <Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> => {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of waiting) await run(item)
    }),
  )
}

/** Asks a server for every acknowledged token. */
export const checkTokens = (target: Target, { tokens }: Journal, found: Found): Promise<void> =>
  inParallel(tokens, (token) => checkToken(target, token, found))

/** Compares a restarted server with what was acknowledged. Codes come last: presenting one again ends its family. */
export const checkJournal = async (target: Target, journal: Journal, found: Found): Promise<void> => {
  await checkTokens(target, journal, found)
  await inParallel(journal.codes, (code) => checkFamily(target, code, found))
  await inParallel(journal.codes, (code) => checkCode(target, code, found))
}
