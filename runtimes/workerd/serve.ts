import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { endWithUs } from '../children.ts'

const root = dirname(dirname(import.meta.dirname))
const esbuild = join(root, 'node_modules/@esbuild/linux-x64/bin/esbuild')

/** The program. */
export const workerd = join(root, 'runtimes/node_modules/@cloudflare/workerd-linux-64/bin/workerd')

/** What is served. */
export interface WorkerOptions {
  /** The main module, with paths from the root of the repository. */
  readonly source: string
  /** Which behaviour of the runtime: with a late one it has modules of Node, with an early one it has none. */
  readonly compatibilityDate: string
  /** Answers requests that the Worker sends itself; else they go where the machine can reach. */
  readonly answersItself?: boolean
  /** Of its environment. */
  readonly texts?: Readonly<Record<string, string>>
}

/** A Worker that is running. */
export interface RunningWorker {
  readonly origin: string
  /** Of its script. */
  readonly bytes: number
  /** When the process was started, by `performance.now`. */
  readonly startedAt: number
  readonly stop: () => Promise<void>
}

/** Bundles as tools for Workers do: by the conditions `workerd`, `worker` and `browser`, with the packages as they are published. */
const bundle = (source: string, outfile: string): void => {
  const options = [
    ...['--bundle', '--format=esm', '--platform=neutral', '--main-fields=module,main', '--target=es2023'],
    ...['--conditions=workerd,worker,browser,import', '--log-level=error', `--outfile=${outfile}`],
    `--alias:node:test=${join(import.meta.dirname, 'node-test.ts')}`,
    ...['node:*', 'cloudflare:*', ...builtinModules].map((name) => `--external:${name}`),
    '--banner:js=const require = (name) => process.getBuiltinModule(name)', // of packages for Node that check ours
  ]
  execFileSync(esbuild, options, { input: source, cwd: root, stdio: ['pipe', 'inherit', 'inherit'] })
}

const configOf = ({ compatibilityDate, answersItself = false, texts = {} }: WorkerOptions): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ["--max-old-space-size=2048"],
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "${compatibilityDate}"${answersItself ? ', globalOutbound = "main"' : ''},
    bindings = [${Object.entries(texts)
      .map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`)
      .join(', ')}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);`

/** The port, which workerd tells once it listens. */
const portOf = async (control: Readable): Promise<number> => {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { readonly event: string; readonly port: number } // written by workerd
    if (event === 'listen') return port
  }
  throw new Error('workerd ended before it listened')
}

/** Serves a Worker at a free port of this machine. */
export const serveWorker = async (options: WorkerOptions): Promise<RunningWorker> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-workerd-'))
  const script = join(folder, 'worker.js')
  bundle(options.source, script)
  writeFileSync(join(folder, 'config.capnp'), configOf(options))
  const startedAt = performance.now()
  const args = ['serve', join(folder, 'config.capnp'), '--control-fd=3']
  const child = endWithUs(spawn(workerd, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] }))
  const ended = once(child, 'exit')
  const port = await portOf(child.stdio[3] as Readable) // a pipe, as asked for
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true })
  }
  return { origin: `http://127.0.0.1:${port}`, bytes: statSync(script).size, startedAt, stop }
}
