/** What is done to one family; `sealed` tells the rotations apart. */
export type Operation =
  { readonly kind: 'consume' | 'save' | 'revoke' } | { readonly kind: 'rotate'; readonly sealed: string }

/** An operation that was done, with the order in which it began and ended among all of its history. */
export interface Done {
  readonly operation: Operation
  /** `consumed`, `saved`, `replayed:<sealed>` … : what the caller got. */
  readonly result: string
  readonly began: number
  readonly ended: number
}

/** A family with one code and one refresh token, as the `Store` contract has it. */
export interface FamilyState {
  readonly isUsed: boolean
  readonly isSaved: boolean
  readonly isRevoked: boolean
  readonly sealed: string | undefined
  readonly replays: number
}

/** How often a rotated token may be presented again in these histories; then it is reuse. */
export const maxReplays = 2

/** The state before the first operation; `isSaved` where there are tokens already. */
export const initialState = (isSaved: boolean): FamilyState => ({
  ...{ isUsed: false, isSaved, isRevoked: false, sealed: undefined, replays: 0 },
})

/** What an operation gives and leaves behind when it is alone: the sequential specification. */
export const apply = (state: FamilyState, operation: Operation): [result: string, next: FamilyState] => {
  switch (operation.kind) {
    case 'consume':
      if (!state.isUsed) return ['consumed', { ...state, isUsed: true }]
      return ['reused', { ...state, isRevoked: state.isRevoked || state.isSaved }]
    case 'save':
      return state.isRevoked ? ['refused', state] : ['saved', { ...state, isSaved: true }]
    case 'revoke':
      return ['revoked', { ...state, isRevoked: true }]
    case 'rotate':
      if (state.isRevoked) return ['unknown', state]
      if (state.sealed === undefined) return ['rotated', { ...state, isSaved: true, sealed: operation.sealed }]
      if (state.replays >= maxReplays) return ['reused', { ...state, isRevoked: true }]
      return [`replayed:${state.sealed}`, { ...state, isSaved: true, replays: state.replays + 1 }]
  }
}

/**
 * Whether the results can come from doing the operations one after the other, in an order in which none comes before one that had ended
 * when it began (Herlihy and Wing's linearizability). Tries all orders: for few operations only.
 */
export const isLinearizable = (history: readonly Done[], state: FamilyState): boolean => {
  if (history.length === 0) return true
  const firstEnd = Math.min(...history.map(({ ended }) => ended))
  return history.some((done) => {
    if (done.began > firstEnd) return false
    const [result, next] = apply(state, done.operation)
    if (result !== done.result) return false
    return isLinearizable(
      history.filter((other) => other !== done),
      next,
    )
  })
}
