import type { Client } from '../core/records.ts'
import { text, toClient, toSigningKey } from './postgres-rows.ts'
import type { RunStatement } from './postgres-runner.ts'
import type { SigningKeyRow } from './store-rows.ts'
import type { ClientStore, KeyStore } from './store.ts'

/** Text of PostgreSQL cannot hold U+0000, so no client has it in its id. */
const isPossibleId = (id: string): boolean => !id.includes('\0')

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
}
