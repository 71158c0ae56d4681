import type { Client } from '../core/records.ts'
import { byAge, newestKey, type KeyStore, type SigningKeyRow } from '../core/signing-key.ts'
import type { ClientStore } from './store.ts'

const byId = (left: Client, right: Client): number => (left.id < right.id ? -1 : 1)

/** Clients and signing keys in memory. */
export class MemoryClients implements ClientStore, KeyStore {
  readonly #clients = new Map<string, Client>()
  readonly #keys = new Map<string, SigningKeyRow>()

  findClient(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  putClient(client: Client): void {
    this.#clients.set(client.id, client)
  }

  createClient(client: Client): boolean {
    if (this.#clients.has(client.id)) return false
    this.#clients.set(client.id, client)
    return true
  }

  replaceClient(previous: Client, next: Client): boolean {
    const stored = this.#clients.get(previous.id)
    if (stored === undefined || JSON.stringify(stored) !== JSON.stringify(previous)) return false
    this.#clients.set(previous.id, next)
    return true
  }

  deleteClient(id: string): boolean {
    return this.#clients.delete(id)
  }

  listClients(after: string, limit: number): readonly Client[] {
    const later = [...this.#clients.values()].filter(({ id }) => id > after)
    return later.sort(byId).slice(0, limit)
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return [...this.#keys.values()].sort(byAge)
  }

  createSigningKey(key: SigningKeyRow, newest: string | undefined): boolean {
    if (newestKey([...this.#keys.values()], key.algorithm)?.keyId !== newest || this.#keys.has(key.keyId)) return false
    this.#keys.set(key.keyId, key)
    return true
  }

  deleteSigningKey(keyId: string): boolean {
    return this.#keys.delete(keyId)
  }

  putSigningKey(key: SigningKeyRow): void {
    this.#keys.set(key.keyId, key)
  }
}
