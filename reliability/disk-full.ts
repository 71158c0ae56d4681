import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Store } from 'grantry'
import { codeOf, makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { DiskFullClient } from './disk-full-client.ts'
import { checkJournal, type Found } from './kill-checks.ts'
import { member, post, type Target } from './kill-client.ts'
import type { JournalledCode } from './kill-journal.ts'
import { startNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { until } from './postgres-bench.ts'
import type { SmallDisk } from './small-disk.ts'

/** What filling the disk again and again gave. */
export interface DiskFullFigures extends Found {
  /** Answers of success. */
  acknowledged: number
  /** Answers 503 with `Retry-After`. */
  unavailable: number
  /** Other answers. */
  wrong: number
  /** What is read or kept in memory, asked while the disk is full and not answered. */
  readsRefused: number
  /** Rows of tokens and codes without their family. */
  orphans: number
  /** What is wrong in the file itself, by its own check. */
  damages: number
  /** Ends of the server. */
  ends: number
  /** How often the database ended itself. */
  databaseCrashes: number
  /** Milliseconds from the moment at which there is room again to the first token. */
  longestRecoveryMs: number
}

/** A server on a database on a small disk. */
export interface DiskFullBench {
  readonly program: NodeProgram
  readonly store: Store
  readonly disk: SmallDisk
  /** Makes the database need the room that is not there, and says whether it is still up. */
  readonly press: () => Promise<boolean>
  /** What an operator does, once there is room, before the database can go on. */
  readonly mend: () => Promise<void>
  /** Whether reads must go on while the disk is full. */
  readonly canRead: boolean
  readonly orphans: () => Promise<number>
  readonly damages: () => number
}

const makeCodes = async (store: Store, clientId: string, client: DiskFullClient): Promise<JournalledCode[]> => {
  const entries = Array.from({ length: 200 }, () => client.journal.addCode(randomUUID()))
  const now = Math.floor(Date.now() / 1000)
  for (const { code } of entries) {
    const [row, grant] = codeOf(code, clientId, randomUUID(), now)
    await store.putCode({ ...row, expiresAt: now + 600 }, grant)
  }
  return entries
}

const countReadsRefused = async (target: Target, token: string): Promise<number> => {
  const { members } = await post(target, '/introspect', { token })
  const metadata = await fetch(`${target.url}/.well-known/oauth-authorization-server`)
  await metadata.text()
  return (members['active'] === true ? 0 : 1) + (metadata.status === 200 ? 0 : 1)
}

/** Fills the disk until enough was refused, makes room, and waits for the next token. */
const fillOnce = async (
  { disk, press, mend, canRead }: DiskFullBench,
  client: DiskFullClient,
  target: Target,
): Promise<{ readonly refused: number; readonly recoveryMs: number; readonly isUp: boolean }> => {
  let isUp = true
  const answer = await post(target, '/token', { grant_type: 'client_credentials' })
  const before = client.unavailable
  await until('answers 503', async () => {
    disk.fill()
    if (!(await press())) isUp = false
    return client.unavailable >= before + 50
  })
  const refused = canRead ? await countReadsRefused(target, member(answer, 'access_token')) : 0
  disk.free()
  await mend()
  const start = performance.now()
  await until('a token', () => client.isServed())
  const recoveryMs = performance.now() - start
  await setTimeout(200)
  return { refused, recoveryMs, isUp }
}

const workers = 8

const targetAt = (url: string, credentials: Credentials): Target => ({ url, credentials, newCode: async () => '' })

const fillAgainAndAgain = async (
  bench: DiskFullBench,
  server: NodeProcess,
  cycles: number,
): Promise<DiskFullFigures> => {
  const credentials = await makeClient(bench.store, 'app', 'always')
  const target = targetAt(server.url, credentials)
  const client = new DiskFullClient(target)
  const codes = await makeCodes(bench.store, 'app', client)
  const working = Promise.all(Array.from({ length: workers }, () => client.work(codes)))
  let [longestRecoveryMs, readsRefused, databaseCrashes] = [0, 0, 0]
  for (let cycle = 0; cycle < cycles; cycle++) {
    const outcome = await Promise.race([fillOnce(bench, client, target), working.then(() => undefined)])
    longestRecoveryMs = Math.max(longestRecoveryMs, outcome?.recoveryMs ?? Infinity)
    readsRefused += outcome?.refused ?? 0
    if (outcome?.isUp === false) databaseCrashes++
  }
  client.stop()
  await working
  const ends = server.isAlive() ? 0 : 1
  await server.end('SIGKILL') // what is only in its memory is gone
  const { acknowledged } = client.journal
  const restarted = await startNode(bench.program)
  try {
    const found: Found = { lost: 0, revived: 0, doubles: 0, recovered: 0 }
    await checkJournal(targetAt(restarted.url, credentials), client.journal, found)
    const { unavailable, wrong } = client
    const rows = { orphans: await bench.orphans(), damages: bench.damages() }
    const answers = { acknowledged, unavailable, wrong, readsRefused }
    return { ...found, ...rows, ...answers, ends, databaseCrashes, longestRecoveryMs }
  } finally {
    await restarted.end('SIGKILL')
  }
}

/** Fills the disk so many times while clients work, and compares what they were told with what is there in the end. */
export const fillDisk = async (bench: DiskFullBench, cycles: number): Promise<DiskFullFigures> => {
  const server = await startNode(bench.program)
  try {
    return await fillAgainAndAgain(bench, server, cycles)
  } finally {
    await server.end('SIGKILL')
  }
}
