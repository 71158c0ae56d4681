import {
  clientIdUrlProblem,
  type Client,
  type ClientDocumentOptions,
  type ClientDraft,
  type HttpRequest,
  type OpenIdServer,
  type OutboundOptions,
  type RegistrationOptions,
  type Store,
} from 'grantry'
import { addressBlock } from './accounts/address-block.ts'
import { unavailable } from './accounts/guarded-accounts.ts'
import { standardScopes } from './registration-settings.ts'
import type { Settings } from './settings.ts'

/** All that there are: the certification of dynamic providers asks for `id_token token` (OpenID Connect Core §15.2). */
const allResponseTypes = [
  ...['code', 'id_token', 'code id_token', 'id_token token', 'code token', 'code id_token token', 'none'],
]

/** Whom a request is from; the listener tells it of every request. */
const addressOf = (request: HttpRequest): string =>
  'address' in request && typeof request.address === 'string' ? addressBlock(request.address) : 'unknown'

/** Scopes for clients that no operator made. */
export const offeredScopes = ({ registrationScopes }: Pick<Settings, 'registrationScopes'>): readonly string[] => [
  ...new Set([...standardScopes, ...registrationScopes]),
]

/** Clients of MCP register for what they need first, and are sent back for more by another tool: what they may have is for their users to say. */
const withAllScopes = (
  draft: ClientDraft,
  { registrationScopes }: Pick<Settings, 'registrationScopes'>,
): ClientDraft => ({ ...draft, scopes: [...new Set([...(draft.scopes ?? []), ...registrationScopes])] })

/** How clients register themselves; undefined where they do not. They are given what is listed here, and nothing else. */
export const selfRegistration = ({
  registration,
  registrationLimit,
  registrationTotal,
  registrationUnusedDays,
  profile,
  ...settings
}: Settings): RegistrationOptions | undefined =>
  registration === 'off'
    ? undefined
    : {
        allowOpen: registration === 'open',
        scopes: offeredScopes(settings),
        responseTypes: profile === 'openid' ? allResponseTypes : undefined,
        subjectTypes: ['public', 'pairwise'],
        policy: profile === 'mcp' ? (draft) => withAllScopes(draft, settings) : undefined,
        rateLimit: { most: registrationLimit, windowSeconds: 3600 },
        totalLimit: { most: registrationTotal, windowSeconds: registrationUnusedDays * 86_400 },
        limitBy: addressOf,
      }

/** Whether the metadata document of a client would be taken, for all that is known before it is fetched. */
export const takesDocumentOf = (
  { clientDocuments, clientDocumentHosts: hosts }: Pick<Settings, 'clientDocuments' | 'clientDocumentHosts'>,
  clientId: string,
): boolean =>
  clientDocuments &&
  clientIdUrlProblem(clientId) === undefined &&
  (hosts.length === 0 || hosts.includes(new URL(clientId).host))

/** How clients are known by their documents; undefined where they are not. A record of the same id blocks the document, disabled or not. */
export const clientDocumentsOf = (
  settings: Settings,
  store: Pick<Store, 'findClient'>,
): ClientDocumentOptions | undefined =>
  settings.clientDocuments
    ? {
        scopes: offeredScopes(settings),
        defaultScopes: settings.defaultScopes,
        subjectTypes: ['public', 'pairwise'],
        isClientAllowed: async (clientId) =>
          takesDocumentOf(settings, clientId) &&
          (await Promise.resolve(store.findClient(clientId)).catch(unavailable)) === undefined,
      }
    : undefined

/** How servers of others are asked: soon enough that the database, which has two seconds for a request, can still be asked after it. */
export const outboundOf = ({ allowPrivateHosts, observe }: Settings): OutboundOptions => ({
  ...{ allowPrivateHosts, timeoutMs: 1500 },
  onDone: ({ host, ms, problem }) => observe({ kind: 'outbound', name: host, ms, problem }),
})

/** Finds clients that have no record, for pages: by their documents, or by their ids alone where these cannot be read now. */
export const documentFinder =
  ({ clientDocuments: documents }: Pick<OpenIdServer, 'clientDocuments'>, settings: Settings) =>
  async (id: string): Promise<Client | undefined> => {
    if (documents === undefined || !takesDocumentOf(settings, id)) return undefined
    return documents.find(id, { endpoint: 'metadata', now: settings.now() }).catch(() => ({ id }))
  }
