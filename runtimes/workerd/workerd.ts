import { execFileSync } from 'node:child_process'
import type { TestResult } from '../results.ts'
import type { Runtime } from '../runtime.ts'
import { serveWorker, workerd } from './serve.ts'

const limitMs = 60_000

const sourceOf = (files: readonly string[]): string => `
import { testWorker } from './runtimes/workerd/test-worker.ts'
export default testWorker({
${files.map((file) => `  '${file}': () => import('./${file}'),`).join('\n')}
})`

/** What a file gives; undefined where there is no answer in time. */
const ask = async (origin: string, file: string): Promise<readonly TestResult[] | undefined> => {
  const url = `${origin}/?${new URLSearchParams({ file }).toString()}`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) })
    return (await response.json()) as readonly TestResult[] // by test-worker.ts
  } catch {
    return undefined
  }
}

/** The runtime of Cloudflare Workers. It has no test runner, so a Worker runs the files and tells of them. */
export const workerdRuntime: Runtime = {
  name: 'workerd',
  title: 'workerd',
  platform: 'web',
  version: () => execFileSync(workerd, ['--version'], { encoding: 'utf8' }).replace('workerd', '').trim(),
  run: async (files, done) => {
    const serve = () => serveWorker({ source: sourceOf(files), compatibilityDate: '2026-11-01', answersItself: true })
    let worker = await serve()
    try {
      for (const file of files) {
        const results = await ask(worker.origin, file)
        done(file, results ?? [{ name: '(the file)', outcome: 'failed', message: `no answer in ${limitMs} ms` }])
        if (results !== undefined) continue
        await worker.stop() // what hangs may go on and on
        worker = await serve()
      }
    } finally {
      await worker.stop()
    }
  },
}
