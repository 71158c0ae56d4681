import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { endClient, hashClientSecret, type Client, type Clock, type Store } from 'grantry'
import { clientPages } from '../client-pages.ts'
import { disabledAtOf, isOfFile, toRecord, type ServerClient } from '../client-record.ts'
import { StartError } from '../errors.ts'
import { exclusively } from '../exclusively.ts'
import type { Log } from '../log.ts'
import { staticClientSchema, type StaticClient } from './static-client.ts'

type ClientHome = Pick<
  Store,
  'findClient' | 'createClient' | 'replaceClient' | 'deleteClient' | 'listClients' | 'revokeGrants' | 'lease'
>

const refuse = (id: string, problem: string): StartError => new StartError(`clients: "${id}": ${problem}`, 2)

const secretOf = ({ id, secret, secretFile }: StaticClient): string | undefined => {
  if (secretFile === undefined) return secret
  let text: string
  try {
    text = readFileSync(secretFile, 'utf8').trim()
  } catch (cause) {
    throw new StartError(`clients: "${id}": the file "${secretFile}" cannot be read.`, 2, cause)
  }
  if (text.length < 32) throw refuse(id, `the secret in "${secretFile}" must have at least 32 characters.`)
  return text
}

/** Of a client that comes from a program, nobody has checked this yet. */
const requireValid = (client: StaticClient): void => {
  const [issue] = staticClientSchema.safeParse(client).error?.issues ?? []
  if (issue === undefined) return
  const [member] = issue.path
  throw refuse(client.id, `${member === undefined ? '' : `${String(member)}: `}${issue.message}.`)
}

/** The record of a client of the file. */
const recordOf = (client: StaticClient): ServerClient => {
  requireValid(client)
  const settings = { ...client, ...{ secret: undefined, secretFile: undefined } } // what is undefined is not kept
  const secret = secretOf(client)
  const secrets = secret === undefined ? undefined : [hashClientSecret(secret)]
  const record: ServerClient = { ...toRecord(settings), id: client.id, source: 'file', secrets }
  return JSON.parse(JSON.stringify(record)) as ServerClient // as it is read back: without what is undefined
}

/** The file does not say whether a client is disabled. */
const asDisabled = (record: ServerClient, found: Client): ServerClient => {
  const disabledAt = disabledAtOf(found)
  return disabledAt === undefined ? record : { ...record, disabledAt }
}

const save = async (store: ClientHome, fromFile: ServerClient): Promise<'created' | 'changed' | undefined> => {
  const { id } = fromFile
  const found = await store.findClient(id)
  const record = found === undefined ? fromFile : asDisabled(fromFile, found)
  if (found === undefined) {
    if (await store.createClient(record)) return 'created'
    throw refuse(id, 'it was made by someone else at the same time. Start again.')
  }
  if (!isOfFile(found))
    throw refuse(id, 'there is a client of this id that is not of the file. Choose another id, or delete that one.')
  if (isDeepStrictEqual(found, record)) return undefined
  if (await store.replaceClient(found, record)) return 'changed'
  throw refuse(id, 'it was changed by someone else at the same time. Start again.')
}

const staleIds = async (store: ClientHome, ids: ReadonlySet<string>): Promise<readonly string[]> => {
  const stale: string[] = []
  for await (const clients of clientPages(store))
    stale.push(...clients.filter((client) => isOfFile(client) && !ids.has(client.id)).map(({ id }) => id))
  return stale
}

/**
 * Makes the clients of the file be as they are there: new ones are made, others changed, and those that are not in it any more deleted, with
 * what they were granted. Clients that were made otherwise are left alone. Throws a `StartError` for one that cannot be.
 */
export const reconcileClients = async (
  store: Store,
  clients: readonly StaticClient[],
  { now, log }: { readonly now: Clock; readonly log: Log },
): Promise<void> => {
  const ids = new Set(clients.map(({ id }) => id))
  if (ids.size < clients.length) throw new StartError('clients: two of them have the same id.', 2)
  const records = clients.map(recordOf)
  await exclusively(store, now, async () => {
    for (const record of records) {
      const outcome = await save(store, record)
      if (outcome !== undefined) log({ type: `client.${outcome}`, clientId: record.id, source: 'file' })
    }
    for (const id of await staleIds(store, ids)) {
      await endClient(store, id, now())
      log({ type: 'client.deleted', clientId: id, source: 'file' })
    }
  })
}
