import { createHmac } from 'node:crypto'
import { equalSecrets } from './forgery.ts'

/** What a user did for one authorization request, so that it is not asked for again. A login is a choice of account as well. */
export type DoneStep = 'login' | 'select_account'

/** Whose browser it is, and which request. */
export interface DoneFor {
  readonly secret: string
  readonly sessionId: string
  /** The authorization request as a query string. */
  readonly query: string
  readonly now: number
}

/** What was done counts for ten minutes: then it is asked for again. */
const lifetime = 600
/** By which the clocks of nodes may differ. */
const tolerance = 60

const steps: readonly DoneStep[] = ['login', 'select_account']
const parameter = 'grantry_done'

const seal = (step: string, time: string, { secret, sessionId, query }: DoneFor): string =>
  createHmac('sha256', secret).update(['done', step, time, sessionId, query].join('\n')).digest('base64url')

/** A mark that says what was done, by one login of a browser for one request. Nobody can make one without the secret of the server. */
export const markDone = (step: DoneStep, done: DoneFor): string =>
  `${step}.${done.now}.${seal(step, String(done.now), done)}`

/** What a mark says; nothing where it is absent, old, forged or for something else. */
export const readDone = (mark: string, done: DoneFor): readonly DoneStep[] => {
  const [step = '', time = '', sealed = ''] = mark.split('.')
  const age = done.now - Number(time)
  if (!/^\d+$/.test(time) || age > lifetime || age < -tolerance) return []
  if (!equalSecrets(sealed, seal(step, time, done))) return []
  return steps.filter((known) => known === step)
}

/** The path of the authorization endpoint for a request, with a mark. */
export const authorizePath = (path: string, query: string, mark = ''): string =>
  `${path}/authorize?${query}${mark === '' ? '' : `&${parameter}=${mark}`}`

/** Takes the mark off the URL of a request. */
export const splitMark = (url: string): { readonly url: string; readonly mark: string } => {
  const [whole = '', mark = ''] = new RegExp(`&${parameter}=([\\w.-]*)$`).exec(url) ?? []
  return { url: url.slice(0, url.length - whole.length), mark }
}
