import { execFileSync } from 'node:child_process'
import type { TestResult } from '../results.ts'
import type { Runtime } from '../runtime.ts'
import { serveWorker, workerd } from './serve.ts'

const limitMs = 120_000

const sourceOf = (files: readonly string[]): string => `
import { testWorker } from './runtimes/workerd/test-worker.ts'
export default testWorker({
${files.map((file) => `  '${file}': () => import('./${file}'),`).join('\n')}
})`

const ask = async (origin: string, file: string): Promise<readonly TestResult[]> => {
  try {
    const response = await fetch(`${origin}/?${new URLSearchParams({ file }).toString()}`, {
      signal: AbortSignal.timeout(limitMs),
    })
    return (await response.json()) as readonly TestResult[] // by test-worker.ts
  } catch (error) {
    return [{ name: '(the file)', outcome: 'failed', message: String(error) }]
  }
}

/** The runtime of Cloudflare Workers. It has no test runner, so a Worker runs the files and tells of them. */
export const workerdRuntime: Runtime = {
  name: 'workerd',
  title: 'workerd',
  platform: 'web',
  version: () => execFileSync(workerd, ['--version'], { encoding: 'utf8' }).replace('workerd', '').trim(),
  run: async (files, done) => {
    const { origin, stop } = await serveWorker({
      source: sourceOf(files),
      compatibilityDate: '2026-11-01',
      answersItself: true,
    })
    try {
      for (const file of files) done(file, await ask(origin, file))
    } finally {
      await stop()
    }
  },
}
