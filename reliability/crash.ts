import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AuthorizationCode } from 'grantry'
import { withPostgres, until } from './postgres-bench.ts'
import { checkPlace } from './crash-checks.ts'
import { isBusy, openPlace, type CrashPlace } from './crash-place.ts'
import type { CrashTask, Moment } from './crash-process.ts'
import { flows, type Flow } from '../packages/grantry/src/testing/fault-flows.ts'
import { codeOf, makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** What ending the process at every store call gave. */
export interface CrashFigures {
  /** Points at which a process was ended. */
  readonly points: number
  /** Store calls of each flow. */
  readonly calls: Readonly<Record<string, number>>
  /** What must not be, as flow, call and moment. */
  readonly violations: readonly string[]
}

const moments: readonly Moment[] = ['before', 'sent', 'answered']
const mostCalls = 20
const script = fileURLToPath(new URL('crash-process.ts', import.meta.url))

/** Whether the process ended itself, and not by an answer. */
const runProcess = async (task: CrashTask, folder: string): Promise<boolean> => {
  const options = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') } // most of the time of a process is compiling
  const child = spawn(process.execPath, [...options, script, JSON.stringify(task)], { stdio: 'ignore', env })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null] // by the contract of `exit`
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The process ended by ${String(signal ?? code)}.`)
  return signal === 'SIGKILL'
}

interface Bench {
  readonly folder: string
  readonly savesFirst: boolean
  /** A new place for each point. */
  readonly placeFor: (name: string) => CrashPlace
}

const recordOf = (name: string, now: number): AuthorizationCode => {
  const [{ userId, ...row }] = codeOf(`code-${name}`, 'steady', `family-${name}`, now)
  return { ...row, user: { id: userId } }
}

/** One process and the look at what it left; undefined where the flow makes fewer calls. */
const runPoint = async (
  { folder, savesFirst, placeFor }: Bench,
  flow: Flow,
  at: number,
  moment: Moment,
): Promise<readonly string[] | undefined> => {
  const name = `${flow.name.replaceAll(' ', '-')}-${at}-${moment}`
  const place = placeFor(name)
  const now = Math.floor(Date.now() / 1000)
  const { store, close } = openPlace(place)
  const steady: Credentials = await makeClient(store, 'steady', 'never')
  const rotating = await makeClient(store, 'rotating', 'always')
  const given = await flow.prepare({ store, now, name, steady, rotating })
  await close()
  const record = savesFirst ? recordOf(name, now) : undefined
  const isEnded = await runProcess({ place, given, at, moment, savesFirst: record }, folder)
  if (!isEnded) return undefined
  await until('the database is done with the process', async () => !(await isBusy(place)))
  return checkPlace(place, given)
}

/** All points of one flow. */
const runFlow = async (bench: Bench, flow: Flow): Promise<{ points: number; calls: number; violations: string[] }> => {
  const violations: string[] = []
  let points = 0
  for (let at = 1; at <= mostCalls; at++) {
    const found = await Promise.all(moments.map((moment) => runPoint(bench, flow, at, moment)))
    if (found.every((each) => each === undefined)) return { points, calls: at - 1, violations }
    points += found.filter((each) => each !== undefined).length
    for (const [index, each = []] of found.entries())
      violations.push(...each.map((what) => `${flow.name}, ${moments[index] ?? ''} call ${at}: ${what}`))
  }
  throw new Error(`${flow.name} makes more than ${mostCalls} store calls.`)
}

const runFlows = async (chosen: readonly Flow[], bench: Bench): Promise<CrashFigures> => {
  const calls: { [flow: string]: number } = {}
  const violations: string[] = []
  let points = 0
  for (const flow of chosen) {
    const result = await runFlow(bench, flow)
    calls[flow.name] = result.calls
    points += result.points
    violations.push(...result.violations)
  }
  return { points, calls, violations }
}

/** Which database, and whether the validator is wrong on purpose. */
interface CrashOptions {
  readonly backend: 'SQLite' | 'PostgreSQL'
  readonly savesFirst: boolean
}

const run = async (chosen: readonly Flow[], { backend, savesFirst }: CrashOptions): Promise<CrashFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-crash-'))
  try {
    if (backend === 'SQLite') {
      const placeFor = (name: string): CrashPlace => ({ backend, path: join(folder, `${name}.db`) })
      return await runFlows(chosen, { folder, savesFirst, placeFor })
    }
    return await withPostgres({}, ({ server: { connection } }) =>
      runFlows(chosen, { folder, savesFirst, placeFor: (realm) => ({ backend, connection, realm }) }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Flows that write; what only reads leaves nothing half done. */
const writing = flows.filter(({ name }) => name !== 'introspection' && name !== 'protected resource')

/** Ends a process before, at and after every store call of the flows of these names; of every flow that writes where none is named. */
export const crashEverywhere = (
  backend: CrashOptions['backend'],
  names: readonly string[] = writing.map(({ name }) => name),
): Promise<CrashFigures> =>
  run(
    writing.filter(({ name }) => names.includes(name)),
    { backend, savesFirst: false },
  )

/** The same for a validator that saves tokens before it takes the code: it must give a double. */
export const crashSavesFirst = (backend: CrashOptions['backend']): Promise<CrashFigures> =>
  run(
    writing.filter(({ name }) => name === 'code redemption'),
    { backend, savesFirst: true },
  )
