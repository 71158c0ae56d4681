import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Span } from '@opentelemetry/api'
import type { HttpRequest } from 'grantry'
import type { Log, LogRecord } from '../log.ts'
import { traceIdOf } from './request-span.ts'

/** What is known of a request while it is answered. */
export interface RequestScope {
  readonly id: string
  /** Of the trace that the request is part of (W3C Trace Context). */
  readonly traceId: string | undefined
  readonly span: Span
  /** Whom it is from. */
  readonly address: string
  /** What must be done before it is answered; never rejects. */
  readonly held: Promise<void>[]
  /** The registered client that it is of, once that is known. */
  clientId?: string | undefined
  grantType?: string | undefined
  /** Why it was refused. */
  reason?: string | undefined
  /** What became of a refresh token. */
  rotation?: string | undefined
}

const scopes = new AsyncLocalStorage<RequestScope>()

const idSyntax = /^[A-Za-z0-9._~-]{8,64}$/

/** How a scope begins. */
export interface ScopeOptions {
  readonly address: string
  /** Whether it came over a connection of a trusted proxy. */
  readonly isTrusted: boolean
  readonly span: Span
}

/** Starts the scope of a request. The id that it brought counts where it is well formed and a trusted proxy brought it. */
export const newScope = (
  { headers }: Pick<HttpRequest, 'headers'>,
  { address, isTrusted, span }: ScopeOptions,
): RequestScope => {
  const brought = isTrusted ? (headers.get('x-request-id') ?? '') : ''
  const id = idSyntax.test(brought) ? brought : randomUUID()
  return { id, traceId: traceIdOf(span), span, address, held: [] }
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

/** The registered client that the request under way is of, once that is known. */
export const requestClient = (): string | undefined => scopes.getStore()?.clientId

/** The span of the request under way. */
export const requestSpan = (): Span | undefined => scopes.getStore()?.span

/** Holds the answer to the request under way until something is done. */
export const holdAnswer = (done: Promise<void>): void => void scopes.getStore()?.held.push(done)

const note = (scope: RequestScope, { type, grantType, reason, outcome }: LogRecord): void => {
  if (typeof grantType === 'string') scope.grantType = grantType
  if (type === 'request.refused' && typeof reason === 'string') scope.reason = reason
  if (type === 'refresh_token.rotation' && typeof outcome === 'string') scope.rotation = outcome
}

const idsOf = ({ id: requestId, traceId }: RequestScope): object =>
  traceId === undefined ? { requestId } : { requestId, traceId }

/** A log whose records have the ids of the request that they are of. */
export const inScope =
  (log: Log): Log =>
  (record) => {
    const scope = scopes.getStore()
    if (scope !== undefined) note(scope, record)
    log(scope === undefined ? record : { ...record, ...idsOf(scope) })
  }
