import { setTimeout } from 'node:timers/promises'
import { percentile } from './chance.ts'
import { post } from './kill-client.ts'
import type { Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** Requests for tokens, each with its status and how long it took. */
export interface Timed {
  readonly status: number
  readonly ms: number
}

/** Which node, as whom. */
export interface SlowTarget {
  readonly url: string
  readonly credentials: Credentials
  /** Refresh tokens that stay as they are; they are presented in turn. */
  readonly refreshTokens: readonly string[]
}

let turn = 0

/** Refreshes a token, which reads twice and writes once. */
export const timedToken = async (target: SlowTarget): Promise<Timed> => {
  const start = performance.now()
  const token = target.refreshTokens[turn++ % target.refreshTokens.length] ?? ''
  const { status } = await post(target, '/token', { grant_type: 'refresh_token', refresh_token: token })
  return { status, ms: performance.now() - start }
}

/** As many workers, each of which asks so many times, one after the other. */
export const inWorkers = async (target: SlowTarget, workers: number, requests: number): Promise<readonly Timed[]> => {
  const work = async (): Promise<readonly Timed[]> => {
    const answers: Timed[] = []
    for (let index = 0; index < requests; index++) answers.push(await timedToken(target))
    return answers
  }
  return (await Promise.all(Array.from({ length: workers }, work))).flat()
}

/** Asks `requests` times, spread over `ms` milliseconds, whether or not the answers come. */
export const spread = async (target: SlowTarget, requests: number, ms: number): Promise<readonly Timed[]> => {
  const start = performance.now()
  const answers: Promise<Timed>[] = []
  for (let index = 0; index < requests; index++) {
    answers.push(timedToken(target))
    await setTimeout(Math.max(1, start + ((index + 1) * ms) / requests - performance.now()))
  }
  return Promise.all(answers)
}

/** What needs no database: the metadata, the keys, and whether the process is alive. */
const paths = ['/.well-known/oauth-authorization-server', '/jwks', '/health/live']
const probeEveryMs = 20

/** Asks for what needs no database again and again until `isOver`; gives the times in milliseconds. */
export const probe = async ({ url }: SlowTarget, isOver: () => boolean): Promise<readonly number[]> => {
  const times: number[] = []
  for (let index = 0; !isOver(); index++) {
    const start = performance.now()
    const response = await fetch(url + (paths[index % paths.length] ?? ''))
    await response.text()
    if (!response.ok) throw new Error(`${response.url} answers ${response.status}.`)
    times.push(performance.now() - start)
    await setTimeout(probeEveryMs)
  }
  return times
}

/** Clients who repeat until they are served; gives how long the last one had to wait, in milliseconds. */
export const recovery = async (target: SlowTarget, clients: number): Promise<number> => {
  const start = performance.now()
  const serve = async (): Promise<void> => {
    while ((await timedToken(target)).status !== 200) {
      if (performance.now() - start > 15_000) return
    }
  }
  await Promise.all(Array.from({ length: clients }, serve))
  return performance.now() - start
}

/** The longest of the times. */
export const longest = (answers: readonly Timed[]): number => Math.max(...answers.map(({ ms }) => ms))

/** The time below which `share` of the answers lie. */
export const timeOf = (answers: readonly Timed[], share: number): number =>
  percentile(
    answers.map(({ ms }) => ms),
    share,
  )
