/**
 * What protecting an API adds to a bundle: `protect` of `grantry/resource` and all that it reaches, minified and compressed, with jose apart,
 * which most programs that have tokens have already. Fails where it is over the limit, or reaches code that issues tokens.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundle, hasBundler } from './esbuild.ts'

/** Bytes after gzip. */
const limit = 12_288
/** Of a server on Node, and of runtimes with the web standards. */
const platforms = ['node', 'browser']
const forbidden = /src\/(?:grants|endpoints|servers|response-types|client-auth|registration|storage)\//

/** Bundles some exports, and gives its size and its files. */
const measure = (exported: string, platform: string, more: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-bundle-'))
  try {
    const out = join(folder, 'bundle.js')
    const files = bundle(['--minify', `--platform=${platform}`, `--outfile=${out}`, ...more], {
      metafile: join(folder, 'meta.json'),
      input: `export ${exported} from 'grantry/resource'`,
    })
    return { bytes: gzipSync(readFileSync(out), { level: 9 }).length, files }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const check = (platform: string): boolean => {
  const { bytes, files } = measure('{ protect }', platform, ['--external:jose'])
  const withJose = measure('{ protect }', platform, []).bytes
  const reached = files.filter((file) => forbidden.test(file))
  console.log(`grantry/resource, ${platform}: ${bytes} of ${limit} bytes, ${withJose} with jose`)
  if (reached.length > 0) console.error(`It reaches ${reached.join(', ')}.`)
  return bytes <= limit && reached.length === 0
}

if (!hasBundler) console.log('skipped: the bundler is there on Linux x64 alone')
else if (!platforms.map(check).every(Boolean)) process.exitCode = 1
