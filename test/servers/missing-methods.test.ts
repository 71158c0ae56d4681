import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BackendApplicationServer,
  BearerToken,
  ConfigurationError,
  LegacyApplicationServer,
  MobileApplicationServer,
  Server,
  StoreValidator,
  WebApplicationServer,
  type ClientValidator,
  type CodeValidator,
  type IntrospectionValidator,
  type RefreshTokenValidator,
  type RevocationValidator,
  type ScopeValidator,
  type TokenValidator,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import ts from 'typescript'

type Base = ClientValidator & ScopeValidator & TokenValidator & IntrospectionValidator & RevocationValidator

/** What each preset asks of a validator, and nothing else, as the compiler sees it. Never called: compiling it is the test. */
export const compileOnly = (
  base: Base,
  web: Base & CodeValidator & RefreshTokenValidator,
  withoutScopes: Omit<StoreValidator, 'validateScopes'>,
): void => {
  new BackendApplicationServer(base)
  new MobileApplicationServer(base)
  new WebApplicationServer(web)
  new Server(web)
  // @ts-expect-error -- consumeAuthorizationCode and three more are missing
  new WebApplicationServer(base)
  // @ts-expect-error -- validateUser is missing
  new LegacyApplicationServer(web)
  // @ts-expect-error -- validateScopes is missing
  new BackendApplicationServer(withoutScopes)
  // @ts-expect-error -- saveToken is missing
  new BearerToken({ validateBearerToken: () => undefined })
}

describe('A missing method is a compile error that names it', () => {
  const compile = (source: string): string => {
    const file = new URL('missing-methods.generated.ts', import.meta.url).pathname
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      customConditions: ['grantry-source'],
      skipLibCheck: true,
    }
    const host = ts.createCompilerHost(options)
    const original = { ...host }
    host.fileExists = (name) => name === file || original.fileExists(name)
    host.readFile = (name) => (name === file ? source : original.readFile(name))
    host.getSourceFile = (name, ...rest) =>
      name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : original.getSourceFile(name, ...rest)
    const program = ts.createProgram([file], options, host)
    return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program, program.getSourceFile(file)), {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => '',
      getNewLine: () => '\n',
    })
  }

  test('in the error text of the compiler', () => {
    const errors = compile(`
      import { RequestValidator, Server, StoreValidator, WebApplicationServer } from 'grantry'
      declare const partial: Omit<StoreValidator, 'consumeAuthorizationCode'>
      new WebApplicationServer(partial)
      class Mine extends RequestValidator {}
      new Server(new Mine())
    `)
    assert.match(errors, /'consumeAuthorizationCode' is missing/)
    assert.match(
      errors,
      /non-abstract class 'Mine' is missing implementations .*'RequestValidator': 'validateClientId', 'authenticateClient'/is,
    )
  })
})

describe('JavaScript users are told the same by the constructor', () => {
  const without = (...names: readonly string[]): StoreValidator =>
    new Proxy(new StoreValidator(new MemoryStore()), {
      get: (target, name) =>
        typeof name === 'string' && names.includes(name) ? undefined : (Reflect.get(target, name) as unknown),
    })

  const told: readonly [name: string, make: () => unknown, message: RegExp][] = [
    [
      'one method',
      () => new Server(without('consumeAuthorizationCode')),
      /^Server: the validator lacks consumeAuthorizationCode\. Implement it/,
    ],
    [
      'two methods',
      () => new WebApplicationServer(without('saveToken', 'rotateRefreshToken')),
      /^WebApplicationServer: the validator lacks saveToken, rotateRefreshToken\. Implement them/,
    ],
    [
      'the user',
      () => new LegacyApplicationServer(without('validateUser')),
      /^LegacyApplicationServer: the validator lacks validateUser/,
    ],
    [
      'a bearer token alone',
      () => new BearerToken(without('validateBearerToken')),
      /^BearerToken: the validator lacks validateBearerToken/,
    ],
    ['no validator', () => new Server(undefined as unknown as StoreValidator), /first argument is the validator/],
  ]
  for (const [name, make, message] of told) {
    test(name, () => {
      assert.throws(make, (error: unknown) => error instanceof ConfigurationError && message.test(error.message))
    })
  }

  test('what a preset does not use is not asked for', () => {
    assert.ok(
      new BackendApplicationServer(
        without('consumeAuthorizationCode', 'saveAuthorizationCode', 'rotateRefreshToken', 'validateUser'),
      ),
    )
  })
})
