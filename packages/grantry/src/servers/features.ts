import type { AnswerContext } from '../core/answer.ts'
import type { EventListener } from '../core/events.ts'
import type { AuthorizationChecks } from '../core/check-authorization.ts'
import { DetailRules } from '../core/detail-rules.ts'
import { ResourceScopes } from '../core/resource-policies.ts'
import type { PublicJwk } from '../core/signer.ts'
import { systemClock } from '../util/clock.ts'
import { authorizationRequests, type AuthorizationRequests } from './authorization-requests.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import { keyFetcher } from './client-authentication.ts'
import { withHeldClients } from './hold-profile.ts'
import type { ServerOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { signedIntrospection, type SigningAlgorithms } from './signed-introspection.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { TokenEndpointContext } from '../endpoints/token.ts'
import type { IntrospectionEndpointContext } from '../endpoints/introspection.ts'

const noListener: EventListener = () => undefined

/** What options of a server turn on, beside its endpoints. */
export interface Features {
  readonly context: AuthorizationRequests['context'] &
    Pick<IntrospectionEndpointContext, 'signAnswer'> &
    Pick<AnswerContext, 'now' | 'events'> &
    Pick<AuthorizationChecks, 'profile' | 'details' | 'resourceScopes' | 'severalResources'> &
    Pick<TokenEndpointContext, 'authorizeGrant'>
  /** The same validator, whose clients are as a profile lets them be. */
  readonly holdClients: <Validator extends ClientValidator>(validator: Validator) => Validator
  /** What can be signed for clients, by what names of metadata begin with. */
  readonly signingAlgorithms: SigningAlgorithms
  /** Whether there are keys to publish. */
  readonly hasKeys: boolean
  readonly publicKeys: () => Promise<readonly PublicJwk[]>
  /** Members of the metadata document. */
  readonly metadata: () => Promise<Readonly<Record<string, unknown>>>
}

/** What becomes of a grant on its way to the access token; undefined where that gets all of it. */
const narrowing = (
  details: DetailRules | undefined,
  scopes: ResourceScopes | undefined,
): TokenEndpointContext['authorizeGrant'] => {
  if (scopes === undefined) return details && ((grant, request) => details.authorize(grant, request))
  if (details === undefined) return (grant, request) => scopes.authorize(grant, request)
  return (grant, request) => details.authorize({ authorize: (inner) => scopes.authorize(grant, inner) }, request)
}

const algorithmsOf = (jwts: Parts['jwts'], requests: AuthorizationRequests): SigningAlgorithms => {
  const [ofTokens, ofAnswers] = [jwts, requests.jwts].map((each) => each && (() => each.keys.algorithms()))
  return { ...(ofTokens && { id_token: ofTokens, userinfo: ofTokens }), ...(ofAnswers && { authorization: ofAnswers }) }
}

/** Reads the options of all of them. Throws a `ConfigurationError` where one cannot work. */
export const features = (
  validator: object,
  options: ServerOptions,
  parts: Pick<Parts, 'jwts' | 'openid'> & { readonly outbound: OutboundClient },
): Features => {
  const requests = authorizationRequests(validator, options, parts)
  const introspection = signedIntrospection(options.signedIntrospection, {
    own: parts.jwts ?? requests.jwts,
    issuer: options.issuer,
    fetchKeys: keyFetcher(options, parts.outbound),
    now: options.now ?? systemClock,
  })
  const details = options.authorizationDetails && new DetailRules(options.authorizationDetails)
  const resourceScopes =
    options.resourcePolicies && new ResourceScopes(options.resourcePolicies, options.resources ?? [])
  const signingAlgorithms = { ...algorithmsOf(parts.jwts, requests), ...introspection?.signingAlgorithms }
  return {
    context: {
      ...requests.context,
      ...{ profile: options.profile, details, resourceScopes, severalResources: options.severalResources },
      authorizeGrant: narrowing(details, resourceScopes),
      signAnswer: introspection?.sign,
      now: options.now ?? systemClock,
      events: options.events ?? noListener,
    },
    signingAlgorithms,
    holdClients: (held) => withHeldClients(held, options.profile, signingAlgorithms),
    hasKeys: requests.hasKeys || introspection?.publicKeys !== undefined,
    publicKeys: async () => [...(await requests.publicKeys()), ...((await introspection?.publicKeys?.()) ?? [])],
    metadata: async () => ({
      ...(await requests.metadata()),
      ...(await introspection?.metadata()),
      ...(options.clientIdMetadataDocuments && { client_id_metadata_document_supported: true }),
      ...(details && { authorization_details_types_supported: [...details.types.keys()] }),
    }),
  }
}
