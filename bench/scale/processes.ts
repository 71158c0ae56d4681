import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A process of the bench. */
export interface BenchProcess {
  readonly id: number
  /** Sends a message and waits for the next one of the process. */
  readonly ask: (message: unknown) => Promise<unknown>
  readonly end: () => Promise<void>
}

const pathTo = (script: string): string =>
  isAbsolute(script) ? script : fileURLToPath(new URL(script, import.meta.url))
const flags = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']

const isNumber = (value: number | undefined): value is number => value !== undefined

/** Starts a script and gives what it says first: a message, or the line that matches `line` of its output. */
export const startProcess = async (
  script: string,
  args: readonly string[],
  line?: RegExp,
): Promise<[process: BenchProcess, first: unknown]> => {
  const child: ChildProcess = fork(pathTo(script), args, { execArgv: flags, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const { pid } = child
  if (!isNumber(pid)) throw new Error(`${script} cannot be started.`)
  const kill = (): void => void child.kill('SIGKILL')
  process.on('exit', kill)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
  const gone = once(child, 'exit').then(() => {
    process.off('exit', kill)
  })
  const fail = (cause?: unknown): never => {
    throw new Error(`${script} ended: ${said}`, { cause })
  }
  const first =
    line === undefined
      ? await Promise.race([once(child, 'message'), gone.then(() => fail())])
      : await outputOf(child, line).catch((cause: unknown) => gone.then(() => fail(cause)))
  const ask = async (message: unknown): Promise<unknown> => {
    child.send(message as object) // a message of ours, which is JSON
    const [answer] = (await Promise.race([once(child, 'message'), gone.then(() => fail())])) as unknown[]
    return answer
  }
  const end = (): Promise<void> => {
    child.kill('SIGTERM')
    return gone
  }
  return [{ id: pid, ask, end }, first[0]]
}

const outputOf = async (child: ChildProcess, line: RegExp): Promise<[string]> => {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    const found = line.exec(text)?.[1]
    if (found !== undefined) return [found]
  }
  throw new Error(`There is no such line in what the process said: ${text}`)
}

const ticksPerSecond = 100 // of Linux, whatever the machine

/** Fields of /proc/<id>/stat after the name, which may hold spaces. */
const statOf = (id: number): readonly string[] => {
  const text = readFileSync(`/proc/${id}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const seconds = (fields: readonly string[], from: number, count: number): number =>
  fields.slice(from, from + count).reduce((sum, field) => sum + Number(field), 0) / ticksPerSecond

/** CPU seconds of a process. */
export const cpuOf = (id: number): number => seconds(statOf(id), 11, 2)

/** CPU seconds of a process and of all that it started, those that ended included. */
export const cpuOfFamily = (id: number): number => {
  let sum = seconds(statOf(id), 11, 4)
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = statOf(Number(name))
      if (Number(fields[1]) === id) sum += seconds(fields, 11, 2)
    } catch {
      // ended meanwhile: then it is in the sum of its parent from now on
    }
  }
  return sum
}
