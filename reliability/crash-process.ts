/** Sends one request over a store and ends itself by SIGKILL at one of its calls; prints the answer where there are fewer. */
import type { AuthorizationCode, Store, TokenContext, TokenResponse } from 'grantry'
import { openPlace, type CrashPlace } from './crash-place.ts'
import { send, type Case } from '../packages/grantry/src/testing/fault-flows.ts'
import { OpenValidator, serve } from '../packages/grantry/src/testing/sample-provider.ts'
import { digestOf } from '../packages/grantry/src/testing/store-check.ts'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'

/** When the process ends: before a call, once it was made, or once it was answered. */
export type Moment = 'before' | 'sent' | 'answered'

/** What the process is told. */
export interface CrashTask {
  readonly place: CrashPlace
  readonly given: Case
  /** Which store call, from 1. */
  readonly at: number
  readonly moment: Moment
  /** The record of the code for the negative control; undefined for the product. */
  readonly savesFirst: AuthorizationCode | undefined
}

const crash = (): void => void process.kill(process.pid, 'SIGKILL')

/** A driver of PostgreSQL sends a statement in the next turn of the event loop. */
const crashOnceSent = ({ backend }: CrashPlace): void => {
  if (backend === 'SQLite') crash()
  else setImmediate(crash)
}

const crashing = (store: Store, { at, moment, place }: Pick<CrashTask, 'at' | 'moment' | 'place'>): Store => {
  let calls = 0
  return interceptStore(store, ({ run }) => {
    const isIt = ++calls === at
    if (isIt && moment === 'before') crash()
    const answer = run()
    if (isIt && moment === 'sent') crashOnceSent(place)
    if (!isIt || moment === 'sent') return answer
    return Promise.resolve(answer).then((outcome: unknown) => {
      crash()
      return outcome
    })
  })
}

/** Saves the tokens of a code before it takes the code: the mistake that the order of the product is there to prevent. */
class SavesFirst extends OpenValidator {
  readonly #record: AuthorizationCode
  #code = ''

  constructor(store: Store, record: AuthorizationCode) {
    super(store)
    this.#record = record
  }

  override async consumeAuthorizationCode(code: string): Promise<AuthorizationCode> {
    this.#code = code
    return this.#record
  }

  override async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse | false | undefined> {
    const saved = await super.saveToken(token, context)
    const { client, issuedAt } = context
    const code = await this.store.consumeCode(digestOf(this.#code), client.id, issuedAt)
    return typeof code === 'object' && saved
  }
}

const task = JSON.parse(process.argv[2] ?? '') as CrashTask // written by the experiment
const { store: whole, close } = openPlace(task.place)
await whole.ping() // there is a connection when the request comes
const store = crashing(whole, task)
const validator = task.savesFirst === undefined ? new OpenValidator(store) : new SavesFirst(store, task.savesFirst)
const { status } = await send(serve(validator), task.given)
await close()
console.log(status)
