import { clientKeysProblem } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { Client } from '../core/records.ts'
import { redirectUriProblem } from '../core/redirect-uri.ts'
import { randomString } from '../util/random.ts'
import { generateClientSecret } from './client-secret.ts'
import type { ClientStore } from './store.ts'

/** A client to register. Without an id it gets a random one. */
export type ClientRegistration = Omit<Client, 'id' | 'secrets'> & { readonly id?: string | undefined }

/** A registered client; the secret is shown here and never again. Public clients and those with keys have none. */
export interface RegisteredClient {
  readonly client: Client
  readonly secret: string | undefined
}

const withoutSecret = ['none', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']

const needsSecret = ({ authMethods }: Client): boolean =>
  authMethods?.some((method) => !withoutSecret.includes(method)) ?? true

/**
 * Saves a new client, with a generated secret unless it authenticates without one. Throws a `ConfigurationError` that names the redirect URI
 * to which nothing may be sent, what is wrong with its keys, or the id that is taken.
 */
export const registerClient = async (
  store: ClientStore,
  registration: ClientRegistration,
): Promise<RegisteredClient> => {
  const { id = randomString(22), redirectUris = [] } = registration
  for (const uri of redirectUris) {
    const problem = redirectUriProblem(uri)
    if (problem !== undefined) throw new ConfigurationError(`redirectUris: "${uri}" ${problem}.`)
  }
  const keysProblem = clientKeysProblem(registration)
  if (keysProblem !== undefined) throw new ConfigurationError(keysProblem)
  const draft = { ...registration, id }
  const generated = needsSecret(draft) ? generateClientSecret() : undefined
  const client = generated === undefined ? draft : { ...draft, secrets: [generated.stored] }
  if (!(await store.createClient(client))) throw new ConfigurationError(`id: there is a client "${id}" already.`)
  return { client, secret: generated?.secret }
}
