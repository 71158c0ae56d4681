/** The bundler, where there is one: its package for each platform has a binary, and only that of Linux x64 is installed (decision 0033). */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const binary = join(root, 'node_modules/@esbuild/linux-x64/bin/esbuild')

/** Whether this machine can bundle. */
export const hasBundler = existsSync(binary)

/** Bundles for ES modules from the sources, and gives the paths of the files that it took, from the root of the repository. */
export const bundle = (
  options: readonly string[],
  { metafile, input }: { readonly metafile: string; readonly input?: string },
): readonly string[] => {
  const common = ['--bundle', '--format=esm', '--conditions=grantry-source', '--log-level=error']
  execFileSync(binary, [...common, ...options, `--metafile=${metafile}`], {
    cwd: root,
    ...(input !== undefined && { input }),
  })
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { inputs: Readonly<Record<string, unknown>> } // written by esbuild
  return Object.keys(inputs)
}
