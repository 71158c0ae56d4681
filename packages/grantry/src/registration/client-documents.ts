import { clientIdUrlProblem } from '../core/client-id-url.ts'
import {
  FatalClientError,
  InvalidClientError,
  OAuthError,
  TemporarilyUnavailableError,
  type OAuthErrorOptions,
} from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Reason } from '../core/reasons.ts'
import type { Client } from '../core/records.ts'
import { lifetimeOf } from '../outbound/outbound-client.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import { readClientDocument } from './client-document.ts'
import { HostLimit } from './host-limit.ts'
import type { RegistrationRules } from './prepare-client.ts'

/** By what documents are judged. */
export interface ClientDocumentRules extends RegistrationRules {
  /** Whether the document of this client may be fetched and used, asked in every request. */
  readonly isClientAllowed: (clientId: string) => Awaitable<boolean>
  readonly defaultScopes: readonly string[] | undefined
}

/** Which request a client is looked for in. */
export type AskingRequest = Pick<OAuthRequest, 'endpoint' | 'now'>

interface Kept {
  readonly client: Client
  readonly expiresAt: number
}

/** What the draft recommends as the most (§6.6). */
const maxBytes = 5120
const accepts = ['application/json', 'application/*+json']
const mostKept = 500
const mostUnderWay = 32

/** What may be over in a moment, and what an address inside must not be told from: clients keep what they have. */
const passing = ['network', 'timeout', 'busy', 'address']

const isPassing = ({ problem, status = 0 }: OutboundError): boolean =>
  passing.includes(problem) || status === 429 || status >= 500

/** To the user where there is no other way, and to the client where it asks by itself. */
const refuse = ({ endpoint }: AskingRequest, reason: Reason, options: OAuthErrorOptions): OAuthError =>
  endpoint === 'authorization' ? new FatalClientError(reason, options) : new InvalidClientError(reason, options)

/**
 * Clients whose ids are the URLs of their metadata documents. Documents are kept as long as they may be, 5 minutes to 24 hours, 500 at most;
 * what is no document is never kept. Those who want the same one at once share a request, and one host is asked 60 times a minute.
 */
export class ClientDocuments {
  readonly #rules: ClientDocumentRules
  readonly #kept = new Map<string, Kept>()
  readonly #underWay = new Map<string, Promise<Client>>()
  readonly #hosts = new HostLimit({ most: 60, windowSeconds: 60 })

  constructor(rules: ClientDocumentRules) {
    this.#rules = rules
  }

  /**
   * The client with this id; undefined for an id that is no URL. Throws an `OAuthError` where there is no document that can be used, and a
   * `TemporarilyUnavailableError` where there may be one in a moment, so that clients do not throw away what they have.
   */
  async find(clientId: string, request: AskingRequest): Promise<Client | undefined> {
    if (!/^https?:/i.test(clientId)) return undefined
    const problem = clientIdUrlProblem(clientId)
    const isHttps = clientId.startsWith('https:') || this.#rules.outbound.isPrivateHost(clientId)
    if (problem !== undefined || !isHttps)
      throw refuse(request, 'client_id_url_invalid', {
        description: `The client_id ${problem ?? 'is not an https URL'}.`,
        detail: clientId,
      })
    if (!(await this.#rules.isClientAllowed(clientId)))
      throw refuse(request, 'client_document_not_allowed', { detail: clientId })
    const kept = this.#kept.get(clientId)
    if (kept !== undefined && kept.expiresAt > request.now) return this.#keep(clientId, kept)
    try {
      return await this.#shared(clientId, request.now)
    } catch (thrown) {
      throw asRefusal(thrown, clientId, request)
    }
  }

  #shared(clientId: string, now: number): Promise<Client> {
    const shared = this.#underWay.get(clientId)
    if (shared !== undefined) return shared
    if (this.#underWay.size >= mostUnderWay)
      throw new OutboundError('busy', `${mostUnderWay} documents of clients are being fetched`)
    if (!this.#hosts.allows(new URL(clientId).host, now))
      throw new OutboundError('busy', 'its host was asked for documents too often')
    const fetching = this.#fetch(clientId, now).finally(() => this.#underWay.delete(clientId))
    this.#underWay.set(clientId, fetching)
    return fetching
  }

  async #fetch(clientId: string, now: number): Promise<Client> {
    this.#kept.delete(clientId)
    const answer = await this.#rules.outbound.send(clientId, { accepts, maxBytes })
    if (answer.status !== 200)
      throw new OutboundError('status', `the answer is ${answer.status}`, { status: answer.status })
    const { defaultScopes } = this.#rules
    const client = await readClientDocument(answer.text, clientId, this.#rules, now)
    const whole = { ...client, defaultScopes: defaultScopes?.filter((scope) => client.scopes?.includes(scope)) }
    return this.#keep(clientId, { client: whole, expiresAt: now + lifetimeOf(answer) })
  }

  /** Keeps at the end of the line, so that those which are in use stay, and drops what is at its beginning. */
  #keep(clientId: string, kept: Kept): Client {
    this.#kept.delete(clientId)
    this.#kept.set(clientId, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest)
    return kept.client
  }
}

const asRefusal = (thrown: unknown, clientId: string, request: AskingRequest): unknown => {
  if (thrown instanceof OutboundError) {
    const options = {
      description: 'The client metadata document cannot be fetched.',
      detail: `${clientId}: ${thrown.message}`,
      cause: thrown,
    }
    return isPassing(thrown)
      ? new TemporarilyUnavailableError('client_document_unavailable', options)
      : refuse(request, 'client_document_unusable', options)
  }
  if (!(thrown instanceof OAuthError) || thrown.status >= 500) return thrown
  const description = `The client metadata document cannot be used. ${thrown.description}`
  return refuse(request, 'client_document_invalid', { description, detail: clientId, cause: thrown })
}
