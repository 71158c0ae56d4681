import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Answer } from './play.ts'
import { clients, type Scenario } from './scenarios.ts'

const driver = join(import.meta.dirname, 'driver.py')

/** A Python that has oauthlib, with its version; undefined where there is none. */
export const findOauthlib = (): { readonly python: string; readonly version: string } | undefined => {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const { status, stdout } = spawnSync(python, [driver], { input: '', encoding: 'utf8' })
    if (status === 0) return { python, version: (JSON.parse(stdout) as { readonly version: string }).version }
  }
  return undefined
}

/** Plays scenarios against oauthlib. */
export const playOauthlib = async (
  python: string,
  scenarios: readonly Scenario[],
): Promise<readonly (readonly Answer[])[]> => {
  const child = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  for (const scenario of scenarios) child.stdin.write(`${JSON.stringify({ clients, ...scenario })}\n`)
  child.stdin.end()
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) lines.push(line)
  await ended
  return lines.slice(1).map((line) => JSON.parse(line) as readonly Answer[])
}
