import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Redis that runs for one test file, reachable only through a socket in its own folder. */
export interface RedisServer {
  readonly socket: string
  /** Starts it again after `stop`. */
  start(): Promise<void>
  /** Ends it at once and without tidying up, as a crash does. */
  stop(): Promise<void>
  /** Ends it and removes all that it had. */
  remove(): Promise<void>
}

const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path))

/** Why no server can be started here; undefined where one can. */
export const whyNoRedis = program === undefined ? 'there is no redis-server on the PATH' : undefined

/** Runs the server, and ends it when the standard input closes: also where this process is killed. */
const watched = '"$@" & child=$!; cat >/dev/null; kill -9 $child'

const ready = async (child: ChildProcess): Promise<void> => {
  assert.ok(child.stdout)
  const seen: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line)
    if (!/ready to accept connections/i.test(line)) continue
    child.stdout.resume() // a full pipe would stop the server
    return
  }
  throw new Error(`Redis did not start:\n${seen.join('\n')}`)
}

const settings = { port: '0', save: '', appendonly: 'yes', appendfsync: 'always', 'enable-debug-command': 'no' }

let endsWithRunner = false
/** A test runner that gives up must not leave a folder behind: leaving the process ends all of them. */
const endWithRunner = (): void => {
  if (!endsWithRunner) process.once('SIGTERM', () => process.exit(143))
  endsWithRunner = true
}

/** Starts an empty Redis in a temporary folder. `change` are settings that differ. */
export const startRedis = async (change: Readonly<Record<string, string>> = {}): Promise<RedisServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-redis-'))
  const socket = join(folder, 'socket')
  const flags = Object.entries({ ...settings, dir: folder, unixsocket: socket, ...change })
  let child: ChildProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })

  const server: RedisServer = {
    socket,
    async start() {
      const args = ['-c', watched, 'sh', program ?? '', ...flags.flatMap(([name, value]) => [`--${name}`, value])]
      const started = spawn('/bin/sh', args, { stdio: ['pipe', 'pipe', 'inherit'] })
      child = started
      exited = new Promise((resolve) => started.once('close', resolve))
      await ready(started)
    },
    async stop() {
      child?.stdin?.end()
      await exited
      child = undefined
    },
    async remove() {
      await server.stop()
      process.off('exit', removeFolder)
      removeFolder()
    },
  }
  process.on('exit', removeFolder)
  endWithRunner()
  try {
    await server.start()
    return server
  } catch (thrown) {
    await server.remove()
    throw thrown
  }
}
