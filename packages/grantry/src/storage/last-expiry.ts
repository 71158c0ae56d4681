/** When the last of these expires, so how long their family is kept: rows that are absent, and no time at all, count for nothing. */
export const lastExpiry = (liveUntil = 0, ...rows: readonly ({ readonly expiresAt: number } | undefined)[]): number =>
  Math.max(liveUntil, ...rows.map((row) => row?.expiresAt ?? 0))
