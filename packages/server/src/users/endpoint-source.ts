import type { Clock } from 'grantry'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { Circuit } from './circuit.ts'
import type { PasswordAttempt, SourceLogin, SourceUser, UserSource } from './user-source.ts'

/** Where users are asked for. */
export interface EndpointOptions {
  /** `login` and `user` are below it. */
  readonly endpoint: string
  /** Sent as a bearer token. */
  readonly secret: string
  readonly now: Clock
  readonly log: Log
}

/** A login may hash a password; for a user, the page waits that was asked for. */
const timeoutMs = { login: 5000, user: 1500 }
const largestAnswer = 65_536

const loginSchema = z.object({ id: z.string(), username: z.string(), version: z.string() })
const userSchema = loginSchema.extend({ claims: z.record(z.string(), z.json()) })

const readBody = async ({ body }: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength // the types of the platform leave out what a body consists of
    if (size > largestAnswer) throw new Error(`The answer is larger than ${largestAnswer} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Error('The answer is no JSON.') // without the cause, which quotes it
  }
}

/** What an answer says of a user. Only `null` says that there is none: whatever else comes back may be the answer of something else. */
const readUser = <User>(text: string, schema: z.ZodType<User>): User | undefined => {
  const { data, error } = z.object({ user: schema.nullable() }).safeParse(parse(text))
  if (data !== undefined) return data.user ?? undefined
  const [issue] = error.issues
  throw new Error(`The answer is not as agreed: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

/** Users of an endpoint of the operator. Passwords go there, and nowhere else. */
export class EndpointSource implements UserSource {
  readonly #options: EndpointOptions
  readonly #circuit: Circuit

  constructor(options: EndpointOptions) {
    this.#options = options
    const { now, log } = options
    const onOpen = (cause: unknown): void => log({ type: 'source.unreachable', cause })
    this.#circuit = new Circuit({ mostFailures: 5, pauseSeconds: 10, mostAtOnce: 64, now, onOpen })
  }

  login({ username, password }: PasswordAttempt): Promise<SourceLogin | undefined> {
    return this.#ask('login', { username, password }, loginSchema)
  }

  find(id: string): Promise<SourceUser | undefined> {
    return this.#ask('user', { id }, userSchema)
  }

  #ask<User>(what: keyof typeof timeoutMs, body: object, schema: z.ZodType<User>): Promise<User | undefined> {
    return this.#circuit.ask(async () => {
      const response = await fetch(`${this.#options.endpoint}/${what}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#options.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs[what]),
      })
      if (response.status === 200) return readUser(await readBody(response), schema)
      await response.body?.cancel()
      throw new Error(`The answer has the status ${response.status}.`)
    })
  }
}
