import { ConfigurationError, endClient, generateClientSecret, registerClient, type Client } from 'grantry'
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { clientPages } from '../client-pages.ts'
import {
  clientIdProblem,
  disabledAtOf,
  isOfConsole,
  isOfFile,
  settingsOf,
  toRecord,
  type ServerClient,
} from '../client-record.ts'
import { clientSettingsSchema, type ClientMember, type ClientSettings, kindOf } from '../client-settings.ts'
import { limitOf, pageOf, type ActorParts, type Page, type PageQuery } from './parts.ts'
import { AdminRefusal, changedMeanwhile, invalid, notFound } from './refusal.ts'

/** A client as operators see it. Times are in seconds. */
export interface ClientView {
  readonly id: string
  readonly settings: ClientSettings
  /** Who made it: an operator, the configuration file, or itself. */
  readonly origin: 'operator' | 'file' | 'registration' | 'console'
  /** How many of its secrets work; none can be read. */
  readonly secrets: number
  readonly disabledAt: number | undefined
  readonly registeredAt: number | undefined
  /** To about a day, of one that registered itself. */
  readonly lastUsedAt: number | undefined
  /** Differs where the settings do. */
  readonly version: string
}

/** What to change of a client: members that are `null` are forgotten, those that are not there stay. */
export type ClientChange = { readonly [Member in ClientMember]?: ClientSettings[Member] | null }

/** A client with the secret that was just made, which nobody can look up again; undefined for one that has none. */
export interface ClientWithSecret {
  readonly client: ClientView
  readonly secret: string | undefined
}

/** Most clients that are looked at for one page of a search. */
const mostScanned = 10_000

const originOf = (client: Client): ClientView['origin'] => {
  if (isOfFile(client)) return 'file'
  if (isOfConsole(client)) return 'console'
  return client.registration === undefined ? 'operator' : 'registration'
}

const toView = (client: Client): ClientView => {
  const settings = settingsOf(client)
  return {
    id: client.id,
    settings,
    origin: originOf(client),
    secrets: client.secrets?.length ?? 0,
    disabledAt: disabledAtOf(client),
    registeredAt: client.registration?.registeredAt,
    lastUsedAt: client.registration?.lastUsedAt,
    version: createHash('sha256').update(JSON.stringify(settings)).digest('base64url').slice(0, 22),
  }
}

const problemOf = ({ path, message }: z.core.$ZodIssue) => ({ member: path.map(String).join('.'), problem: message })

/** Throws a refusal that names every member that is wrong. */
const requireValid = (settings: unknown): ClientSettings => {
  const { data, error } = clientSettingsSchema.safeParse(settings)
  if (data !== undefined) return data
  const problems = error.issues.map(problemOf)
  const text = problems.map(({ member, problem }) => `${member} ${problem}.`).join('\n')
  throw new AdminRefusal('invalid', text, { problems })
}

const requireId = (id: string | undefined): void => {
  const problem = id === undefined ? undefined : clientIdProblem(id)
  if (problem !== undefined) throw invalid('id', problem)
}

const merge = (settings: ClientSettings, change: ClientChange): object => {
  const all: readonly [string, unknown][] = Object.entries({ ...settings, ...change })
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined))
}

/** As it is read back: without what is undefined. */
const plain = (client: ServerClient): ServerClient => JSON.parse(JSON.stringify(client)) as ServerClient

/** A client that has no secret would need one to begin with, and one that has one would keep it. */
const fixedKind = (): AdminRefusal => {
  const problem = { member: 'public', problem: 'cannot be changed, nor whether it has a certificateName' }
  return new AdminRefusal('fixed', 'Whether a client is public cannot be changed. Make another client.', {
    problems: [problem],
  })
}

const isConsole = (id: string): AdminRefusal => new AdminRefusal('fixed', `The client "${id}" is the console itself.`)

/** The secrets of a client, the newest first. */
const secretsOf = ({ id, secrets: [newest, ...older] = [] }: Client): readonly [string, ...string[]] => {
  if (newest !== undefined) return [newest, ...older]
  throw new AdminRefusal('fixed', `The client "${id}" has no secret: it does not authenticate by one.`)
}

const matches = (client: Client, search: string): boolean =>
  [client.id, client.name ?? ''].some((text) => text.toLowerCase().includes(search))

/** What operators do with clients. */
export class ClientAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** Clients in the order of their ids; with `search`, those that have it in their id or name. */
  async list(query: PageQuery & { readonly search?: string | undefined } = {}): Promise<Page<ClientView>> {
    const { cursor = '', search = '' } = query
    const limit = limitOf(query)
    if (search === '') {
      const found = await this.#parts.data.store.listClients(cursor, limit + 1)
      return pageOf(found.map(toView), limit, ({ id }) => id)
    }
    return this.#search(search.toLowerCase(), cursor, limit)
  }

  /** One client. */
  async show(id: string): Promise<ClientView> {
    return toView(await this.#find(id))
  }

  /** Makes a client. */
  async create({ id, ...settings }: ClientSettings & { readonly id?: string | undefined }): Promise<ClientWithSecret> {
    requireId(id)
    const record = toRecord(requireValid(settings))
    const { client, secret } = await registerClient(this.#parts.data.store, {
      ...plain({ ...record, id: '' }),
      id,
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof ConfigurationError)) throw thrown
      throw new AdminRefusal('taken', `There is a client "${id ?? ''}" already. Choose another id.`)
    })
    this.#log('client.created', client.id)
    return { client: toView(client), secret }
  }

  /** Changes a client; with a version, only where it still is of that. */
  async update(id: string, change: ClientChange, version?: string): Promise<ClientView> {
    const next = await this.#change(await this.#findOwn(id), (client) => {
      const view = toView(client)
      if (version !== undefined && version !== view.version) throw changedMeanwhile(`The client "${id}"`)
      const settings = requireValid(merge(view.settings, change))
      if (kindOf(settings) !== kindOf(view.settings)) throw fixedKind()
      return { ...client, ...toRecord(settings), authMethods: client.authMethods }
    })
    this.#log('client.changed', id, { members: Object.keys(change) })
    return toView(next)
  }

  /** Gives a client a new secret; the old ones end at once, but for the newest of them where it is kept. */
  async rotateSecret(id: string, { keepOld }: { readonly keepOld: boolean }): Promise<ClientWithSecret> {
    const { secret, stored } = generateClientSecret()
    const next = await this.#change(await this.#findOwn(id), (client) => {
      const [newest] = secretsOf(client)
      return { ...client, secrets: keepOld ? [stored, newest] : [stored] }
    })
    const client = toView(next)
    this.#log('client.secret_rotated', id, { liveSecrets: client.secrets })
    return { client, secret }
  }

  /** Ends the secrets of a client before its newest one, and says how many they were. */
  async dropOldSecrets(id: string): Promise<number> {
    let dropped = 0
    await this.#change(await this.#findOwn(id), (client) => {
      const [newest, ...older] = secretsOf(client)
      dropped = older.length
      return dropped === 0 ? undefined : { ...client, secrets: [newest] }
    })
    if (dropped > 0) this.#log('client.secret_dropped', id)
    return dropped
  }

  /** Disables a client, or enables it again: while it is disabled it is refused, and its tokens are good for nothing. */
  async setDisabled(id: string, isDisabled: boolean): Promise<ClientView> {
    const before = await this.#find(id)
    if (isOfConsole(before)) throw isConsole(id)
    const next = await this.#change(before, (client) => {
      if ((disabledAtOf(client) !== undefined) === isDisabled) return undefined
      return { ...client, disabledAt: isDisabled ? this.#parts.now() : undefined }
    })
    if (next !== before) this.#log(isDisabled ? 'client.disabled' : 'client.enabled', id)
    return toView(next)
  }

  /** Deletes a client with all that users let it have. */
  async delete(id: string): Promise<ClientView> {
    const { data, now } = this.#parts
    const client = await this.#findOwn(id)
    await endClient(data.store, id, now())
    await data.consents.forgetClient(id)
    this.#log('client.deleted', id)
    return toView(client)
  }

  async #search(search: string, cursor: string, limit: number): Promise<Page<ClientView>> {
    const found: Client[] = []
    let scanned = 0
    for await (const clients of clientPages(this.#parts.data.store, cursor)) {
      found.push(...clients.filter((client) => matches(client, search)))
      scanned += clients.length
      const last = clients.at(-1)
      if (found.length > limit) break
      if (scanned >= mostScanned && last !== undefined) return { items: found.map(toView), next: last.id }
    }
    return pageOf(found.map(toView), limit, ({ id }) => id)
  }

  async #find(id: string): Promise<Client> {
    return (await this.#parts.data.store.findClient(id)) ?? Promise.reject(notFound('client', id))
  }

  /** One that is changed here. */
  async #findOwn(id: string): Promise<Client> {
    const client = await this.#find(id)
    if (isOfConsole(client)) throw isConsole(id)
    if (!isOfFile(client)) return client
    throw new AdminRefusal('fixed', `The client "${id}" is of the configuration file: change it there.`)
  }

  /** Changes a client from how it was read, again where someone else was faster; `undefined` leaves it. */
  async #change(read: Client, change: (client: Client) => ServerClient | undefined): Promise<Client> {
    const { store } = this.#parts.data
    let client = read
    for (let tries = 0; tries < 10; tries++) {
      const changed = change(client)
      if (changed === undefined) return client
      const next = plain(changed)
      if (await store.replaceClient(client, next)) return next
      client = await this.#find(read.id)
    }
    throw changedMeanwhile(`The client "${read.id}"`)
  }

  #log(type: string, clientId: string, more: object = {}): void {
    const { log, actor } = this.#parts
    log({ type, actor, clientId, ...more })
  }
}
