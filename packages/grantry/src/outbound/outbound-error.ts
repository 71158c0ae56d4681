/**
 * Why a request to another server gave nothing. `url`: not one that may be asked; `address`: the host is, or leads to, an address that is not
 * public; `redirect`: more redirects than allowed; `status`: not a success; `content_type`: not one that was asked for; `too_large`,
 * `timeout`: over the limit; `malformed`: not what it says it is; `network`: no answer; `busy`: too many requests are under way.
 */
export type OutboundProblem =
  | 'url'
  | 'address'
  | 'redirect'
  | 'status'
  | 'content_type'
  | 'too_large'
  | 'timeout'
  | 'malformed'
  | 'network'
  | 'busy'

/** A request to another server that gave nothing. For the log: its text is never sent to a client. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly problem: OutboundProblem
  /** The status of the answer, where there was one. */
  readonly status: number | undefined

  constructor(
    problem: OutboundProblem,
    message: string,
    options: { readonly status?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(`${problem}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.problem = problem
    this.status = options.status
  }
}
