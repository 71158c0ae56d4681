import type { IncomingHttpHeaders } from 'node:http'
import { startOtherServer } from '../support/other-server.ts'

/** A message that was posted. */
export interface Posted {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Whoever is posted messages. */
export interface Receiver {
  readonly url: string
  readonly posted: readonly Posted[]
  readonly bodies: readonly string[]
  /** What it answers next, 200 where nothing is said. */
  readonly answers: number[]
  /** Resolves once there is such a message. */
  until(isIt: (body: string) => boolean): Promise<void>
  /** Resolves with a message, once it is there. */
  message(index: number): Promise<Posted>
}

/** Starts one; it stops after the tests of the file. */
export const startReceiver = async (path = '/hook'): Promise<Receiver> => {
  const posted: Posted[] = []
  const bodies: string[] = []
  const answers: number[] = []
  const waiting = new Set<() => void>()
  const { origin } = await startOtherServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      posted.push({ path: request.url ?? '', headers: request.headers, body })
      bodies.push(body)
      response.writeHead(answers.shift() ?? 200, { 'content-type': 'application/json' }).end('{}')
      for (const look of waiting) look()
    })
  })
  const until = (isThere: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isThere()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return {
    ...{ url: origin + path, posted, bodies, answers },
    until: (isIt) => until(() => bodies.some(isIt)),
    message: async (index) => {
      await until(() => posted[index] !== undefined)
      return posted[index] as Posted // it is there
    },
  }
}
