/** Which half of `#platform` the conditions of a runtime, or of a bundler for it, choose. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'

const root = dirname(import.meta.dirname)
const esbuild = join(root, 'node_modules/@esbuild/linux-x64/bin/esbuild')
const skip = existsSync(esbuild) ? false : 'the bundler is there on Linux x64 alone'

const rows: [runtime: string, conditions: readonly string[], platform: 'node' | 'web'][] = [
  ['Node', ['node', 'import'], 'node'],
  ['Bun', ['bun', 'node', 'import'], 'node'],
  ['Deno', ['deno', 'node', 'import'], 'node'],
  ['Cloudflare Workers', ['workerd', 'worker', 'browser', 'import'], 'web'],
  ['Vercel Edge', ['edge-light', 'worker', 'browser', 'import'], 'web'],
  ['a browser', ['browser', 'import'], 'web'],
  ['a runtime that says nothing', ['import'], 'web'],
]

describe('#platform', { skip }, () => {
  for (const [runtime, conditions, platform] of rows) {
    test(`${runtime} → platform/${platform}.ts`, () => {
      const options = ['--bundle', '--format=esm', '--platform=neutral', '--main-fields=main', '--log-level=error']
      const script = execFileSync(
        esbuild,
        [...options, '--external:node:*', `--conditions=${['grantry-source', ...conditions].join(',')}`],
        { input: "export * from '#platform'", cwd: join(root, 'packages/grantry'), encoding: 'utf8' },
      )
      const files = [...script.matchAll(/^\/\/ src\/platform\/(node|web)\.ts$/gm)].map(([, name]) => name)
      assert.deepEqual([...new Set(files)], [platform])
      assert.equal(script.includes('"node:'), platform === 'node')
    })
  }
})
