import { apply, type Operation, type StoreState } from './store-specification.ts'

/** An operation that was done, with the order in which it began and ended among all of its history. */
export interface Done {
  readonly operation: Operation
  /** `consumed`, `saved`, `replayed:<sealed>` … : what the caller got. */
  readonly result: string
  readonly began: number
  readonly ended: number
}

/**
 * Whether the results can come from doing the operations one after the other, in an order in which none comes before one that had ended
 * when it began (Herlihy and Wing's linearizability). Tries all orders: for few operations only.
 */
export const isLinearizable = (history: readonly Done[], state: StoreState): boolean => {
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
