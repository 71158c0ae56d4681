import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import { ClientDocuments } from '../registration/client-documents.ts'
import { offerOf, type RegistrationParts } from './dynamic-registration.ts'
import type { ServerOptions } from './options.ts'

/**
 * How clients are known whose id is the URL of a document that describes them (draft-ietf-oauth-client-id-metadata-document-01). Documents are
 * fetched as the option `outbound` says. A client that the validator knows is as that says, whatever its id.
 */
export interface ClientDocumentOptions {
  /** Scopes that such clients may have, and do have where their document names none. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** Scopes granted when none are asked for, of those that the client may have. Default: none, so such a request is refused. */
  readonly defaultScopes?: readonly string[] | undefined
  /** Grants that they may use, of those that they list. Default: those of users, which are code, refresh token and device code. */
  readonly grantTypes?: readonly string[] | undefined
  /** How they may see users. Default: `public`; add `pairwise` where the server has a `pairwiseSalt`. */
  readonly subjectTypes?: readonly string[] | undefined
  /**
   * Whether a client may be known by its document: asked in every request, before anything is fetched, so what you block is blocked at once.
   * Default: all may.
   */
  readonly isClientAllowed?: ((clientId: string) => Awaitable<boolean>) | undefined
}

const names: Readonly<Record<keyof ClientDocumentOptions, true>> = {
  scopes: true,
  defaultScopes: true,
  grantTypes: true,
  subjectTypes: true,
  isClientAllowed: true,
}

const requireOptions = (options: ClientDocumentOptions): void => {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(names, name))
  if (unknown.length > 0)
    throw new ConfigurationError(
      `clientIdMetadataDocuments: unknown option ${unknown.join(', ')}. Known are ${Object.keys(names).join(', ')}.`,
    )
  const other = options.defaultScopes?.find((scope) => options.scopes?.includes(scope) !== true)
  if (other !== undefined)
    throw new ConfigurationError(`clientIdMetadataDocuments.defaultScopes: ${other} is not among the scopes.`)
}

/** Reads the option; undefined without it. Throws a `ConfigurationError` where it cannot work. */
export const clientDocuments = (
  { clientIdMetadataDocuments: options }: ServerOptions,
  parts: RegistrationParts,
): ClientDocuments | undefined => {
  if (options === undefined) return undefined
  requireOptions(options)
  const { issuer, outbound, signingAlgorithms } = parts
  if (issuer === undefined)
    throw new ConfigurationError('clientIdMetadataDocuments needs the option issuer: its metadata tells clients.')
  const { isClientAllowed = () => true, defaultScopes, ...offered } = options
  return new ClientDocuments({
    offer: offerOf(parts, { ...offered, responseTypes: ['code'].filter((type) => parts.responseTypes.has(type)) }),
    ...{ issuer, outbound, signingAlgorithms, isClientAllowed, defaultScopes },
    ...{ statementIssuers: new Map(), requiresStatement: false, policy: undefined },
  })
}

/** The same validator, which also knows the clients of documents: those alone that it does not know itself. */
export const withClientDocuments = <Validator extends ClientValidator>(
  validator: Validator,
  { clientIdMetadataDocuments }: Pick<ServerOptions, 'clientIdMetadataDocuments'>,
  documents: () => ClientDocuments | undefined,
): Validator => {
  if (clientIdMetadataDocuments === undefined) return validator
  return withClients(
    validator,
    async (clientId, request) =>
      (await validator.validateClientId(clientId, request)) ?? documents()?.find(clientId, request),
  )
}

/** The same validator, which finds clients in another way. */
export const withClients = <Validator extends ClientValidator>(
  validator: Validator,
  validateClientId: (clientId: string, request: OAuthRequest) => Promise<Client | true | undefined>,
): Validator =>
  new Proxy(validator, {
    get(target, name) {
      if (name === 'validateClientId') return validateClientId
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value // a class may have private members
    },
  })
