/** How tokens are bound to those who get them. */
export interface SenderSettings {
  /**
   * DPoP (RFC 9449). `on`: a client that sends proofs gets tokens that are bound to its key; `nonce`: each proof needs a nonce of the server as
   * well; `off`: proofs are not looked at. Clients that send none get bearer tokens in any case. Default: `on`.
   */
  readonly dpop?: 'off' | 'on' | 'nonce' | undefined
}

/** Fills in the defaults. */
export const resolveSender = (options: SenderSettings): Required<SenderSettings> => ({ dpop: options.dpop ?? 'on' })
