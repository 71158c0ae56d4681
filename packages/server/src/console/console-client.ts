import { hashClientSecret, type Store } from 'grantry'
import { isOfConsole, type ServerClient } from '../client-record.ts'
import { StartError } from '../errors.ts'

/** The client that the console is at this server. */
export const consoleClientId = 'grantry-console'

/** Where the console gets its answers. */
export const callbackOf = (url: string): string => `${url}/callback`

/** Saves the client of the console, as all nodes have to know it. Throws a `StartError` where an operator has made one of its id. */
export const saveConsoleClient = async (
  store: Pick<Store, 'findClient' | 'putClient'>,
  url: string,
  secret: string,
): Promise<void> => {
  const record: ServerClient = {
    ...{ id: consoleClientId, name: 'Console', source: 'console', firstParty: true },
    ...{ redirectUris: [callbackOf(url)], grantTypes: ['authorization_code'], scopes: ['openid'], defaultScopes: [] },
    secrets: [hashClientSecret(secret)],
  }
  const found = await store.findClient(consoleClientId)
  if (found !== undefined && !isOfConsole(found))
    throw new StartError(`There is a client "${consoleClientId}", which is the name of the console. Delete it first.`)
  if (JSON.stringify(found) !== JSON.stringify(record)) await store.putClient(record)
}
