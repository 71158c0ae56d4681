import type { HttpResponse } from '../core/http.ts'
import { publicJson } from '../core/http.ts'

/** What the server offers; the metadata promises this and nothing else. */
export interface ServerDescription {
  readonly issuer: string
  /** Absolute URLs of the endpoints that are there. */
  readonly endpoints: {
    readonly authorization?: string | undefined
    readonly token?: string | undefined
    readonly introspection?: string | undefined
    readonly revocation?: string | undefined
    readonly jwks?: string | undefined
    readonly deviceAuthorization?: string | undefined
    readonly pushedAuthorization?: string | undefined
    readonly registration?: string | undefined
  }
  readonly scopes: readonly string[] | undefined
  readonly responseTypes: readonly string[]
  readonly responseModes: readonly string[]
  readonly grantTypes: readonly string[]
  /** Members that grants add. */
  readonly ofGrants: object
  readonly clientAuthenticationMethods: readonly string[]
  /** The `alg`s of client assertions, of all methods together. */
  readonly assertionAlgorithms: readonly string[]
  readonly codeChallengeMethods: readonly string[]
  /** The `alg`s of DPoP proofs; undefined where none are taken. */
  readonly dpopAlgorithms: readonly string[] | undefined
  /** Certificates of clients, and where they are asked for; undefined where they are not looked at. */
  readonly mutualTls?: { readonly origin?: string | undefined } | undefined
}

const present = <Value>(list: readonly Value[] | undefined): readonly Value[] | undefined =>
  list !== undefined && list.length > 0 ? list : undefined

/** Endpoints that clients call themselves, so that they can show certificates there. */
const calledByClients =
  /^(?:token|revocation|introspection|device_authorization|backchannel_authentication|userinfo|pushed_authorization_request)_endpoint$/

const describeMutualTls = (
  { mutualTls }: ServerDescription,
  document: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  if (mutualTls === undefined) return {}
  const { origin } = mutualTls
  const called = Object.entries(document).filter(([name, url]) => calledByClients.test(name) && typeof url === 'string')
  const aliases = called.map(([name, url]) => [name, `${origin ?? ''}${new URL(String(url)).pathname}`] as const)
  return {
    tls_client_certificate_bound_access_tokens: true,
    ...(origin !== undefined && { mtls_endpoint_aliases: Object.fromEntries(aliases) }),
  }
}

/** The metadata document (RFC 8414 §2), with what a profile adds. Members without a value are left out (§3.2). */
export const metadata = (server: ServerDescription, more: Readonly<Record<string, unknown>> = {}): HttpResponse => {
  const { endpoints, clientAuthenticationMethods: methods } = server
  const algorithms = present(server.assertionAlgorithms)
  const document = {
    issuer: server.issuer,
    authorization_endpoint: endpoints.authorization,
    pushed_authorization_request_endpoint: endpoints.pushedAuthorization,
    token_endpoint: endpoints.token,
    jwks_uri: endpoints.jwks,
    registration_endpoint: endpoints.registration,
    scopes_supported: present(server.scopes),
    response_types_supported: server.responseTypes,
    response_modes_supported: present(server.responseModes),
    grant_types_supported: server.grantTypes,
    token_endpoint_auth_methods_supported: endpoints.token && methods,
    token_endpoint_auth_signing_alg_values_supported: endpoints.token && algorithms,
    device_authorization_endpoint: endpoints.deviceAuthorization,
    revocation_endpoint: endpoints.revocation,
    revocation_endpoint_auth_methods_supported: endpoints.revocation && methods,
    revocation_endpoint_auth_signing_alg_values_supported: endpoints.revocation && algorithms,
    introspection_endpoint: endpoints.introspection,
    introspection_endpoint_auth_methods_supported:
      endpoints.introspection && methods.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: endpoints.introspection && algorithms,
    code_challenge_methods_supported: present(server.codeChallengeMethods),
    dpop_signing_alg_values_supported: server.dpopAlgorithms,
    authorization_response_iss_parameter_supported: endpoints.authorization === undefined ? undefined : true,
    ...server.ofGrants,
    ...more,
  }
  return publicJson({ ...document, ...describeMutualTls(server, document) }, 300)
}
