import type { IncomingMessage } from 'node:http'
import type { HttpRequest } from '../core/http.ts'
import { fromNodeRequest } from './node.ts'
import { isConsumed, textOfParsed } from './parsed-body.ts'

/** A request of `node:http` behind a framework. */
export interface FrameworkRequest {
  readonly message: IncomingMessage
  /** From the path on, as it was sent, before the framework cut it. */
  readonly url: string
  /** What a body parser made of the body, if one ran. */
  readonly body: unknown
  /** Largest body in bytes. */
  readonly limit: number | undefined
}

/** The same as the endpoints read it: from the connection, or as a body parser left it. */
export const fromFrameworkRequest = ({ message, url, body, limit }: FrameworkRequest): HttpRequest => {
  const plain = fromNodeRequest(message, limit)
  const text = async (): Promise<string> => {
    const isKept = isConsumed(message) && body !== undefined
    return isKept ? textOfParsed(body, message.headers['content-type'] ?? '') : plain.text()
  }
  return { ...plain, url, text }
}
