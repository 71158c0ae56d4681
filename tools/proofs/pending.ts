/** What rows of the pages wait for. To fill a row in, give it its tests and take its `waitsFor` away. */
export const pending = { clientPages: 'logo, policy and terms of clients on the login page of grantry-server' } as const

/** A part that is not there yet. */
export type PendingFeature = keyof typeof pending
