import type { ClientMember } from '../client-settings.ts'

/**
 * Why an operation is refused. `not_found`: there is no such thing. `taken`: a name or an id that another one has. `changed`: someone else
 * changed it meanwhile. `invalid`: a value that cannot be. `fixed`: it is not changed this way, or never.
 */
export type RefusalCode = 'not_found' | 'taken' | 'changed' | 'invalid' | 'fixed'

/** A value that cannot be, with the member that has it. */
export interface MemberProblem {
  readonly member: string
  /** Begins with `must` or `needs`, or quotes the value. */
  readonly problem: string
}

/** An operation that is not done. The message says why, and what to do instead; it holds no secret. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal'
  readonly code: RefusalCode
  /** What is wrong with which member, where that is why. */
  readonly problems: readonly MemberProblem[]
  /** What there is not. */
  readonly missing: Missing | undefined

  constructor(code: RefusalCode, message: string, { problems = [], missing }: RefusalDetails = {}) {
    super(message)
    this.code = code
    this.problems = problems
    this.missing = missing
  }
}

/** Something that was named and is not there. */
export interface Missing {
  readonly what: 'client' | 'user' | 'grant' | 'signing key' | 'session'
  readonly id: string
}

interface RefusalDetails {
  readonly problems?: readonly MemberProblem[]
  readonly missing?: Missing
}

/** There is no such thing. */
export const notFound = (what: Missing['what'], id: string): AdminRefusal =>
  new AdminRefusal('not_found', `There is no ${what} "${id}".`, { missing: { what, id } })

/** A value that cannot be. */
export const invalid = (member: ClientMember | (string & {}), problem: string): AdminRefusal =>
  new AdminRefusal('invalid', `${member} ${problem}.`, { problems: [{ member, problem }] })

/** Someone else was faster. */
export const changedMeanwhile = (what: string): AdminRefusal =>
  new AdminRefusal('changed', `${what} was changed at the same time. Look at it again, and then change it.`)
