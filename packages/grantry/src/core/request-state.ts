/**
 * A typed bag for values of your own during one request. Declare its members by interface merging:
 * `declare module 'grantry' { interface RequestState { tenant?: string } }`.
 */
export interface RequestState {
  [member: string]: unknown
}
