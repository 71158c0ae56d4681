import type { AuthorizationDetail, AuthorizationDetailOptions } from './authorization-details.ts'
import type { JsonValue } from './claims.ts'

type Members = Readonly<Record<string, JsonValue>>

const isMembers = (value: JsonValue | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')

/** Whether two values of JSON are the same, whatever the order of members. */
export const isSameJson = (left: JsonValue | undefined, right: JsonValue | undefined): boolean => {
  if (Array.isArray(left) && Array.isArray(right))
    return (
      left.length === right.length &&
      left.every((each: JsonValue, index) => isSameJson(each, right[index] as JsonValue))
    ) // as long as the other
  if (!isMembers(left) || !isMembers(right)) return left === right
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSameJson(left[name], right[name]))
  )
}

/** A list of texts, such as `actions`, may be shorter but not empty: none could mean all. A member that is missing could mean anything. */
const isWithinMember = (part: JsonValue | undefined, whole: JsonValue | undefined): boolean =>
  isTexts(part) && isTexts(whole) ? part.every((each) => whole.includes(each)) : isSameJson(part, whole)

const isWithinDetail = (part: AuthorizationDetail, whole: AuthorizationDetail): boolean => {
  const names = new Set([...Object.keys(part), ...Object.keys(whole)])
  return [...names].every((name) => isWithinMember(part[name], whole[name]))
}

/**
 * Whether each of `parts` is within one of `wholes` of its type, and no two within the same one: what was granted once is not had twice (RFC
 * 9396 §6.1).
 */
export const areWithin = (
  parts: readonly AuthorizationDetail[],
  wholes: readonly AuthorizationDetail[],
  types: AuthorizationDetailOptions['types'],
): boolean => {
  const fits = (part: AuthorizationDetail, whole: AuthorizationDetail): boolean =>
    part.type === whole.type && (types[part.type]?.isWithin ?? isWithinDetail)(part, whole)
  const takenBy = new Map<AuthorizationDetail, AuthorizationDetail>()
  const place = (part: AuthorizationDetail, tried: Set<AuthorizationDetail>): boolean =>
    wholes.some((whole) => {
      if (tried.has(whole) || !fits(part, whole)) return false
      tried.add(whole)
      const other = takenBy.get(whole)
      if (other !== undefined && !place(other, tried)) return false // the other one may have a second place
      takenBy.set(whole, part)
      return true
    })
  return parts.every((part) => place(part, new Set()))
}
