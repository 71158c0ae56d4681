import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

/** The packages of a lock file with their versions. */
const versionsIn = (path: string): string => {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as Lock // written by npm
  return JSON.stringify(Object.entries(packages).flatMap(([at, { version }]) => (at === '' ? [] : [[at, version]])))
}

/** Installs the runtimes, about 1 GB, unless those that are wanted are there. */
export const installRuntimes = (): void => {
  const installed = join(here, 'node_modules/.package-lock.json')
  if (existsSync(installed) && versionsIn(installed) === versionsIn(join(here, 'package-lock.json'))) return
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
}
