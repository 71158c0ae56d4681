/** What is measured, and the share of the hand-written floor's speed that the toolkit is to reach (docs/decisions, performance goals). */
export const operations = [
  { name: 'client_credentials, opaque', goal: 0.7 },
  { name: 'client_credentials, RS256', goal: 0.9 },
  { name: 'client_credentials, ES256', goal: 0.9 },
  { name: 'authorization_code + PKCE, opaque', goal: 0.7 },
  { name: 'refresh with rotation, opaque', goal: 0.7 },
  { name: 'verify bearer, opaque', goal: 0.7 },
  { name: 'verify bearer, RS256', goal: 0.9 },
  { name: 'verify bearer, ES256', goal: 0.9 },
  { name: 'introspection, opaque', goal: 0.7 },
] as const

/** The name of an operation. */
export type OperationName = (typeof operations)[number]['name']

/** Does the operation once, with the `index`-th of the inputs that were prepared; gives the status of the answer. */
export type Call = (index: number) => Promise<number | undefined>

/** Makes everything that one timed stretch of `count` calls needs, stores included, so that no round finds what another left. */
export type Prepare = (count: number) => Promise<Call>

/** One implementation of the operations. */
export interface Contender {
  readonly name: string
  readonly operations: Partial<Readonly<Record<OperationName, Prepare>>>
}
