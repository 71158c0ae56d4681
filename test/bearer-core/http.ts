import { request } from 'node:http'

/** A parsed challenge of `WWW-Authenticate` (RFC 9110 §11.6.1). Attributes keep their order and repetitions. */
export interface Challenge {
  readonly scheme: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  header(name: string): string | undefined
  readonly text: string
  /** The body, where it is a JSON object; else an empty object. */
  readonly json: Readonly<Record<string, unknown>>
  readonly challenges: readonly Challenge[]
}

/** What to send. Headers are sent as they are, in order, repetitions included. */
export interface Sent {
  readonly method?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

const timeoutMs = 10_000
const piece = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/y

/** Reads the challenges out of a `WWW-Authenticate` value. Throws where it does not follow the grammar. */
export const parseChallenges = (value: string): readonly Challenge[] => {
  const challenges: { scheme: string; attributes: (readonly [string, string])[] }[] = []
  let end = 0
  for (const match of value.matchAll(new RegExp(piece.source, 'gy'))) {
    end = match.index + match[0].length
    const name = match[1] ?? ''
    const attribute = match[2]?.replace(/\\(.)/g, '$1') ?? match[3]
    if (attribute === undefined) challenges.push({ scheme: name, attributes: [] })
    else challenges.at(-1)?.attributes.push([name.toLowerCase(), attribute])
  }
  if (end !== value.trimEnd().length) throw new Error(`malformed WWW-Authenticate: ${value}`)
  return challenges
}

const parseJson = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
    return Object.fromEntries(Object.entries(value))
  } catch {
    return {} // not JSON: the row that expects JSON says so
  }
}

const readAnswer = (status: number, rawHeaders: readonly string[], text: string): Answer => {
  const values = (name: string): readonly string[] =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name.toLowerCase())
  return {
    status,
    header: (name) => (values(name).length === 0 ? undefined : values(name).join(', ')),
    text,
    json: parseJson(text),
    get challenges() {
      return values('www-authenticate').flatMap(parseChallenges)
    },
  }
}

/** One request on a connection of its own. */
export const send = (url: string, { method = 'GET', headers = [], body }: Sent = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const raw = ['Host', new URL(url).host, 'Connection', 'close', ...headers.flat()]
    if (body !== undefined) raw.push('Content-Length', String(Buffer.byteLength(body)))
    const outgoing = request(url, { method, headers: raw, agent: false, timeout: timeoutMs }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve(readAnswer(incoming.statusCode ?? 0, incoming.rawHeaders, Buffer.concat(chunks).toString('utf8')))
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })

/** Parameters of a form; a list where a name repeats. */
export type Form = Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]

const isList = (form: Form): form is readonly (readonly [string, string])[] => Array.isArray(form)

/** The parameters of a form as a list. */
export const entriesOf = (form: Form): readonly (readonly [name: string, value: string])[] =>
  isList(form) ? form : Object.entries(form)

/** The body of a form. */
export const formBody = (form: Form): string =>
  new URLSearchParams(entriesOf(form).map(([name, value]): [string, string] => [name, value])).toString()

/** The header of a form. */
export const formType = ['Content-Type', 'application/x-www-form-urlencoded'] as const

/** POSTs a form. */
export const postForm = (url: string, form: Form, headers: Sent['headers'] = []): Promise<Answer> =>
  send(url, { method: 'POST', headers: [formType, ...headers], body: formBody(form) })
