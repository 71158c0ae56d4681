import { PayloadTooLargeError } from './errors.ts'
import type { HttpRequest, HttpResponse } from './http.ts'

/** Reads a body as text and stops as soon as it is larger than `limit` bytes. */
const readLimited = async (body: ReadableStream<Uint8Array>, limit: number): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > limit) throw new PayloadTooLargeError(limit)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A web `Request` whose body is read up to a limit. */
export const fromWebRequest = (request: Request, limit: number): HttpRequest => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  text: async () => (request.body === null ? '' : readLimited(request.body, limit)),
})

/** An answer as a web `Response`. */
export const toWebResponse = (response: HttpResponse, method: string): Response =>
  new Response(method === 'HEAD' || response.body === '' ? null : response.body, {
    status: response.status,
    headers: { ...response.headers },
  })
