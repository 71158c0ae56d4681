/**
 * What protecting an API adds to a bundle: `protect` of `grantry/resource` and all that it reaches, minified and compressed, with jose apart,
 * which most programs that have tokens have already. Fails where it is over the limit, or reaches code that issues tokens.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>
}

/** Bytes after gzip. */
const limit = 12_288
/** Of a server on Node, and of runtimes with the web standards. */
const platforms = ['node', 'browser']
const forbidden = /src\/(?:grants|endpoints|servers|response-types|client-auth|registration|storage)\//

const root = dirname(import.meta.dirname)
const esbuild = join(root, 'node_modules/@esbuild/linux-x64/bin/esbuild')

/** Bundles some exports, and gives its size and its files. */
const bundle = (exported: string, platform: string, more: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-bundle-'))
  try {
    const [out, meta] = [join(folder, 'bundle.js'), join(folder, 'meta.json')]
    const options = ['--bundle', '--minify', '--format=esm', `--platform=${platform}`, '--conditions=grantry-source']
    execFileSync(esbuild, [...options, ...more, `--outfile=${out}`, `--metafile=${meta}`, '--log-level=error'], {
      input: `export ${exported} from 'grantry/resource'`,
      cwd: root,
    })
    const { inputs } = JSON.parse(readFileSync(meta, 'utf8')) as Metafile // written by esbuild
    return { bytes: gzipSync(readFileSync(out), { level: 9 }).length, files: Object.keys(inputs) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const check = (platform: string): boolean => {
  const { bytes, files } = bundle('{ protect }', platform, ['--external:jose'])
  const withJose = bundle('{ protect }', platform, []).bytes
  const reached = files.filter((file) => forbidden.test(file))
  console.log(`grantry/resource, ${platform}: ${bytes} of ${limit} bytes, ${withJose} with jose`)
  if (reached.length > 0) console.error(`It reaches ${reached.join(', ')}.`)
  return bytes <= limit && reached.length === 0
}

if (!existsSync(esbuild)) console.log('skipped: the bundler is there on Linux x64 alone')
else if (!platforms.map(check).every(Boolean)) process.exitCode = 1
