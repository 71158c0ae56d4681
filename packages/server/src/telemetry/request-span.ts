import {
  context,
  createTraceState,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import type { HttpRequest } from 'grantry'
import { grantLabel, resultLabel } from './labels.ts'
import type { Measured } from './measured.ts'
import type { RequestScope } from './request-scope.ts'

/** W3C Trace Context §3.2: version, trace id, parent id, flags. */
const syntax = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

/** The trace that the request says that it is part of, or that of a program around this server. */
const parentOf = (headers: HttpRequest['headers']): Context => {
  const active = context.active()
  if (trace.getSpan(active) !== undefined) return active
  const [, traceId, spanId, flags = ''] = syntax.exec(headers.get('traceparent') ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT
  const state = headers.get('tracestate')
  const traceState = state ? { traceState: createTraceState(state.slice(0, 512)) } : {}
  const parent = { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true, ...traceState }
  return trace.setSpanContext(ROOT_CONTEXT, parent)
}

/** Asked every few seconds by whoever watches the server. */
const isProbe = (url: string): boolean => /\/health\/\w+$/.test(url)

/** The span of a request, which costs nothing where nobody records. Without a tracer it only knows which trace the request is part of. */
export const startRequestSpan = (
  tracer: Tracer | undefined,
  { method, url, headers }: Pick<HttpRequest, 'method' | 'url' | 'headers'>,
): Span => {
  const parent = parentOf(headers)
  if (tracer !== undefined && !isProbe(url)) return tracer.startSpan(method, { kind: SpanKind.SERVER }, parent)
  return trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT)
}

/** The trace that a span is part of; undefined where it is of none. */
export const traceIdOf = (span: Span): string | undefined => {
  const found = span.spanContext()
  return isSpanContextValid(found) ? found.traceId : undefined
}

/** How a request was answered. */
export interface AnsweredRequest {
  readonly method: string
  /** One of a fixed list. */
  readonly route: string
  readonly status: number
}

/** Ends the span of a request. */
export const endRequestSpan = (
  { span, clientId, grantType, reason, rotation }: RequestScope,
  { method, route, status }: AnsweredRequest,
): void => {
  if (!span.isRecording()) return
  const given = {
    ...{ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
    ...{ 'grantry.client': clientId, 'grantry.grant': grantType && grantLabel(grantType) },
    ...{ 'grantry.result': resultLabel(status), 'grantry.reason': reason, 'grantry.refresh_token': rotation },
  }
  span.updateName(`${method} ${route}`).setAttributes(given)
  if (status >= 500) span.setAttribute('error.type', String(status)).setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

const attributesOf = ({ kind, name, text, problem }: Measured): Record<string, string | undefined> => ({
  ...(kind === 'database' ? { 'db.operation.name': name, 'db.query.text': text } : { 'server.address': name }),
  'error.type': problem,
})

/** Adds what took its time to the span of the request that it was done for. */
export const addSpan = (tracer: Tracer, parent: Span, measured: Measured): void => {
  if (!parent.isRecording()) return
  const { kind, name, ms, problem } = measured
  const end = performance.timeOrigin + performance.now()
  const options = { kind: SpanKind.CLIENT, startTime: end - ms, attributes: attributesOf(measured) }
  const shown = kind === 'database' ? name : `request ${name}`
  const span = tracer.startSpan(shown, options, trace.setSpan(ROOT_CONTEXT, parent))
  if (problem !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(end)
}
