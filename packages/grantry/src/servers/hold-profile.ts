import { ConfigurationError } from '../core/errors.ts'
import {
  fapiAlgorithms,
  fapiAuthentication,
  fapiProfiles,
  heldClient,
  isSigning,
  type FapiProfile,
} from '../core/fapi.ts'
import type { Grant } from '../core/grant.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import type { ResponseType } from '../core/response-type.ts'
import type { DpopProofOptions } from '../tokens/dpop-options.ts'
import { withClients } from './client-documents.ts'
import type { ServerOptions } from './options.ts'
import type { SigningAlgorithms } from './signed-introspection.ts'

/** What breaks a profile: the option that does, whether it does, and what mends it. */
type Rule = readonly [option: string, isBroken: (options: ServerOptions) => boolean, mend: string]

const isOff = (option: object | boolean | undefined): boolean => option === undefined || option === false

const algorithmsOf = ({ dpop }: ServerOptions): readonly string[] => (typeof dpop === 'object' && dpop.algorithms) || []

const rules: readonly Rule[] = [
  ['issuer', ({ issuer }) => issuer === undefined, 'Give the server its issuer.'],
  [
    'dpop',
    ({ dpop, mutualTls }) => isOff(dpop) && isOff(mutualTls),
    'Turn on dpop or mutualTls: tokens are bound to their senders.',
  ],
  [
    'dpop.algorithms',
    (options) => algorithmsOf(options).some((algorithm) => !fapiAlgorithms.includes(algorithm)),
    `Leave it out, or take of ${fapiAlgorithms.join(', ')}.`,
  ],
  [
    'pushedRequests.isRequired',
    ({ pushedRequests }) => pushedRequests?.isRequired === false,
    'Leave it out: requests are pushed.',
  ],
  [
    'pushedRequests.expiresIn',
    ({ pushedRequests }) => (pushedRequests?.expiresIn ?? 0) >= 600,
    'Make it less than 600 seconds.',
  ],
  [
    'requestObjects.byReference',
    ({ requestObjects }) => requestObjects?.byReference === true,
    'Leave it out: clients push what they sign.',
  ],
  ['codeExpiresIn', ({ codeExpiresIn = 0 }) => codeExpiresIn > 60, 'Make it 60 seconds at most.'],
  ['allowMissingPkce', ({ allowMissingPkce }) => allowMissingPkce === true, 'Leave it out: every client uses PKCE.'],
  [
    'refreshTokenRotation',
    ({ refreshTokenRotation = 'never' }) => refreshTokenRotation !== 'never',
    'Leave it out: refresh tokens are not rotated.',
  ],
  [
    'legacyQueryToken',
    ({ legacyQueryToken }) => legacyQueryToken === true,
    'Leave it out: tokens are sent in the header.',
  ],
  [
    'clientAuthentication',
    ({ clientAuthentication = [] }) => clientAuthentication.some(({ name }) => !fapiAuthentication.includes(name)),
    `Leave out methods beside ${fapiAuthentication.join(', ')}.`,
  ],
  [
    'responseTypes',
    ({ responseTypes = {} }) => Object.keys(responseTypes).some((type) => type !== 'code'),
    'Leave out all but code.',
  ],
]

const heldDpop = ({ dpop }: ServerOptions): DpopProofOptions | false | undefined => {
  if (dpop === undefined || dpop === false) return dpop
  return { algorithms: fapiAlgorithms, ...(dpop === true ? {} : dpop) }
}

/**
 * The options as a profile has them, with what it needs and they leave out. Throws a `ConfigurationError` that names what breaks it and the mend. Without a
 * profile they stay as they are.
 */
export const holdProfile = <Options extends ServerOptions>(options: Options): Options => {
  const { profile } = options
  if (profile === undefined) return options
  if (!fapiProfiles.includes(profile))
    throw new ConfigurationError(`profile is ${fapiProfiles.join(' or ')}, not "${profile}".`)
  const broken = rules.filter(([, isBroken]) => isBroken(options))
  if (broken.length > 0)
    throw new ConfigurationError(
      `profile ${profile}: ${broken.map(([option, , mend]) => `${option}: ${mend}`).join(' ')}`,
    )
  return {
    ...options,
    dpop: heldDpop(options),
    pushedRequests: { ...options.pushedRequests, isRequired: true },
    refreshTokenRotation: 'never',
    ...(isSigning(profile) && {
      requestObjects: { ...options.requestObjects, isRequired: true },
      signedResponses: options.signedResponses ?? {},
      signedIntrospection: options.signedIntrospection ?? {},
    }),
  }
}

/** What of a server a profile keeps, by name; all of it without one. */
export const heldNames = <Value>(
  all: Readonly<Record<string, Value>>,
  profile: FapiProfile | undefined,
  names: readonly string[],
): Readonly<Record<string, Value>> =>
  profile === undefined ? all : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))

/** The response types of a server and of its options, as far as a profile keeps them. */
export const responseTypesOf = (
  own: Readonly<Record<string, ResponseType>>,
  { responseTypes, profile }: ServerOptions,
): ReadonlyMap<string, ResponseType> =>
  new Map(Object.entries(heldNames({ ...own, ...responseTypes }, profile, ['code'])))

/** The grants of a server and of its options. Throws a `ConfigurationError` for one that a profile forbids. */
export const grantsOf = (
  own: Readonly<Record<string, Grant>>,
  { grants, profile }: ServerOptions,
): ReadonlyMap<string, Grant> => {
  const all = new Map(Object.entries({ ...own, ...grants }))
  if (profile === undefined || !all.has('password')) return all
  throw new ConfigurationError(`profile ${profile}: choose a server without the password grant, such as Server.`)
}

/** The same validator, whose clients are as a profile lets them be. */
export const withHeldClients = <Validator extends ClientValidator>(
  validator: Validator,
  profile: FapiProfile | undefined,
  algorithms: SigningAlgorithms,
): Validator => {
  if (profile === undefined) return validator
  return withClients(validator, async (clientId, request) => {
    const client = await validator.validateClientId(clientId, request)
    if (typeof client !== 'object') return client
    return heldClient(client, profile, {
      tokens: (await algorithms['id_token']?.()) ?? [],
      answers: (await algorithms['authorization']?.()) ?? [],
      introspection: (await algorithms['introspection']?.()) ?? [],
    })
  })
}

/** What the metadata of a server adds, with the algorithms that a profile leaves, and with Message Signing the modes of signed answers alone. */
export const heldMetadata = (
  more: Readonly<Record<string, unknown>>,
  profile: FapiProfile | undefined,
): Readonly<Record<string, unknown>> => {
  if (profile === undefined) return more
  const held = Object.entries(more).map(([name, value]): [string, unknown] =>
    Array.isArray(value) && name.endsWith('_signing_alg_values_supported')
      ? [name, value.filter((algorithm: unknown) => fapiAlgorithms.includes(String(algorithm)))]
      : [name, value],
  )
  const modes = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']
  return { ...Object.fromEntries(held), ...(isSigning(profile) && { response_modes_supported: modes }) }
}
