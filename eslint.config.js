import js from '@eslint/js'
import * as regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

/**
 * What each layer of the toolkit may import (CONTRIBUTING.md, "How the tree is cut").
 * A layer that is not named here may import nothing.
 */
const layers = {
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
  testing: ['adapters', 'storage', 'servers', 'grants', 'tokens', 'keys', 'core', 'util'],
}

/** Layers whose files stand alone: one file per grant, response type, ... and no import between them. */
const noSiblings = ['grants', 'response-types', 'endpoints', 'client-auth']

/** Files that may use Node's own modules. Everything else runs on every JavaScript runtime. */
const nodeFiles = [
  'packages/grantry/src/platform/node*.ts',
  'packages/grantry/src/adapters/{node,node-certificate,node-certificate-names,framework-request,express,fastify,koa,nest}.ts',
  'packages/grantry/src/storage/sqlite*.ts',
  'packages/grantry/src/testing/node.ts',
]

const importRules = (layer) => {
  const forbidden = Object.keys(layers).filter((other) => other !== layer && !layers[layer].includes(other))
  const patterns = [
    {
      group: forbidden.map((other) => `../${other}/*`),
      message: `The layer "${layer}" may import only: ${layers[layer].join(', ') || 'nothing'}.`,
    },
    { regex: '^\\.\\.?/.*(?<!\\.ts)$', message: 'Name the file with its .ts ending.' },
  ]
  if (noSiblings.includes(layer))
    patterns.push({ regex: '^\\./', message: `Files of "${layer}" do not import each other.` })
  if (layer !== 'keys' && layer !== 'platform')
    patterns.push({ regex: '^jose', message: 'Only keys/ and platform/ import jose.' })
  return patterns
}

const nodeModules = {
  regex: '^node:',
  message: 'Only platform/node*.ts, storage/sqlite.ts and adapters/node.ts may import node: modules.',
}

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'packages/server/{program,.program-*}/**',
      '**/node_modules/**',
      'test/docs/.generated-*/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-invalid-void-type': 'off', // a validator method may return nothing or an outcome
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }], // parameters that only a contract asks for
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/require-await': 'off', // validators and test doubles are async by contract
      eqeqeq: 'error',
      'max-lines': ['error', { max: 250 }],
      'max-params': ['error', 4],
      'no-console': 'error',
    },
  },
  ...Object.keys(layers).map((layer) => ({
    files: [`packages/grantry/src/${layer}/**/*.ts`],
    ignores: nodeFiles,
    rules: { 'no-restricted-imports': ['error', { patterns: [...importRules(layer), nodeModules] }] },
  })),
  ...['platform', 'adapters', 'storage', 'testing'].map((layer) => ({
    files: nodeFiles.filter((file) => file.includes(`/${layer}/`)),
    rules: { 'no-restricted-imports': ['error', { patterns: importRules(layer) }] },
  })),
  {
    files: ['packages/*/src/**/*.ts'],
    plugins: { regexp },
    rules: {
      // What strangers send is matched in a time that grows with its length, not with the square of it.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    files: ['packages/grantry/src/**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'globalThis', 'navigator', 'Bun', 'Deno'].map((name) => ({
          name,
          message: 'What differs between runtimes is in platform/, chosen by the conditions of package.json.',
        })),
        { name: 'Date', message: 'Time comes in as `now`.' },
      ],
    },
  },
  {
    files: [
      'test/**/*.ts',
      'bench/**/*.ts',
      'reliability/**/*.ts',
      'tools/**/*.ts',
      'runtimes/**/*.ts',
      'examples/**/*.ts',
    ],
    rules: { 'no-console': 'off', 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'error' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['packages/server/browser/*.js'], rules: { 'no-undef': 'off' } }, // the compiler knows what browsers have
)
