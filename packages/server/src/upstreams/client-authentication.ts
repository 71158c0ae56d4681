import { readFileSync } from 'node:fs'
import type { Clock, KeyRing } from 'grantry'
import { privateKeyJwt } from 'grantry/resource'
import * as client from 'openid-client'
import { StartError } from '../errors.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** What this server signs with, as a client of others: the keys of its JWKS, which change by themselves. */
export interface AssertionKeys {
  readonly keys: Pick<KeyRing, 'signer'>
  readonly now: Clock
}

const secretOf = ({ id, clientSecret, clientSecretFile: path }: UpstreamSettings): string => {
  if (path === undefined) return clientSecret ?? ''
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new StartError(`upstreams: "${id}": the file "${path}" cannot be read.`, 2, cause)
  }
}

const known = ['RS256', 'ES256']

/** Signs by the first of our algorithms that the provider takes, for its issuer alone (RFC 7523 §3). */
const byKey =
  ({ keys, now }: AssertionKeys): client.ClientAuth =>
  async ({ issuer, token_endpoint_auth_signing_alg_values_supported: taken }, { client_id: id }, body) => {
    const algorithm = known.find((each) => taken?.includes(each) ?? true)
    const signer = algorithm === undefined ? undefined : await keys.signer(algorithm)
    if (signer === undefined) throw new Error(`The provider takes signatures by none of ${known.join(', ')}.`)
    body.set('client_id', id)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await privateKeyJwt(signer)(id, issuer, now()))
  }

/** How this server shows a provider that it is its client (OpenID Connect Core §9). Throws a `StartError` for a secret that cannot be read. */
export const clientAuthentication = (settings: UpstreamSettings, keys: AssertionKeys): client.ClientAuth => {
  const { authMethod = 'client_secret_post' } = settings
  if (authMethod === 'private_key_jwt') return byKey(keys)
  const secret = secretOf(settings)
  return authMethod === 'client_secret_basic' ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret)
}
