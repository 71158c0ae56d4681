import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { serveWorker } from './serve.ts'

const root = dirname(dirname(import.meta.dirname))

/** Entries that no framework and no module of Node is needed for. */
const portable = /^(?!\.\/(?:package\.json|node|express|fastify|koa|nest|testing\/node|storage\/sqlite)$)/

const entries = (): readonly string[] => {
  const manifest = readFileSync(join(root, 'packages/grantry/package.json'), 'utf8')
  const { exports } = JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> } // ours
  return Object.keys(exports).filter((entry) => portable.test(entry))
}

/** What a Worker of its own gave. */
export interface ColdUse {
  /** Of its script, unminified. */
  readonly bytes: number
  /** From the start of the process to the first token. */
  readonly ms: number
}

const secret = 'a secret of this check alone, which is long enough'

/** The example, with every entry that is portable loaded beside it: none may ask for chance, a clock or a server while it is loaded. */
const source = (): string => `
import worker from './examples/worker.ts'
${entries()
  .map((entry, index) => `import * as entry${index} from 'grantry${entry.slice(1)}'`)
  .join('\n')}
export default { ...worker, entries: [${entries()
  .map((_, index) => `entry${index}`)
  .join(', ')}] }`

/** Starts `examples/worker.ts` in workerd without modules of Node, gets a token over HTTP and uses it. Throws where that does not work. */
export const coldUse = async (): Promise<ColdUse> => {
  const { origin, bytes, startedAt, stop } = await serveWorker({
    source: source(),
    compatibilityDate: '2025-06-01',
    texts: { CLIENT_SECRET: secret },
  })
  try {
    const answer = await fetch(`${origin}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`app:${encodeURIComponent(secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'read' }),
    })
    const { access_token: token } = (await answer.json()) as { readonly access_token?: string } // absent in an error
    const ms = Math.round(performance.now() - startedAt)
    assert.equal(answer.status, 200)
    const asked = await fetch(`${origin}/files`, { headers: { authorization: `Bearer ${String(token)}` } })
    assert.deepEqual(await asked.json(), { owner: 'app' })
    assert.equal((await fetch(`${origin}/files`)).status, 401)
    return { bytes, ms }
  } finally {
    await stop()
  }
}
