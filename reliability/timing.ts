/** Whether the time of an answer tells which of two wrong requests it was: Welch's t of times that were taken in turn. */
import { randomInt } from 'node:crypto'
import { registerClient, Server, StoreValidator, type Client, type HttpRequest } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'

/** How far two ways of being wrong are apart. */
export interface Difference {
  readonly what: string
  /** Above 4.5 the two are told apart, by the usual bound for such tests. */
  readonly t: number
  /** By which the second takes longer than the first, in microseconds. */
  readonly microseconds: number
}

interface Question {
  readonly what: string
  /** Two requests that are to take the same time. */
  readonly first: HttpRequest
  readonly second: HttpRequest
}

const warmUp = 500

const post = (path: string, secret: string, fields: Readonly<Record<string, string>>, id = 'app'): HttpRequest => {
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${btoa(`${id}:${secret}`)}` }) // prettier-ignore
  const body = new URLSearchParams(fields).toString()
  return { method: 'POST', url: `https://as.example${path}`, headers, text: () => Promise.resolve(body) }
}

const meanOf = (times: readonly number[]): number => times.reduce((sum, each) => sum + each, 0) / times.length
const varianceOf = (times: readonly number[], mean: number): number =>
  times.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (times.length - 1)

/** Both without the slowest tenth of all, in which something else had the processor. */
const compare = (first: readonly number[], second: readonly number[]): Omit<Difference, 'what'> => {
  const limit = [...first, ...second].sort((left, right) => left - right)[
    Math.floor((first.length + second.length) * 0.9)
  ]
  const [left, right] = [first, second].map((times) => times.filter((each) => each < (limit ?? Infinity))) as [
    number[],
    number[],
  ] // two of two
  const [leftMean, rightMean] = [meanOf(left), meanOf(right)]
  const spread = Math.sqrt(varianceOf(left, leftMean) / left.length + varianceOf(right, rightMean) / right.length)
  return { t: (rightMean - leftMean) / spread, microseconds: (rightMean - leftMean) * 1000 }
}

const measure = async (server: Server, pairs: number, { what, first, second }: Question): Promise<Difference> => {
  const times: [number[], number[]] = [[], []]
  for (let pair = -warmUp; pair < pairs; pair++) {
    const order = randomInt(2) === 0 ? ([0, 1] as const) : ([1, 0] as const)
    for (const which of order) {
      const begin = performance.now()
      await server.handle(which === 0 ? first : second)
      const took = performance.now() - begin
      if (pair >= 0) times[which].push(took)
    }
  }
  return { what, ...compare(...times) }
}

/** Compares as one must not: letter by letter, and nothing at all for who is unknown. */
export class CarelessValidator extends StoreValidator {
  readonly #secret: string

  constructor(store: MemoryStore, secret: string) {
    super(store)
    this.#secret = secret
  }

  override authenticateClient(client: Client, secret: string): boolean {
    if (client.secrets === undefined) return false
    for (const [index, letter] of Array.from(this.#secret).entries()) {
      if (secret[index] !== letter) return false
      for (let turn = 0; turn < 200; turn++) letter.codePointAt(0)
    }
    return true
  }
}

const changed = (text: string, index: number): string =>
  text.slice(0, index) + (text[index] === 'x' ? 'y' : 'x') + text.slice(index + 1)

/** Measures so many pairs of each question, at a server or at one that is careless. */
export const measureTimes = async (pairs: number, isCareless = false): Promise<readonly Difference[]> => {
  const store = new MemoryStore()
  const { secret = '' } = await registerClient(store, {
    id: 'app',
    grantTypes: ['client_credentials'],
    scopes: ['read'],
  })
  const server = new Server(isCareless ? new CarelessValidator(store, secret) : new StoreValidator(store))
  const grant = { grant_type: 'client_credentials' }
  const answer = await server.handle(post('/token', secret, grant))
  const token = isCareless ? '' : String((JSON.parse(answer.body) as { access_token?: string }).access_token)
  const last = secret.length - 1
  const wrong = post('/token', changed(secret, 0), grant)
  const questions: readonly Question[] = [
    {
      what: 'a secret that differs at its first or last letter',
      first: wrong,
      second: post('/token', changed(secret, last), grant),
    },
    { what: 'an unknown client, or a wrong secret', first: post('/token', secret, grant, 'nil'), second: wrong },
    ...(isCareless
      ? []
      : [
          {
            what: 'a token that differs at its first or last letter',
            first: post('/introspect', secret, { token: changed(token, 0) }),
            second: post('/introspect', secret, { token: changed(token, token.length - 1) }),
          },
        ]),
  ]
  const found: Difference[] = []
  for (const question of questions) found.push(await measure(server, pairs, question))
  return found
}
