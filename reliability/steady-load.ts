import { Agent, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** A request of a load. */
export interface LoadRequest {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
  /** Whether the answer is right. */
  readonly isRight: (status: number, body: string) => boolean
}

/** What a load gave. */
export interface LoadFigures {
  /** Milliseconds from the moment at which a request was due to its answer, so that waiting in line counts. */
  readonly latencies: readonly number[]
  /** Wrong or missing answers. */
  readonly wrong: number
  /** The longest time in which the load itself was held up: latencies say nothing of the server then. */
  readonly lateMs: number
}

const post = (agent: Agent, url: string, { path, fields, isRight }: LoadRequest): Promise<boolean> =>
  new Promise((resolve) => {
    const body = new URLSearchParams(fields).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(isRight(response.statusCode ?? 0, text)))
    })
    sent.on('error', () => resolve(false))
    sent.end(body)
  })

/** Sends so many requests a second for a time, whether the answers come or not. */
export const steadyLoad = async (
  url: string,
  next: () => LoadRequest,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<LoadFigures> => {
  const agent = new Agent({ keepAlive: true })
  const latencies: number[] = []
  let wrong = 0
  const own = monitorEventLoopDelay({ resolution: 1 })
  own.enable()
  const start = performance.now()
  const send = async (index: number): Promise<void> => {
    const due = start + (index * 1000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    if (!(await post(agent, url, next()))) wrong++
    latencies.push(performance.now() - due)
  }
  await Promise.all(Array.from({ length: perSecond * seconds }, (_, index) => send(index)))
  agent.destroy()
  own.disable()
  return { latencies, wrong, lateMs: own.max / 1e6 }
}
