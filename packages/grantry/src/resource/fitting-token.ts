import type { FindToken } from '../tokens/verify-request.ts'
import type { SchemaResult, StandardSchema } from '../core/standard-schema.ts'
import type { VerifiedToken } from './verified-token.ts'

/** A token with what a schema made of its claims. */
export interface FittingToken<TokenClaims> extends VerifiedToken {
  readonly fitting: TokenClaims
}

const problemOf = (issues: NonNullable<SchemaResult<unknown>['issues']>): string =>
  issues.map(({ message, path = [] }) => `${path.map(pathSegment).join('.')}: ${message}`).join('; ')

const pathSegment = (segment: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof segment === 'object' ? segment.key : segment)

/** The same search, for tokens whose claims fit a schema; without one, all do. */
export const findFitting =
  <TokenClaims>(
    find: FindToken<VerifiedToken>,
    schema: StandardSchema<TokenClaims> | undefined,
  ): FindToken<FittingToken<TokenClaims>> =>
  async (text, request) => {
    const found = await find(text, request)
    if (found === undefined || !('claims' in found)) return found
    if (schema === undefined) return { ...found, fitting: found.claims as TokenClaims } // without a schema, they are Claims
    const result = await schema['~standard'].validate(found.claims)
    if (result.issues === undefined) return { ...found, fitting: result.value }
    return { reason: 'token_claims_unfit', detail: problemOf(result.issues) }
  }
