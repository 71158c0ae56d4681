import { isAdminScope } from './admin-scopes.ts'
import { StartError } from './errors.ts'

/** Whether clients may register themselves (RFC 7591): not at all, with an initial access token, or everyone. */
export type RegistrationMode = 'off' | 'token' | 'open'

/** How clients register themselves, and which servers of others are asked for them. */
export interface RegistrationSettings {
  /** Default: `off`. */
  readonly registration?: RegistrationMode | undefined
  /**
   * Knows clients by the documents that their ids are the URLs of (draft-ietf-oauth-client-id-metadata-document-01). Default: false, and with the
   * profile `mcp` true.
   */
  readonly clientDocuments?: boolean | undefined
  /** Hosts, with a port where they have one, whose documents are taken. Default: all. */
  readonly clientDocumentHosts?: readonly string[] | undefined
  /** Scopes that clients of these kinds get when they ask for none, of those that they may have. Default: none, and such a request is refused. */
  readonly defaultScopes?: readonly string[] | undefined
  /** Scopes that clients may register for, or have by their documents, beside those of OpenID Connect. Default: none. */
  readonly registrationScopes?: readonly string[] | undefined
  /** How many clients may register in an hour from one address, or with one initial access token. Default: 60. */
  readonly registrationLimit?: number | undefined
  /** How many may register without a token in `registrationUnusedDays`, all together. Default: 10000. */
  readonly registrationTotal?: number | undefined
  /** Days after which a client is deleted that registered itself and was never used. Default: 7. */
  readonly registrationUnusedDays?: number | undefined
  /**
   * Takes authorization requests as JWTs that clients signed, by value and from URIs that they registered (OpenID Connect Core §6). Default:
   * false.
   */
  readonly requestObjects?: boolean | undefined
  /**
   * Hosts, with a port or for all ports, that may be at any address and speak http where a client names a URL there. Who can register can make
   * the server ask them. Default: none; https to public addresses only.
   */
  readonly allowPrivateHosts?: readonly string[] | undefined
}

/** Scopes with a meaning of their own: every client may register for them. Those of operators' clients are theirs (RFC 8414 §2). */
export const standardScopes: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']

/** See `RegistrationSettings`. */
export const defaultUnusedDays = 7

const scopeSyntax = /^[\x21\x23-\x5b\x5d-\x7e]+$/ // RFC 6749 §3.3
const hostSyntax = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

/** Whether it is a host as URLs have it, so that it can be compared. */
const isHost = (text: string): boolean =>
  hostSyntax.test(text) && URL.canParse(`https://${text}`) && new URL(`https://${text}`).host === text

const requireNumber = (option: string, value: number, most: number): number => {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw new StartError(`${option} must be a whole number from 1 to ${most}, not "${value}".`, 2)
}

const requireMode = (mode: string): RegistrationMode => {
  if (mode === 'off' || mode === 'token' || mode === 'open') return mode
  throw new StartError(`--registration must be off, token or open, not "${mode}".`, 2)
}

const requireScopes = (scopes: readonly string[], isOff: boolean): readonly string[] => {
  const wrong = scopes.find((scope) => !scopeSyntax.test(scope) || isAdminScope(scope))
  if (wrong !== undefined && isAdminScope(wrong))
    throw new StartError(`--registration-scope must not be "${wrong}": no client registers itself for that.`, 2)
  if (wrong !== undefined) throw new StartError(`--registration-scope must be one scope each time, not "${wrong}".`, 2)
  if (scopes.length === 0 || !isOff) return scopes
  throw new StartError('--registration-scope needs --registration token or open, or --client-documents.', 2)
}

const requireDefaults = (scopes: readonly string[], others: readonly string[]): readonly string[] => {
  const known = [...standardScopes, ...others]
  const wrong = scopes.find((scope) => !known.includes(scope))
  if (wrong === undefined) return scopes
  throw new StartError(`--default-scope must be one of OpenID Connect or of --registration-scope, not "${wrong}".`, 2)
}

const requireHosts = (flag: string, hosts: readonly string[]): readonly string[] => {
  const wrong = hosts.find((host) => !isHost(host))
  if (wrong === undefined) return hosts
  const example = 'localhost:8080 or keys.corp.example'
  throw new StartError(`${flag} must be a host in small letters, such as ${example}, not "${wrong}".`, 2)
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveRegistration = (options: RegistrationSettings): Required<RegistrationSettings> => {
  const registration = requireMode(options.registration ?? 'off')
  const clientDocuments = options.clientDocuments ?? false
  const isOff = registration === 'off' && !clientDocuments
  const registrationScopes = requireScopes(options.registrationScopes ?? [], isOff)
  return {
    ...{ registration, clientDocuments, registrationScopes },
    clientDocumentHosts: requireHosts('--client-document-host', options.clientDocumentHosts ?? []),
    defaultScopes: requireDefaults(options.defaultScopes ?? [], registrationScopes),
    registrationTotal: requireNumber('--registration-total', options.registrationTotal ?? 10_000, 10_000_000),
    registrationLimit: requireNumber('--registration-limit', options.registrationLimit ?? 60, 10_000),
    registrationUnusedDays: requireNumber(
      '--registration-unused-days',
      options.registrationUnusedDays ?? defaultUnusedDays,
      3650,
    ),
    requestObjects: options.requestObjects ?? false,
    allowPrivateHosts: requireHosts('--allow-private-host', options.allowPrivateHosts ?? []),
  }
}
