import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { addUserToSqlite } from './known-user.ts'

/** A server to start: a script and its arguments. */
export interface NodeProgram {
  readonly script: string
  readonly args: readonly string[]
  /** The folder of the SQLite in which it knows the user of the experiments. */
  readonly sqlite?: string | undefined
}

/** Where a server of the command has its data, and what differs from its defaults. */
export interface NodeOptions {
  /** The folder of the SQLite database, or of the keys. */
  readonly data: string
  /** The URL of a PostgreSQL, used instead. */
  readonly database?: string | undefined
  readonly tokenFormat: 'opaque' | 'jwt'
  /** Further arguments of the command. */
  readonly more?: readonly string[]
}

const pathTo = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** One issuer for all nodes: that which clients know, whatever the port of a node. */
const issuer = 'http://localhost:9000'

/** The command as users start it. */
export const realNode = ({ data, database, tokenFormat, more = [] }: NodeOptions): NodeProgram => {
  const where = database === undefined ? [] : ['--database', database]
  const args = [
    'start',
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--data',
    data,
    ...where,
    '--issuer',
    issuer,
    '--token-format',
    tokenFormat,
  ]
  const sqlite = database === undefined ? data : undefined
  return { script: pathTo('../packages/server/program/main.js'), args: [...args, ...more], sqlite }
}

/** A script of this folder that is a server which is wrong on purpose. */
export const wrongNode = (name: string, ...args: readonly string[]): NodeProgram => ({ script: pathTo(name), args })

/** A server in a process of its own. */
export interface NodeProcess {
  readonly url: string
  /** Of the user for development, where this start made it. */
  readonly password: string | undefined
  /** Milliseconds from the start of the process to the line that says where it listens. */
  readonly startMs: number
  /** Whether the process has not ended. */
  readonly isAlive: () => boolean
  /** Sends a signal, of which it does not end. */
  readonly tell: (signal: 'SIGHUP') => void
  /** Resolves once it has logged so many records of a type. */
  readonly logged: (type: string, count: number) => Promise<void>
  /** Sends a signal, and resolves with the exit code when the process is gone; null where the signal ended it. */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<number | null>
}

const read = async ({ stdout }: ChildProcess): Promise<{ url: string; password: string | undefined }> => {
  if (stdout === null) throw new Error('The process has no output.')
  let url: string | undefined
  for await (const line of createInterface({ input: stdout })) {
    url ??= /running at (http:\S+)\. /.exec(line)?.[1]
    const password = /password +(\S+)/.exec(line)?.[1]
    const isLast = password !== undefined || /was shown at the first start|on purpose/.test(line)
    if (url !== undefined && isLast) return { url, password }
  }
  throw new Error('The server ended before it listened.')
}

let cache: string | undefined

/** What was compiled by the first of many starts, as an installed server is compiled already. */
const compileCache = (): string => {
  if (cache !== undefined) return cache
  const made = mkdtempSync(join(tmpdir(), 'grantry-compiled-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true, maxRetries: 10 }))
  cache = made
  return made
}

/** Starts a server and waits until it listens. */
export const startNode = async ({ script, args, sqlite }: NodeProgram): Promise<NodeProcess> => {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache() }
  const options = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']
  const start = performance.now()
  const child = spawn(process.execPath, [...options, script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  const counts = new Map<string, number>()
  let look: () => void = () => undefined
  createInterface({ input: child.stderr }).on('line', (line) => {
    said = `${said}${line}\n`.slice(-2000)
    const [, type = ''] = /"type":"([^"]+)"/.exec(line) ?? []
    counts.set(type, (counts.get(type) ?? 0) + 1)
    look()
  })
  const gone = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null))
  const kill = (): void => void child.kill('SIGKILL')
  process.on('exit', kill)
  void gone.then(() => process.off('exit', kill))
  const { url, password } = await read(child).catch((cause: unknown) => {
    throw new Error(`The server ended: ${said}`, { cause })
  })
  const startMs = performance.now() - start
  if (sqlite !== undefined) addUserToSqlite(sqlite)
  return {
    ...{ url, password, startMs },
    tell: (signal) => void child.kill(signal),
    logged: (type, count) =>
      new Promise((resolve) => {
        look = () => {
          if ((counts.get(type) ?? 0) >= count) resolve()
        }
        look()
      }),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    end: (signal) => {
      child.kill(signal)
      return gone
    },
  }
}
