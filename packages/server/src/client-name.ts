import type { Client } from 'grantry'

/** A client with the name that users are shown. */
export interface NamedClient extends Client {
  readonly name?: string | undefined
}

/** The name of a client, where it was given one. */
export const clientName = (client: Client): string | undefined =>
  'name' in client && typeof client.name === 'string' ? client.name : undefined
