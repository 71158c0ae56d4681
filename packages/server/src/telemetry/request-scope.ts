import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { HttpRequest } from 'grantry'
import type { Log, LogRecord } from '../log.ts'

/** What is known of a request while it is answered. */
export interface RequestScope {
  readonly id: string
  /** Of the trace that the request is part of (W3C Trace Context). */
  readonly traceId: string | undefined
  /** Whom it is from. */
  readonly address: string
  /** What must be done before it is answered; never rejects. */
  readonly held: Promise<void>[]
  /** The registered client that it is of, once that is known. */
  clientId?: string | undefined
  grantType?: string | undefined
}

const scopes = new AsyncLocalStorage<RequestScope>()

const idSyntax = /^[A-Za-z0-9._~-]{8,64}$/
const traceSyntax = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/

/** Starts the scope of a request. The id that it brought counts where it is well formed and a trusted proxy brought it. */
export const newScope = (
  { headers, address }: Pick<HttpRequest, 'headers'> & Pick<RequestScope, 'address'>,
  isTrusted: boolean,
): RequestScope => {
  const brought = isTrusted ? (headers.get('x-request-id') ?? '') : ''
  return {
    id: idSyntax.test(brought) ? brought : randomUUID(),
    traceId: traceSyntax.exec(headers.get('traceparent') ?? '')?.[1],
    ...{ address, held: [] },
  }
}

/** Answers a request in its scope: whatever is logged meanwhile has its id. */
export const runInScope = <Result>(scope: RequestScope, answer: () => Result): Result => scopes.run(scope, answer)

/** Notes the registered client that the request under way is of. */
export const noteClient = (clientId: string): void => {
  const scope = scopes.getStore()
  if (scope !== undefined) scope.clientId = clientId
}

/** Whom the request under way is from; undefined where there is none. */
export const requestAddress = (): string | undefined => scopes.getStore()?.address

/** Holds the answer to the request under way until something is done. */
export const holdAnswer = (done: Promise<void>): void => void scopes.getStore()?.held.push(done)

const noteGrant = (scope: RequestScope, { grantType }: LogRecord): void => {
  if (typeof grantType === 'string') scope.grantType = grantType
}

const idsOf = ({ id: requestId, traceId }: RequestScope): object =>
  traceId === undefined ? { requestId } : { requestId, traceId }

/** A log whose records have the ids of the request that they are of. */
export const inScope =
  (log: Log): Log =>
  (record) => {
    const scope = scopes.getStore()
    if (scope !== undefined) noteGrant(scope, record)
    log(scope === undefined ? record : { ...record, ...idsOf(scope) })
  }
