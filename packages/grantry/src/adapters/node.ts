import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PayloadTooLargeError } from '../core/errors.ts'
import { defaultMaxBodyBytes, type RequestLimits } from '../core/read-request.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../core/http.ts'
import { peerOf } from './node-certificate.ts'
import { consumedBody, isConsumed } from './parsed-body.ts'

/** Reads a body as UTF-8 text and stops keeping it as soon as it is larger than `limit` bytes. */
const readText = (message: IncomingMessage, limit: number): Promise<string> =>
  new Promise((resolve, reject) => {
    if (isConsumed(message)) throw consumedBody()
    const chunks: Buffer[] = []
    let bytes = 0
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limit) chunks.push(chunk)
    })
    message.on('end', () => {
      if (bytes <= limit) resolve(Buffer.concat(chunks).toString('utf8'))
      else reject(new PayloadTooLargeError(limit))
    })
    message.on('error', reject)
  })

/**
 * A request of `node:http` as the endpoints read it. Headers that were sent more than once are joined by commas, so that a second
 * `Authorization` is seen. `limit` is the largest body in bytes.
 */
export const fromNodeRequest = (message: IncomingMessage, limit = defaultMaxBodyBytes): HttpRequest => ({
  method: message.method ?? 'GET',
  url: message.url ?? '/',
  headers: { get: (name) => message.headersDistinct[name.toLowerCase()]?.join(', ') },
  text: () => readText(message, limit),
  peer: () => peerOf(message.socket),
})

/** Sends an answer. Its body may be the bytes of a file as well. */
export const sendNodeResponse = (
  response: Omit<HttpResponse, 'body'> & { readonly body: string | Uint8Array },
  message: IncomingMessage,
  to: ServerResponse,
): void => {
  to.writeHead(response.status, { ...response.headers, 'Content-Length': Buffer.byteLength(response.body) })
  to.end(message.method === 'HEAD' ? undefined : response.body)
}

export {
  headerCertificate,
  readCertificate,
  socketCertificate,
  type HeaderCertificateOptions,
} from './node-certificate.ts'

/** A server, or anything else with a `handle` method. */
export interface Handled extends RequestLimits {
  handle: HttpHandler
}

/** A `node:http` handler for a whole server: `createServer(toNodeHandler(server))`. */
export const toNodeHandler =
  (server: Handled) =>
  (message: IncomingMessage, to: ServerResponse): void => {
    void Promise.resolve(server.handle(fromNodeRequest(message, server.maxBodyBytes))).then(
      (response) => sendNodeResponse(response, message, to),
      () => to.destroy(),
    )
  }
