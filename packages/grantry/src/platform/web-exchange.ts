import type { Exchange, ExchangeAnswer } from '../core/exchange.ts'

// An async iterable of nothing, for answers without a body.
const nothing: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} }

/**
 * Sends one request with the `fetch` of the runtime, which resolves names by itself: addresses behind names cannot be looked at here. Rejects
 * where there is no answer.
 */
export const exchange = async ({ url, method, headers, body, signal }: Exchange): Promise<ExchangeAnswer> => {
  const answer = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, body: answer.body ?? nothing }
}
