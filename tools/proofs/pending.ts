/** What rows of the pages wait for. To fill a row in, give it its tests and take its `waitsFor` away. */
export const pending = {
  keyRotation: 'rotation of the signing keys of grantry-server',
  requestUri: 'request objects by reference (`request_uri`)',
  serverRegistration: 'dynamic registration at grantry-server',
  backchannel: 'delivery of logout tokens by grantry-server',
  frontchannel: 'frames of clients in the logout page of grantry-server',
} as const

/** A part that is not there yet. */
export type PendingFeature = keyof typeof pending
