import type { Client } from '../core/records.ts'
import type { GroupCommit } from './sqlite-group-commit.ts'
import { toClient, toSigningKey } from './sqlite-rows.ts'
import type { Statements } from './sqlite-statements.ts'
import type { SigningKeyRow } from './store-rows.ts'
import type { ClientStore, KeyStore } from './store.ts'

/** Clients and signing keys in SQLite. */
export class SqliteClients implements ClientStore, KeyStore {
  readonly #statements: Statements
  readonly #writes: GroupCommit
  readonly #realm: string

  constructor(statements: Statements, writes: GroupCommit, realm: string) {
    this.#statements = statements
    this.#writes = writes
    this.#realm = realm
  }

  findClient(id: string): Client | undefined {
    const row = this.#statements.findClient.get(this.#realm, id)
    return row && toClient(row)
  }

  putClient(client: Client): Promise<void> {
    return this.#writes.run(() => void this.#statements.putClient.run(this.#valuesOf(client)))
  }

  createClient(client: Client): Promise<boolean> {
    return this.#writes.run(() => this.#statements.createClient.run(this.#valuesOf(client)).changes > 0)
  }

  replaceClient(previous: Client, next: Client): Promise<boolean> {
    const change = { previous: JSON.stringify(previous), next: JSON.stringify(next) }
    const client = { realm: this.#realm, id: previous.id }
    return this.#writes.run(() => this.#statements.replaceClient.run({ ...client, ...change }).changes > 0)
  }

  deleteClient(id: string): Promise<boolean> {
    return this.#writes.run(() => this.#statements.deleteClient.run({ realm: this.#realm, id }).changes > 0)
  }

  listClients(after: string, limit: number): readonly Client[] {
    return this.#statements.listClients.all({ realm: this.#realm, after, limit }).map(toClient)
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return this.#statements.findSigningKeys.all({ realm: this.#realm }).map(toSigningKey)
  }

  putSigningKey({ keyId, algorithm, privateKey, createdAt }: SigningKeyRow): Promise<void> {
    const key = { key_id: keyId, algorithm, private_key: privateKey, created_at: createdAt }
    return this.#writes.run(() => void this.#statements.putSigningKey.run({ realm: this.#realm, ...key }))
  }

  #valuesOf(client: Client) {
    return { realm: this.#realm, id: client.id, record: JSON.stringify(client) }
  }
}
