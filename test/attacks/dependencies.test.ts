/** What others could bring into the packages: dependencies, and the scripts that they run. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = dirname(dirname(import.meta.dirname))
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> }
const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
/** What users of the packages get: not what is here for development, nor a framework that they have themselves. */
const shipped = installed.filter(
  ([, { dev, optional, devOptional }]) => dev !== true && optional !== true && devOptional !== true,
)
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

test('every package is locked by its digest', () => {
  assert.ok(installed.length > 100)
  for (const [path, { integrity }] of installed) assert.match(integrity ?? '', /^sha512-/, path)
})

test('nothing of what users get runs a script when it is installed, nor do the packages', () => {
  assert.ok(shipped.length > 5)
  assert.deepEqual(shipped.filter(([, each]) => each.hasInstallScript === true), []) // prettier-ignore
  for (const path of ['packages/grantry/package.json', 'packages/server/package.json'])
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.ok(!(script in ((read(path) as Manifest).scripts ?? {})), `${path}: ${script}`)
})

test('every dependency is pinned to a version, and has its reason in a decision', () => {
  const reasons = readFileSync(join(root, 'docs/decisions/0007-dependencies.md'), 'utf8')
  for (const path of ['package.json', 'packages/grantry/package.json', 'packages/server/package.json']) {
    const { dependencies = {}, devDependencies = {} } = read(path) as Manifest
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      assert.match(version, /^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/, name)
    for (const name of Object.keys(dependencies)) assert.ok(name === 'grantry' || reasons.includes(`**${name}**`), name)
  }
})

test('the toolkit has two dependencies, which have none; what the server gets in all is few', () => {
  const { dependencies = {} } = read('packages/grantry/package.json') as Manifest
  assert.deepEqual(Object.keys(dependencies).sort(), ['@noble/hashes', 'jose'])
  for (const name of Object.keys(dependencies)) assert.equal(packages[`node_modules/${name}`]?.dependencies, undefined)
  const names = new Set(shipped.map(([path]) => nameOf(path)))
  assert.ok(names.size <= 80, [...names].join(' '))
})

test('licences of what users get permit any use', () => {
  const permissive = /^(?:MIT|ISC|Apache-2\.0|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|\(?MIT OR [\w. -]+\)?)$/
  for (const [path, { license = '' }] of shipped) assert.match(license, permissive, path)
})
