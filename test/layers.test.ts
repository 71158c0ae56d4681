import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { suite, test } from 'node:test'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'

/** What each layer may import, beside itself. A copy of the table in CONTRIBUTING.md, not of the linter's configuration. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  util: [],
  core: ['util'],
  platform: ['core', 'util'],
  keys: ['core', 'util'],
  tokens: ['keys', 'core', 'util'],
  outbound: ['core', 'util'],
  registration: ['outbound', 'keys', 'core', 'util'],
  'client-auth': ['outbound', 'keys', 'core', 'util'],
  grants: ['keys', 'core', 'util'],
  'response-types': ['tokens', 'keys', 'core', 'util'],
  endpoints: ['response-types', 'grants', 'client-auth', 'registration', 'outbound', 'tokens', 'keys', 'core', 'util'],
  servers: [
    'endpoints',
    'response-types',
    'grants',
    'client-auth',
    'registration',
    'outbound',
    'tokens',
    'keys',
    'core',
    'util',
  ],
  resource: ['outbound', 'tokens', 'keys', 'core', 'util'],
  storage: ['core', 'util'],
  adapters: ['servers', 'core', 'util'],
  compat: ['adapters', 'servers', 'response-types', 'grants', 'client-auth', 'tokens', 'core', 'util'],
}
const layers = Object.keys(mayImport)

// The files exist only here, so the rules that need types of a project are off; the layer rules need none.
const eslint = new ESLint({ cwd: dirname(import.meta.dirname), overrideConfig: [tseslint.configs.disableTypeChecked] })

/** The import rules that a file with these lines breaks, as line numbers with messages. */
const lint = async (file: string, lines: readonly string[]): Promise<ReadonlyMap<number, string>> => {
  const [result] = await eslint.lintText(`${lines.join('\n')}\n`, { filePath: `packages/grantry/src/${file}` })
  const messages = result?.messages ?? []
  assert.deepEqual(
    messages.filter(({ fatal }) => fatal),
    [],
    'the snippet must parse',
  )
  const ofImports = messages.filter(({ ruleId }) => ruleId === 'no-restricted-imports')
  return new Map(ofImports.map(({ line, message }) => [line, message]))
}

suite('a layer may import only what the table says', () => {
  for (const layer of layers) {
    const others = layers.filter((other) => other !== layer)
    const allowed = mayImport[layer] ?? []
    test(`${layer} -> ${allowed.join(', ') || 'nothing'}`, async () => {
      const broken = await lint(
        `${layer}/snippet.ts`,
        others.map((other) => `import '../${other}/x.ts'`),
      )
      const refused = others.filter((_, index) => broken.has(index + 1))
      assert.deepEqual(
        refused,
        others.filter((other) => !allowed.includes(other)),
      )
    })
  }
})

const refused: [name: string, file: string, line: string, message: RegExp][] = [
  [
    'a type of a higher layer',
    'core/snippet.ts',
    "import type { Server } from '../servers/server.ts'",
    /"core" may import only: util/,
  ],
  [
    'what is exported from a higher layer',
    'core/snippet.ts',
    "export { Server } from '../servers/server.ts'",
    /may import only/,
  ],
  ['a sibling grant', 'grants/snippet.ts', "import './password.ts'", /"grants" do not import each other/],
  ['a sibling endpoint', 'endpoints/snippet.ts', "import './token.ts'", /"endpoints" do not import each other/],
  [
    'a sibling client authentication',
    'client-auth/snippet.ts',
    "import './none.ts'",
    /"client-auth" do not import each other/,
  ],
  [
    'a sibling response type',
    'response-types/snippet.ts',
    "import './code.ts'",
    /"response-types" do not import each other/,
  ],
  ['jose in tokens', 'tokens/snippet.ts', "import { SignJWT } from 'jose'", /Only keys\/ and platform\/ import jose/],
  ['a subpath of jose in servers', 'servers/snippet.ts', "import 'jose/jwt/sign'", /import jose/],
  ['node: in keys', 'keys/snippet.ts', "import { sign } from 'node:crypto'", /may import node: modules/],
  ['node: in core', 'core/snippet.ts', "import { hash } from 'node:crypto'", /may import node: modules/],
  ['node: in the memory store', 'storage/memory.ts', "import { hash } from 'node:crypto'", /may import node: modules/],
  [
    'node: in the platform of the web',
    'platform/web.ts',
    "import { hash } from 'node:crypto'",
    /may import node: modules/,
  ],
  ['a file without its ending', 'core/snippet.ts', "import '../util/clock'", /\.ts ending/],
  ['a sibling without its ending', 'core/snippet.ts', "import './scope'", /\.ts ending/],
  ['a file with the ending of what is built', 'core/snippet.ts', "import './scope.js'", /\.ts ending/],
  [
    'a higher layer in a file that may use node:',
    'platform/node.ts',
    "import '../tokens/bearer-token.ts'",
    /"platform" may import only/,
  ],
  ['jose in a file that may use node:', 'adapters/node.ts', "import { SignJWT } from 'jose'", /import jose/],
]

suite('the linter refuses', () => {
  for (const [name, file, line, message] of refused) {
    test(`${name} (${file})`, async () => assert.match((await lint(file, [line])).get(1) ?? 'nothing refused', message))
  }
})

const accepted: [name: string, file: string, lines: readonly string[]][] = [
  [
    'a grant that uses core and util',
    'grants/snippet.ts',
    ["import '../core/errors.ts'", "import '../util/form.ts'", "import '#platform'"],
  ],
  ['a sibling in a layer whose files build on each other', 'core/snippet.ts', ["import './scope.ts'"]],
  ['jose in keys', 'keys/snippet.ts', ["import { SignJWT } from 'jose'"]],
  ['node: in the platform of Node', 'platform/node.ts', ["import { hash } from 'node:crypto'"]],
  ['node: in the exchange of Node', 'platform/node-exchange.ts', ["import { request } from 'node:https'"]],
  ['node: in the adapter of Node', 'adapters/node.ts', ["import { createServer } from 'node:http'"]],
  ['node: in the SQLite store', 'storage/sqlite.ts', ["import { DatabaseSync } from 'node:sqlite'"]],
]

suite('the linter accepts', () => {
  for (const [name, file, lines] of accepted) {
    test(`${name} (${file})`, async () => assert.deepEqual([...(await lint(file, lines))], []))
  }
})
