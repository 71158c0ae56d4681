import type { Client } from '../core/records.ts'
import type { KeyStore, SigningKeyRow } from '../core/signing-key.ts'
import { toClient, toSigningKey } from './sqlite-rows.ts'
import type { SqliteRealm } from './sqlite-realm.ts'
import type { ClientStore } from './store.ts'

/** Clients and signing keys in SQLite. */
export class SqliteClients implements ClientStore, KeyStore {
  readonly #file: SqliteRealm

  constructor(file: SqliteRealm) {
    this.#file = file
  }

  findClient(id: string): Client | undefined {
    const row = this.#file.statements.findClient.get(this.#file.realm, id)
    return row && toClient(row)
  }

  putClient(client: Client): Promise<void> {
    return this.#file.writes.run(() => void this.#file.statements.putClient.run(this.#valuesOf(client)))
  }

  createClient(client: Client): Promise<boolean> {
    return this.#file.writes.run(() => this.#file.statements.createClient.run(this.#valuesOf(client)).changes > 0)
  }

  replaceClient(previous: Client, next: Client): Promise<boolean> {
    const change = { previous: JSON.stringify(previous), next: JSON.stringify(next) }
    const client = { realm: this.#file.realm, id: previous.id }
    return this.#file.writes.run(() => this.#file.statements.replaceClient.run({ ...client, ...change }).changes > 0)
  }

  deleteClient(id: string): Promise<boolean> {
    return this.#file.writes.run(
      () => this.#file.statements.deleteClient.run({ realm: this.#file.realm, id }).changes > 0,
    )
  }

  listClients(after: string, limit: number): readonly Client[] {
    return this.#file.statements.listClients.all({ realm: this.#file.realm, after, limit }).map(toClient)
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return this.#file.statements.findSigningKeys.all({ realm: this.#file.realm }).map(toSigningKey)
  }

  putSigningKey(key: SigningKeyRow): Promise<void> {
    return this.#file.writes.run(() => void this.#file.statements.putSigningKey.run(this.#columnsOf(key)))
  }

  createSigningKey(key: SigningKeyRow, newest: string | undefined): Promise<boolean> {
    const change = { ...this.#columnsOf(key), newest: newest ?? null }
    return this.#file.writes.run(() => this.#file.statements.createSigningKey.run(change).changes > 0)
  }

  deleteSigningKey(keyId: string): Promise<boolean> {
    const key = { realm: this.#file.realm, key_id: keyId }
    return this.#file.writes.run(() => this.#file.statements.deleteSigningKey.run(key).changes > 0)
  }

  #columnsOf({ keyId, algorithm, privateKey, createdAt }: SigningKeyRow) {
    return { realm: this.#file.realm, key_id: keyId, algorithm, private_key: privateKey, created_at: createdAt }
  }

  #valuesOf(client: Client) {
    return { realm: this.#file.realm, id: client.id, record: JSON.stringify(client) }
  }
}
