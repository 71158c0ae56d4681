import type { HttpHeaders } from './http.ts'

/** Finds the addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>

/** One request to another server, as the platform sends it: no redirects followed, nothing added but what HTTP needs. */
export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Ends the exchange, whatever it is doing. */
  readonly signal: AbortSignal
  /** Throws for an address to which nothing may be sent. Called before a connection is made, where the platform lets one look. */
  readonly requireAddress: (address: string) => void
  /** Default: the resolver of the machine. Of no effect where the platform resolves by itself. */
  readonly resolveHost: ResolveHost | undefined
}

/** What the other server answers, with its body still to be read. */
export interface ExchangeAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: AsyncIterable<Uint8Array>
}
