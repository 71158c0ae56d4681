import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { Grant } from '../core/grant.ts'
import type { ResponseType } from '../core/response-type.ts'
import type { ServerDescription } from '../endpoints/metadata.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import type { EndpointPaths } from './options.ts'

/** Describes a server for its metadata document: what is there, and nothing else. */
export const describeServer = (
  issuer: string,
  paths: Partial<EndpointPaths>,
  parts: {
    readonly scopes?: readonly string[] | undefined
    readonly grants: ReadonlyMap<string, Grant>
    readonly responseTypes: ReadonlyMap<string, ResponseType>
    readonly clientAuthentication: readonly ClientAuthenticationMethod[]
    readonly bearer: Pick<BearerToken, 'dpopAlgorithms'>
    readonly hasSignedResponses: boolean
  },
): ServerDescription => {
  const base = issuer.replace(/\/$/, '')
  const endpoints: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, base + path]),
  )
  const types = [...parts.responseTypes]
  const modes = types.some(([, type]) => type.defaultMode === 'query')
    ? ['query', 'fragment', 'form_post']
    : ['fragment', 'form_post']
  const signed = parts.hasSignedResponses ? ['jwt', ...modes.map((mode) => `${mode}.jwt`)] : []
  const implicit = parts.responseTypes.has('token') ? ['implicit'] : []
  return {
    issuer,
    endpoints,
    scopes: parts.scopes,
    responseTypes: types.map(([name]) => name),
    responseModes: types.length === 0 ? [] : [...modes, ...signed],
    grantTypes: [...parts.grants.keys(), ...implicit],
    ofGrants: Object.assign({}, ...[...parts.grants.values()].map((grant) => grant.metadata)) as object,
    clientAuthenticationMethods: parts.clientAuthentication.map((method) => method.name),
    assertionAlgorithms: [...new Set(parts.clientAuthentication.flatMap((method) => method.signingAlgorithms ?? []))],
    codeChallengeMethods: parts.responseTypes.has('code') ? ['S256'] : [],
    dpopAlgorithms: parts.bearer.dpopAlgorithms,
  }
}
