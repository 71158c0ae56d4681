import type { Client } from '../core/records.ts'
import type { KeyStore, SigningKeyRow } from '../core/signing-key.ts'
import { text, toClient, toSigningKey } from './postgres-rows.ts'
import type { RunStatement } from './postgres-runner.ts'
import type { ClientStore } from './store.ts'

/** Text of PostgreSQL cannot hold U+0000, so no client has it in its id. */
const isPossibleId = (id: string): boolean => !id.includes('\0')

/** Under which name the table of leases says which key of an algorithm was made last: it is never taken as a lease. */
const turnOf = ({ algorithm }: SigningKeyRow): string => `signing_key ${algorithm}`

/** Clients and signing keys in PostgreSQL. */
export class PostgresClients implements ClientStore, KeyStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async findClient(id: string): Promise<Client | undefined> {
    const [row] = isPossibleId(id) ? await this.#run('findClient', id) : []
    return row && toClient(id, row)
  }

  async putClient(client: Client): Promise<void> {
    await this.#run('putClient', client.id, JSON.stringify(client))
  }

  async createClient(client: Client): Promise<boolean> {
    return (await this.#run('createClient', client.id, JSON.stringify(client))).length === 1
  }

  async replaceClient(previous: Client, next: Client): Promise<boolean> {
    const change = [JSON.stringify(previous), JSON.stringify(next)]
    return (await this.#run('replaceClient', previous.id, ...change)).length === 1
  }

  async deleteClient(id: string): Promise<boolean> {
    return isPossibleId(id) && (await this.#run('deleteClient', id)).length === 1
  }

  async listClients(after: string, limit: number): Promise<readonly Client[]> {
    return (await this.#run('listClients', after, limit)).map((row) => toClient(text(row['id']), row))
  }

  async findSigningKeys(): Promise<readonly SigningKeyRow[]> {
    return (await this.#run('findSigningKeys')).map(toSigningKey)
  }

  async putSigningKey(key: SigningKeyRow): Promise<void> {
    await this.#run('putSigningKey', key.keyId, key.algorithm, key.privateKey, key.createdAt)
  }

  /**
   * Two statements: what is newest cannot be compared in one, which would not see a key that is being saved. The first reads it with the
   * turn of the algorithm, the second saves the key if it is still the same turn, and begins the next one.
   */
  async createSigningKey(key: SigningKeyRow, newest: string | undefined): Promise<boolean> {
    const [found] = await this.#run('findNewestKey', key.algorithm, turnOf(key))
    if (found === undefined || (found['newest'] ?? undefined) !== newest) return false
    const columns = [key.keyId, key.algorithm, key.privateKey, key.createdAt]
    return (await this.#run('createSigningKey', ...columns, turnOf(key), found['turn'])).length === 1
  }

  async deleteSigningKey(keyId: string): Promise<boolean> {
    return isPossibleId(keyId) && (await this.#run('deleteSigningKey', keyId)).length === 1
  }
}
