import { hashClientSecret, OAuthError, readClientMetadata, type Client } from 'grantry'
import { StartError } from '../errors.ts'
import type { Line } from './read-lines.ts'

/** Shorter secrets can be guessed from their digest. */
const shortestSecret = 32

type Metadata = Readonly<Record<string, unknown>>

const isMetadata = (value: unknown): value is Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a file holds: a list, one client, or a client a line. */
const entriesOf = (text: string): readonly unknown[] => {
  const whole = parse(text)
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole]
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parse)
}

/** What can be used of a secret: not a hash that another system made of it. */
const secretsOf = ({ client_secret: secret }: Metadata): readonly string[] =>
  typeof secret === 'string' && secret.length >= shortestSecret && !secret.startsWith('$')
    ? [hashClientSecret(secret)]
    : []

const needsSecret = ({ authMethods: [method] = [] }: Pick<Client, 'authMethods'>): boolean =>
  method !== 'none' && method !== 'private_key_jwt'

const toClient = (entry: unknown, index: number): Client => {
  if (!isMetadata(entry) || typeof entry['client_id'] !== 'string' || entry['client_id'] === '')
    throw new StartError(`Client ${index + 1} of the file has no client_id.`)
  const id = entry['client_id']
  try {
    const draft = readClientMetadata(new Map(Object.entries(entry)))
    return { ...draft, id, ...(needsSecret(draft) && { secrets: secretsOf(entry) }) }
  } catch (thrown) {
    if (!(thrown instanceof OAuthError)) throw thrown
    throw new StartError(`client "${id}": ${thrown.description}`, 1, thrown)
  }
}

/** Clients as other servers write them (RFC 7591 §2, §3.2.1). */
export interface ForeignClients {
  /** The same as lines of an export. */
  readonly lines: AsyncGenerator<Line, undefined>
  /** The ids of those whose secret cannot be brought along. */
  readonly withoutSecret: readonly string[]
}

/** A record as it is read back: without what is undefined. */
const asStored = (client: Client): unknown => JSON.parse(JSON.stringify(client))

async function* toLines(clients: readonly Client[]): AsyncGenerator<Line, undefined> {
  const made = { version: 1, created_at: new Date(0).toISOString(), made_by: 'RFC 7591' }
  const header = { format: 'grantry-export', ...made, parts: ['clients'], schema: {}, sealed_by: [] }
  yield { number: 0, value: header }
  for (const [index, client] of clients.entries())
    yield { number: index + 1, value: { table: 'client', id: client.id, record: asStored(client) } }
  yield { number: clients.length + 1, value: { end: true, rows: { client: clients.length } } }
}

/** Reads clients that another server wrote. Throws a `StartError` that names the client whose metadata cannot be taken. */
export const readForeignClients = (text: string): ForeignClients => {
  const clients = entriesOf(text).map(toClient)
  const lacking = clients.filter(({ secrets }) => secrets?.length === 0)
  return { lines: toLines(clients), withoutSecret: lacking.map(({ id }) => id) }
}
