import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Starts one kind of server on a folder. */
export interface ServerKind {
  readonly script: string
  readonly args: (data: string) => readonly string[]
}

const pathTo = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** The command as users start it. */
export const realServer: ServerKind = {
  script: pathTo('../packages/server/src/main.ts'),
  args: (data) => ['start', '--port', '0', '--data', data, '--token-format', 'opaque'],
}

/** Answers before it writes. */
export const lateServer: ServerKind = { script: pathTo('late-server.ts'), args: (data) => [data] }

/** A server in a process of its own. */
export interface Started {
  readonly url: string
  /** Of the user for development, where this start made it. */
  readonly password: string | undefined
  /** Milliseconds from the start of the process to the line that says where it listens. */
  readonly startMs: number
  /** Ends the process at once, and waits until it is gone. */
  kill(): Promise<void>
}

const read = async (child: ChildProcess): Promise<{ url: string; password: string | undefined }> => {
  const { stdout } = child
  if (stdout === null) throw new Error('The process has no output.')
  let url: string | undefined
  for await (const line of createInterface({ input: stdout })) {
    url ??= /running at (http:\S+)\./.exec(line)?.[1]
    const password = /password +(\S+)/.exec(line)?.[1]
    const isLast = password !== undefined || /was shown at the first start|answers before/.test(line)
    if (url !== undefined && isLast) return { url, password }
  }
  throw new Error('The server ended before it listened.')
}

/** Starts a server and waits until it listens. */
export const startServer = async ({ script, args }: ServerKind, data: string): Promise<Started> => {
  const options = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']
  const start = performance.now()
  const child = spawn(process.execPath, [...options, script, ...args(data)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const gone = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  const { url, password } = await read(child)
  return { url, password, startMs: performance.now() - start, kill }
}
