/**
 * Packs both packages as `npm publish` would, unpacks them into an empty project, and uses them from there: type-checks a program
 * against the declarations, runs it, and loads every entry. What works from the sources may still be missing in the package.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  /** Of an entry for those who have it. */
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

const root = dirname(import.meta.dirname)
const packages = ['packages/grantry', 'packages/server'].map((folder) => join(root, folder))
// JSON.parse gives `any`; these are our own files.
const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

const program = `import { registerClient, Server, StoreValidator } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const { client, secret } = await registerClient(store, { grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const headers = { Authorization: 'Basic ' + btoa(client.id + ':' + (secret ?? '')) }
const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'read' })
const response = await server.fetch(new Request('https://as.example/token', { method: 'POST', headers, body }))
const { access_token: token } = (await response.json()) as { readonly access_token?: string }
if (response.status !== 200 || !token) throw new Error('no token: ' + response.status)
`

const loadEntries = (manifests: readonly Manifest[]): string =>
  manifests
    .flatMap(({ name, exports }) => Object.keys(exports).map((entry) => name + entry.slice(1)))
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => `await import('${entry}')\n`)
    .join('')

/** Unpacks a package, and links the dependencies it names from where they are installed already: no network is needed. */
const install = (folder: string, project: string): void => {
  const { name, dependencies, peerDependencies } = readManifest(folder)
  const target = join(project, 'node_modules', name)
  const tarball = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], {
    cwd: folder,
  })
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(project, tarball.toString().trim()), '-C', target, '--strip-components=1'])
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
    const at = [folder, root].map((base) => join(base, 'node_modules', dependency)).find((path) => existsSync(path))
    if (at === undefined) throw new Error(`${name} depends on ${dependency}, which is not installed.`)
    const link = join(project, 'node_modules', dependency)
    if (dependency.startsWith('grantry') || existsSync(link)) continue
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(at, link, 'junction')
  }
}

const typeCheck = (project: string): void => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom,dom.iterable',
  ]
  execFileSync(process.execPath, [tsc, ...options, 'program.mts'], { cwd: project, stdio: 'inherit' })
}

const project = mkdtempSync(join(tmpdir(), 'grantry-packed-'))
try {
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  for (const folder of packages) install(folder, project)
  writeFileSync(join(project, 'program.mts'), program)
  writeFileSync(join(project, 'entries.mjs'), loadEntries(packages.map(readManifest)))
  typeCheck(project)
  for (const file of ['program.mts', 'entries.mjs']) {
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], { cwd: project, stdio: 'inherit' })
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
