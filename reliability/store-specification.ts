/** What is done to one family, one ticket, one marker or one lease. */
export type Operation =
  | { readonly kind: 'consume' | 'save' | 'revoke' | 'take ticket' }
  /** `sealed` tells the rotations apart. */
  | { readonly kind: 'rotate'; readonly sealed: string }
  | { readonly kind: 'decide ticket'; readonly to: 'approved' | 'denied' }
  /** Seconds since the start of the history; a marker is kept, and a lease wanted, for `seconds`. */
  | { readonly kind: 'see'; readonly at: number; readonly seconds: number }
  | { readonly kind: 'lease'; readonly owner: string; readonly at: number; readonly seconds: number }

/** A family with one code and one refresh token, as the `Store` contract has it. */
interface FamilyState {
  readonly isUsed: boolean
  readonly isSaved: boolean
  readonly isRevoked: boolean
  readonly sealed: string | undefined
  readonly replays: number
}

/** A store with one of each thing. */
export interface StoreState {
  readonly family: FamilyState
  /** Belongs to the family. */
  readonly ticket: { readonly state: 'pending' | 'approved' | 'denied'; readonly isUsed: boolean }
  readonly seenUntil: number
  readonly lease: { readonly owner: string; readonly until: number } | undefined
}

/** What an operation gives and leaves behind. */
type Step = [result: string, next: StoreState]

/** How often a rotated token may be presented again in these histories; then it is reuse. */
export const maxReplays = 2

/** The state before the first operation; `isSaved` where there are tokens already. */
export const initialState = (isSaved: boolean): StoreState => ({
  family: { isUsed: false, isSaved, isRevoked: false, sealed: undefined, replays: 0 },
  ticket: { state: 'pending', isUsed: false },
  seenUntil: 0,
  lease: undefined,
})

const withFamily = (state: StoreState, change: Partial<FamilyState>): StoreState => ({
  ...state,
  family: { ...state.family, ...change },
})

const rotate = (state: StoreState, sealed: string): Step => {
  const { family } = state
  if (family.isRevoked) return ['unknown', state]
  if (family.sealed === undefined) return ['rotated', withFamily(state, { isSaved: true, sealed })]
  if (family.replays >= maxReplays) return ['reused', withFamily(state, { isRevoked: true })]
  return [`replayed:${family.sealed}`, withFamily(state, { isSaved: true, replays: family.replays + 1 })]
}

const decideTicket = (state: StoreState, to: 'approved' | 'denied'): Step => {
  const { ticket } = state
  if (ticket.state !== 'pending' || ticket.isUsed) return ['too late', state]
  return [to, { ...state, ticket: { ...ticket, state: to } }]
}

/** Only an approved ticket gives anything. */
const takeTicket = (state: StoreState): Step => {
  const { ticket } = state
  if (ticket.state !== 'approved') return ['undefined', state]
  if (ticket.isUsed) return ['reused', withFamily(state, { isRevoked: true })]
  return ['taken', { ...state, ticket: { ...ticket, isUsed: true } }]
}

const lease = (state: StoreState, { owner, at, seconds }: Extract<Operation, { kind: 'lease' }>): Step => {
  const { lease: held } = state
  if (held !== undefined && held.until > at && held.owner !== owner) return ['held', state]
  return ['mine', { ...state, lease: { owner, until: at + seconds } }]
}

/** What an operation gives and leaves behind when it is alone: the sequential specification. */
export const apply = (state: StoreState, operation: Operation): Step => {
  const { family } = state
  switch (operation.kind) {
    case 'consume':
      if (!family.isUsed) return ['consumed', withFamily(state, { isUsed: true })]
      return ['reused', withFamily(state, { isRevoked: family.isRevoked || family.isSaved })]
    case 'save':
      return family.isRevoked ? ['refused', state] : ['saved', withFamily(state, { isSaved: true })]
    case 'revoke':
      return ['revoked', withFamily(state, { isRevoked: true })]
    case 'rotate':
      return rotate(state, operation.sealed)
    case 'decide ticket':
      return decideTicket(state, operation.to)
    case 'take ticket':
      return takeTicket(state)
    case 'see':
      if (state.seenUntil > operation.at) return ['seen', state]
      return ['new', { ...state, seenUntil: operation.at + operation.seconds }]
    case 'lease':
      return lease(state, operation)
  }
}
