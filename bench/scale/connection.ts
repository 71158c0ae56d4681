import { Agent, request } from 'node:http'

/** One connection that is kept open, and the times of its requests. */
export class Connection {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  /** Milliseconds of each request since the last `reset`. */
  latencies: number[] = []

  constructor(url: string) {
    this.#url = url
  }

  /** Posts a form, or gets where there is none, and gives the body of the answer. Throws for another status than 200. */
  async request(path: string, fields?: Readonly<Record<string, string>>): Promise<string> {
    const start = performance.now()
    const body = fields === undefined ? undefined : new URLSearchParams(fields).toString()
    const answer = await this.#send(path, body)
    this.latencies.push(performance.now() - start)
    return answer
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(path: string, body: string | undefined): Promise<string> {
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body?.length ?? 0 }
    const options = body === undefined ? { method: 'GET' } : { method: 'POST', headers: form }
    return new Promise((resolve, reject) => {
      const sent = request(this.#url + path, { ...options, agent: this.#agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text)
          else reject(new Error(`${path} answered ${response.statusCode}: ${text}`))
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
