import {
  detailsAsClaim,
  detailsClaim,
  detailsOf,
  type AuthorizationDetail,
  type AuthorizationDetailOptions,
  type AuthorizationDetailType,
} from './authorization-details.ts'
import type { JsonValue } from './claims.ts'
import { ConfigurationError, OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from './grant.ts'
import type { Reason } from './reasons.ts'
import type { Client } from './records.ts'
import { areWithin } from './within-details.ts'

/** Authorization details are malformed, of no type that the client may ask for, or more than what was granted (RFC 9396 §5). */
export class InvalidAuthorizationDetailsError extends OAuthError {
  override readonly name = 'InvalidAuthorizationDetailsError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    const description = 'The authorization_details cannot be granted.'
    super({ code: 'invalid_authorization_details', status: 400, description }, reason, options)
  }
}

/** Most objects in one request, and how deep they may go. */
const [mostDetails, mostLevels] = [50, 16]

const malformed = (problem: string, detail?: string): InvalidAuthorizationDetailsError =>
  new InvalidAuthorizationDetailsError('authorization_details_malformed', {
    description: `The authorization_details ${problem}.`,
    detail,
  })

const tooMuch = (): InvalidAuthorizationDetailsError =>
  new InvalidAuthorizationDetailsError('authorization_details_exceeded', {
    description: 'The authorization_details are more than what was granted.',
  })

const isShallow = (value: unknown, levels = mostLevels): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)))

const parse = (text: string): readonly unknown[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('are no JSON')
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > mostDetails)
    throw malformed(`must be an array of 1 to ${mostDetails} objects`)
  if (!isShallow(value)) throw malformed(`go deeper than ${mostLevels} levels`)
  return value as readonly unknown[] // Array.isArray widens to any
}

/** The first member that a value has and another lacks, by its path; undefined where there is none. */
const lackingMember = (value: unknown, other: unknown, path: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  if (typeof other !== 'object' || other === null) return path
  const found = new Map(Object.entries(other))
  for (const [name, each] of Object.entries(value)) {
    const below = `${path}.${name}`
    const lacking = found.has(name) ? lackingMember(each, found.get(name), below) : below
    if (lacking !== undefined) return lacking
  }
  return undefined
}

/** Judges authorization details (RFC 9396). */
export class DetailRules {
  /** The types, by name. */
  readonly types: ReadonlyMap<string, AuthorizationDetailType>
  readonly #options: AuthorizationDetailOptions

  /** Throws a `ConfigurationError` for options without a type, or with one that has no schema. */
  constructor(options: AuthorizationDetailOptions) {
    this.types = new Map(Object.entries(options.types))
    this.#options = options
    if (this.types.size === 0) throw new ConfigurationError('authorizationDetails.types names no type.')
    for (const [name, { schema }] of this.types as ReadonlyMap<string, Partial<AuthorizationDetailType>>)
      // JavaScript callers
      if (typeof schema?.['~standard']?.validate !== 'function')
        throw new ConfigurationError(`authorizationDetails.types.${name} needs a schema (Standard Schema 1).`)
  }

  /** What a client asks for: of types that it is registered for, and as their schemas have it. None where it asks for none. */
  async read(
    { parameters }: Pick<GrantRequest, 'parameters'>,
    client: Client,
  ): Promise<readonly AuthorizationDetail[]> {
    const text = parameters.get(detailsClaim)
    if (text === undefined) return []
    const details: AuthorizationDetail[] = []
    for (const [index, value] of parse(text).entries()) details.push(await this.#check(value, `[${index}]`, client))
    return details
  }

  async #check(value: unknown, path: string, client: Client): Promise<AuthorizationDetail> {
    const name = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
    if (typeof name !== 'string') throw malformed(`have an object without a type: ${path}`)
    const type = client.authorizationDetailsTypes?.includes(name) === true ? this.types.get(name) : undefined
    if (type === undefined)
      throw new InvalidAuthorizationDetailsError('authorization_details_type_not_allowed', {
        description: `The type of authorization_details${path} is unknown, or not allowed.`,
        detail: name,
      })
    const result = await type.schema['~standard'].validate(value)
    if (result.issues !== undefined)
      throw malformed(`do not fit their type: ${path}`, result.issues.map(({ message }) => message).join('; '))
    const unknown = lackingMember(value, result.value, path)
    if (unknown !== undefined) throw malformed(`have a field that is unknown: ${unknown}`)
    return result.value as AuthorizationDetail // it has the members of what was sent, `type` among them
  }

  /** Refuses details that are more than what was asked for or granted before. */
  requireWithin(parts: readonly AuthorizationDetail[], wholes: readonly AuthorizationDetail[]): void {
    if (!areWithin(parts, wholes, this.#options.types)) throw tooMuch()
  }

  /** What a grant gives, with the details of the access token. What is asked for is read before the grant consumes anything. */
  async authorize(grant: Pick<Grant, 'authorize'>, request: GrantRequest): Promise<GrantOutcome> {
    const asked = await this.read(request, request.client)
    const outcome = await grant.authorize(Object.assign(request, { authorizationDetails: asked })) // it is that of the endpoint, which fills it in
    const details = await this.#ofToken(asked, outcome, request)
    return {
      ...outcome,
      claims: { ...outcome.claims, ...detailsAsClaim(details) },
      grantedDetails: detailsOf(outcome.claims),
    }
  }

  /**
   * The details of an access token: what was asked for now, within what was granted; else what was granted. Those that name `locations` go to
   * none of the other resources (RFC 9396 §9.1).
   */
  async #ofToken(
    asked: readonly AuthorizationDetail[],
    { claims, user, resources = [] }: GrantOutcome,
    request: GrantRequest,
  ): Promise<readonly AuthorizationDetail[]> {
    if (asked.length === 0) return locatedDetails(detailsOf(claims), resources)
    if (user === undefined) return locatedDetails(await this.#decide(asked, request), resources)
    this.requireWithin(asked, detailsOf(claims))
    return locatedDetails(asked, resources)
  }

  async #decide(asked: readonly AuthorizationDetail[], request: GrantRequest): Promise<readonly AuthorizationDetail[]> {
    const granted = (await this.#options.decide?.(asked, request.client, request)) ?? false
    if (granted === false) throw tooMuch()
    this.requireWithin(granted, asked)
    return granted
  }
}

/** The details that are for one of the resources of a token; all where it is for none in particular. */
export const locatedDetails = (
  details: readonly AuthorizationDetail[],
  resources: readonly string[],
): readonly AuthorizationDetail[] =>
  resources.length === 0 ? details : details.filter(({ locations }) => isLocated(locations, resources))

const isLocated = (locations: JsonValue | undefined, resources: readonly string[]): boolean =>
  !Array.isArray(locations) || locations.some((location) => resources.includes(location as string)) // includes compares with whatever it is
