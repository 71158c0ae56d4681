import type { Client } from '../core/records.ts'
import type { RegistrationSecrets } from '../core/registration.ts'
import { writeMetadata } from './members.ts'

/**
 * What a client is told of its registration (RFC 7591 §3.2.1, RFC 7592 §3): all of it, defaults included. The secret is told when it is
 * made and never again; `registrationAccessToken` is the one that works from now on.
 */
export const clientInformation = (
  client: Client,
  { clientSecret, registrationAccessToken }: RegistrationSecrets,
  registrationUri: string,
): Readonly<Record<string, unknown>> => {
  const { id, registration, secrets = [] } = client
  const hasSecret = clientSecret !== undefined || secrets.length > 0
  return {
    client_id: id,
    client_secret: clientSecret,
    client_secret_expires_at: hasSecret ? (registration?.expiresAt ?? 0) : undefined,
    client_id_issued_at: registration?.registeredAt,
    registration_access_token: registrationAccessToken,
    registration_client_uri: `${registrationUri}/${encodeURIComponent(id)}`,
    ...writeMetadata(client),
    software_statement: registration?.softwareStatement,
  }
}

const withSecret = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']

/** Whether a client authenticates by a secret. */
export const usesSecret = ({ authMethods = [] }: Pick<Client, 'authMethods'>): boolean =>
  authMethods.some((method) => withSecret.includes(method))
