/** All that can be told of the tree without running it: lint with the layer rules, format, types, documentation, build and packaging. */
import { runSteps, type Step } from './run-steps.ts'

const packages = ['packages/grantry', 'packages/server']
const build = 'build'

const source: readonly Step[] = [
  { name: 'lint and layers', command: ['eslint', '.'] },
  { name: 'schema is as defined', command: ['node', 'tools/generate-schema.ts', '--check'] },
  {
    name: 'configuration is as the settings',
    command: ['node', '--conditions=grantry-source', 'tools/generate-config.ts', '--check'],
  },
  {
    name: 'oauthlib, name by name, is as written',
    command: ['node', '--conditions=grantry-source', 'tools/parity.ts', '--check'],
  },
  {
    name: 'attacks and certification are as written',
    command: ['node', '--conditions=grantry-source', 'tools/attacks.ts', '--check'],
  },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
]

const published: readonly Step[] = [
  { name: 'types', command: ['tsc', '--project', 'tsconfig.json'] },
  {
    name: 'types of the toolkit without Node',
    command: ['tsc', '--project', 'packages/grantry/tsconfig.portable.json'],
  },
  { name: 'types of the script of pages', command: ['tsc', '--project', 'packages/server/browser/tsconfig.json'] },
  { name: 'documentation of every export', command: ['typedoc', '--emit', 'none', '--treatWarningsAsErrors'] },
  { name: build, command: ['npm', 'run', '--silent', 'build'] },
  ...packages.flatMap((folder): Step[] => [
    { name: `publint ${folder}`, command: ['publint', 'run', folder, '--strict'], after: build },
    {
      name: `attw ${folder}`,
      command: ['attw', '--pack', folder, '--profile', 'esm-only', '--format', 'ascii'],
      after: build,
    },
  ]),
  { name: 'size of grantry/resource', command: ['node', 'tools/bundle-size.ts'] },
  { name: 'packed packages work', command: ['node', 'tools/packed-smoke.ts'], after: build },
]

// Two lanes for two processors; the linter alone takes about as long as all the rest.
if (!(await runSteps([source, published]))) process.exitCode = 1
