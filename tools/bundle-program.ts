/**
 * Makes `packages/server/program`: the command `grantry-server` as it is published, in some dozens of files instead of the
 * eight hundred modules that they were, which take longer to find and read than all that most commands do (decision 0044).
 * Where there is no bundler, it is what `npm run build` compiled, by another name.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle, hasBundler } from './esbuild.ts'

const root = dirname(import.meta.dirname)
const server = join(root, 'packages/server')
const program = join(server, 'program')
/** Another process may make the same at the same time: each does so aside, and puts it in place at once. */
const aside = join(server, `.program-${process.pid}`)

/** CommonJS, which finds what it needs while it runs; most of it is loaded only where a setting asks for it. */
const external = ['pg', 'pino', '@opentelemetry/*', 'prom-client', 'yaml']

/** The names and the licences of packages whose code is in the bundle, as these ask for. */
const licences = (files: readonly string[]): string => {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []))
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
        readonly [member in 'name' | 'version' | 'license']: string // every published package has them
      }
      const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each))
      const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim()
      return `${name} ${version} (${license})\n\n${text}\n`
    })
    .join('\n')
}

const entries = ['packages/server/src/main.ts', 'packages/server/src/accounts/password-worker.ts']
mkdirSync(aside)
try {
  if (hasBundler) {
    const options = ['--splitting', '--platform=node', '--target=node22', '--entry-names=[name]', `--outdir=${aside}`]
    const metafile = join(aside, 'meta.json')
    const files = bundle([...options, ...external.map((name) => `--external:${name}`), ...entries], { metafile })
    rmSync(metafile)
    writeFileSync(join(aside, 'LICENSES.txt'), licences(files))
  } else {
    writeFileSync(join(aside, 'main.js'), "#!/usr/bin/env node\nawait import('../dist/main.js')\n")
  }
  rmSync(program, { recursive: true, force: true })
  renameSync(aside, program)
} finally {
  rmSync(aside, { recursive: true, force: true })
}
