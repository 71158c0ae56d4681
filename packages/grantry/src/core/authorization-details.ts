import type { Awaitable } from './awaitable.ts'
import type { Claims, JsonValue } from './claims.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client } from './records.ts'
import type { StandardSchema } from './standard-schema.ts'

/** One thing that a client asks for, or was granted: an object of a type that the server knows (RFC 9396 §2). */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: JsonValue
}

/** What is known of one type of authorization details. */
export interface AuthorizationDetailType {
  /**
   * Says what an object of the type may be, `type` included (Standard Schema 1). What it leaves out of an object is a field that the type does
   * not have, so a schema that passes unknown fields on lets them in. What it gives back is what is asked for; it must be JSON.
   */
  readonly schema: StandardSchema
  /** What it means, for the page where the user decides: plain text, for a language such as `de`. Default: its members. */
  readonly describe?: ((detail: AuthorizationDetail, language: string) => string) | undefined
  /**
   * Whether `part` is `whole` or less of it. Default: lists of texts may be shorter, and all else is the same. Whoever gets this wrong gives a
   * client more than a user granted.
   */
  readonly isWithin?: ((part: AuthorizationDetail, whole: AuthorizationDetail) => boolean) | undefined
}

/** Which authorization details clients may ask for (RFC 9396). */
export interface AuthorizationDetailOptions {
  /** The types, by name. */
  readonly types: Readonly<Record<string, AuthorizationDetailType>>
  /**
   * What a client that acts for itself may have of what it asks for at the token endpoint; the same, less of it, or `false`. Default: `false`,
   * as no user decides there.
   */
  readonly decide?:
    | ((
        asked: readonly AuthorizationDetail[],
        client: Client,
        request: OAuthRequest,
      ) => Awaitable<readonly AuthorizationDetail[] | false>)
    | undefined
}

/** The claim that granted details are kept in, from the code to the tokens (RFC 9396 §9.1). */
export const detailsClaim = 'authorization_details'

const isDetail = (value: JsonValue): value is AuthorizationDetail =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** The granted details among claims; none where there are none. */
export const detailsOf = (claims: Claims = {}): readonly AuthorizationDetail[] => {
  const details = claims[detailsClaim]
  return Array.isArray(details) ? (details as readonly JsonValue[]).filter(isDetail) : [] // Array.isArray widens to any
}

/** Details as a claim; undefined, and so left out, for none. */
export const detailsAsClaim = (details: readonly AuthorizationDetail[]): Claims => ({
  [detailsClaim]: details.length === 0 ? undefined : details,
})

/** What details mean, each in one text, for the page where the user decides. Escape them: a client chose what is in them. */
export const describeDetails = (
  details: readonly AuthorizationDetail[],
  types: AuthorizationDetailOptions['types'],
  language = 'en',
): readonly string[] => details.map((detail) => types[detail.type]?.describe?.(detail, language) ?? listMembers(detail))

const listMembers = ({ type, ...members }: AuthorizationDetail): string => {
  const texts = Object.entries(members).map(([name, value]) => `${name}: ${textOf(value)}`)
  return texts.length === 0 ? type : `${type} (${texts.join('; ')})`
}

const textOf = (value: JsonValue): string => {
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? value.join(', ')
    : JSON.stringify(value)
}
