/**
 * Compares the toolkit with hand-written floors and with other providers, in one process and without sockets.
 *
 *     npm run bench             under five minutes
 *     npm run bench -- quick    under 45 seconds; tells big differences only
 *
 * Every round runs each operation for all contenders right after each other, in another order each time, over stores made for that stretch.
 * Look at the ratios: they hold from one machine to the next, the absolute figures do not.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { floor } from './contender-floor.ts'
import { grantry } from './contender-grantry.ts'
import { jmondi } from './contender-jmondi.ts'
import { nodeOAuth } from './contender-node-oauth.ts'
import { operations, type Call, type Prepare } from './operations.ts'
import { environment, table, type Results } from './report.ts'

const mode = process.argv.includes('quick') ? 'quick' : 'full'
const { rounds, stretchMs } = mode === 'quick' ? { rounds: 5, stretchMs: 50 } : { rounds: 15, stretchMs: 200 }
const most = 50_000

interface Runner {
  readonly operation: string
  readonly contender: string
  readonly goal: number
  readonly prepare: Prepare
  /** Calls in one stretch. */
  count: number
  readonly perSecond: number[]
}

const collectGarbage = globalThis.gc ?? (() => undefined)

const runCalls = async (call: Call, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    const status = await call(index)
    if (status !== 200) throw new Error(`answered ${String(status)} instead of 200`)
  }
}

/** Runs one stretch; gives its milliseconds. */
const runStretch = async ({ prepare, operation, contender }: Runner, count: number): Promise<number> => {
  try {
    const call = await prepare(count)
    collectGarbage()
    const start = performance.now()
    await runCalls(call, count)
    return performance.now() - start
  } catch (cause) {
    throw new Error(`${contender}: ${operation} failed`, { cause })
  }
}

/** Warms up, and finds how many calls fill a stretch. */
const calibrate = async (runner: Runner): Promise<void> => {
  let elapsed = await runStretch(runner, runner.count)
  while (elapsed < stretchMs && runner.count < most) {
    runner.count = Math.min(most, runner.count * 4)
    elapsed = await runStretch(runner, runner.count)
  }
  runner.count = Math.max(10, Math.min(most, Math.round((runner.count * stretchMs) / elapsed)))
}

const contenders = [floor, grantry, nodeOAuth, jmondi]
const runners = operations.map(({ name, goal }) =>
  contenders.flatMap((contender): Runner[] => {
    const prepare = contender.operations[name]
    return prepare === undefined
      ? []
      : [{ operation: name, contender: contender.name, goal, prepare, count: 25, perSecond: [] }]
  }),
)

const { machine, versions } = environment()
for (const [name, value] of Object.entries({ ...machine, ...versions })) console.log(`${name.padEnd(26)} ${value}`)
console.log(`${mode}: ${rounds} rounds, stretches of about ${stretchMs} ms\n`)

for (const runner of runners.flat()) await calibrate(runner)
for (let round = 0; round < rounds; round++) {
  for (const sameOperation of runners) {
    const first = round % sameOperation.length
    for (const runner of [...sameOperation.slice(first), ...sameOperation.slice(0, first)]) {
      runner.perSecond.push((runner.count * 1000) / (await runStretch(runner, runner.count)))
    }
  }
}

const series = runners
  .flat()
  .map(({ operation, contender, goal, perSecond }) => ({ operation, contender, goal, perSecond }))
const results: Results = { when: new Date().toISOString(), mode, machine, versions, series }
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`)
console.log(table(series))
console.log('\nRaw results: bench/results/latest.json')
