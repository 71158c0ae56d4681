import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The command as it is published; `npm run test:run` makes it. */
const main = fileURLToPath(new URL('../../packages/server/program/main.js', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess
  /** What it has printed on standard output so far. */
  readonly lines: readonly string[]
  /** Resolves when a printed line matches, with its first group; rejects where the command ends before. */
  line(pattern: RegExp): Promise<string>
  readonly ended: Promise<Ended>
}

/** Starts `grantry-server` with arguments. */
export const grantryServer = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } })
  const lines: string[] = []
  const printed = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    return { code: typeof code === 'number' ? code : null, stdout: lines.join('\n'), stderr }
  })
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.map((each) => pattern.exec(each)).find((match) => match !== null)
        if (found) resolve(found[1] ?? found[0])
      }
      printed.on('line', look)
      void ended.then((end) => reject(new Error(`no line matches ${String(pattern)}: ${end.stdout}${end.stderr}`)))
      look()
    })
  return { process: child, lines, line, ended }
}

const steps = ['grantry_migration 1 tables', 'grantry_migration 2 sessions'].concat([
  'grantry_migration 3 grants_by_time',
  'server_migration 1 accounts',
  'server_migration 2 openid',
  'server_migration 3 logout',
  'server_migration 4 passwords',
  'server_migration 5 second_factor',
  'server_migration 6 account',
  'server_migration 7 audit',
  'server_migration 8 outside_users',
  'server_migration 9 administration',
  'server_migration 10 passkeys',
  'server_migration 11 activity',
  'server_migration 12 upstreams',
  'server_migration 13 reset_requests',
  'server_migration 14 upstream_sessions',
])

/** What `migrate` says where every step is in one state. */
export const allSteps = (state: 'applied' | 'pending'): string => steps.map((step) => `${state}  ${step}`).join('\n')
