import type { ExchangeAnswer } from '../core/exchange.ts'
import { OutboundError } from './outbound-error.ts'

/** Reads the body of an answer as UTF-8 and stops as soon as it is larger than `limit` bytes. */
export const readText = async ({ headers, body }: ExchangeAnswer, limit: number): Promise<string> => {
  const tooLarge = (): OutboundError => new OutboundError('too_large', `the answer is larger than ${limit} bytes`)
  if (Number(headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [text, bytes] = ['', 0]
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooLarge()
    text += decode(() => decoder.decode(chunk, { stream: true }))
  }
  return text + decode(() => decoder.decode())
}

const decode = (run: () => string): string => {
  try {
    return run()
  } catch (cause) {
    throw new OutboundError('malformed', 'the answer is not text in UTF-8', { cause })
  }
}
