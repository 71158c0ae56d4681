/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The value below which `share` of the values lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const order = values.toSorted((a, b) => a - b)
  return order[Math.min(order.length - 1, Math.floor(order.length * share))] ?? 0
}

/** Lets the event loop turn so many times. */
export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
}
