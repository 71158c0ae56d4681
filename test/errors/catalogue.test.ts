/** `docs/reference/errors.md` says what the code says: every reason with its text, every error class with its code and status. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import * as grantry from 'grantry'
import {
  AccessDeniedError,
  AccountSelectionRequiredError,
  AuthorizationPendingError,
  BackchannelRequestError,
  BearerError,
  ConsentRequiredError,
  ExpiredTokenError,
  FatalClientError,
  InteractionRequiredError,
  InvalidAuthorizationDetailsError,
  InvalidClientError,
  InvalidClientMetadataError,
  InvalidDpopProofError,
  InvalidGrantError,
  InvalidRedirectUriError,
  InvalidRequestError,
  InvalidRequestObjectError,
  InvalidRequestUriError,
  InvalidScopeError,
  InvalidSoftwareStatementError,
  InvalidTargetError,
  LoginRequiredError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  reasons,
  RequestNotSupportedError,
  ServerError,
  SlowDownError,
  TemporarilyUnavailableError,
  TooManyRequestsError,
  UnapprovedSoftwareStatementError,
  UnauthorizedClientError,
  UnmetAuthenticationRequirementsError,
  UnsupportedGrantTypeError,
  UnsupportedResponseTypeError,
  UnsupportedTokenTypeError,
  UseDpopNonceError,
  type OAuthError,
} from 'grantry'
import ts from 'typescript'

const root = dirname(dirname(import.meta.dirname))
const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
const sourceFolder = join(root, 'packages/grantry/src')

/** The text of a section of the page, without its heading. */
const section = (heading: string): string => page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''

/** The cells of the rows of all tables in a text whose first cell is code. */
const rowsOf = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, cells = '']) => cells.split(' | '))

const withoutTicks = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

describe('Reasons', () => {
  test('slugs and texts of the page are those of the code, in the same order', () => {
    const listed = rowsOf(section('Reasons')).map(([slug, text]) => [withoutTicks(slug), text])
    assert.deepEqual(listed, Object.entries(reasons))
  })

  test('they stand under the headings of the code', () => {
    const source = readFileSync(join(sourceFolder, 'core/reasons.ts'), 'utf8')
    const inCode = [...source.matchAll(/^ {2}(?:\/\/ (?<heading>.+)|(?<slug>\w+):)/gm)]
    const inPage = [...section('Reasons').matchAll(/^(?:### (?<heading>.+)|\| `(?<slug>\w+)`.*)$/gm)]
    const names = (matches: readonly RegExpExecArray[]) =>
      matches.map(({ groups }) => (groups?.['heading'] === undefined ? groups?.['slug'] : `# ${groups['heading']}`))
    assert.ok(inCode.length > 50)
    assert.deepEqual(names(inPage), names(inCode))
  })
})

/** One instance of each class for each code and status that it can have. */
const instances: readonly OAuthError[] = [
  new InvalidRequestError('parameter_missing', { description: 'x' }),
  new PayloadTooLargeError(1),
  new MethodNotAllowedError('POST'),
  new InvalidClientError('client_unknown'),
  new InvalidGrantError('code_unknown'),
  new UnauthorizedClientError('grant_type_not_allowed', { description: 'x' }),
  new UnsupportedGrantTypeError(),
  new UnsupportedResponseTypeError(),
  new InvalidScopeError('scope_malformed', { description: 'x' }),
  new InvalidTargetError('resource_malformed', { description: 'x' }),
  new AccessDeniedError(),
  new InteractionRequiredError(),
  new LoginRequiredError(),
  new ConsentRequiredError(),
  new AccountSelectionRequiredError(),
  new InvalidRequestObjectError(),
  new InvalidRequestUriError('request_uri_unregistered'),
  new UnmetAuthenticationRequirementsError(),
  new RequestNotSupportedError('request'),
  new RequestNotSupportedError('request_uri'),
  new RequestNotSupportedError('registration'),
  new InvalidAuthorizationDetailsError('authorization_details_malformed'),
  new AuthorizationPendingError(),
  new SlowDownError(),
  new ExpiredTokenError(),
  new BackchannelRequestError('backchannel_user_unknown'),
  new BackchannelRequestError('backchannel_hint_expired'),
  new BackchannelRequestError('backchannel_user_code_missing'),
  new BackchannelRequestError('backchannel_user_code_wrong'),
  new BackchannelRequestError('backchannel_message_unfit'),
  new InvalidRedirectUriError(),
  new InvalidClientMetadataError(),
  new InvalidSoftwareStatementError(),
  new UnapprovedSoftwareStatementError(),
  new TooManyRequestsError('registration_limited', 60),
  new UnsupportedTokenTypeError(),
  new FatalClientError('client_unknown', { description: 'x' }),
  new BearerError('invalid_request', 'token_malformed'),
  new BearerError('invalid_token', 'token_invalid'),
  new BearerError('insufficient_scope', 'token_scope_insufficient'),
  new BearerError('insufficient_user_authentication', 'token_authentication_insufficient'),
  new BearerError('invalid_dpop_proof', 'dpop_proof_invalid'),
  new BearerError('use_dpop_nonce', 'dpop_nonce_missing'),
  new InvalidDpopProofError('dpop_proof_missing'),
  new UseDpopNonceError('nonce'),
  new ServerError(),
  new TemporarilyUnavailableError(),
]

describe('Classes', () => {
  const listed = rowsOf(section('Classes'))
  const row = (name: string) => listed.find(([cell]) => withoutTicks(cell) === name)
  const isClass = ([name, value]: [string, unknown]) => name.endsWith('Error') && typeof value === 'function'
  const exported = Object.entries(grantry)
    .filter(isClass)
    .map(([name]) => name)

  test('every exported class has one row, and every row a class', () => {
    assert.deepEqual(listed.map(([name]) => withoutTicks(name)).sort(), exported.sort())
  })

  test('every class but the general ones is checked below', () => {
    const general = ['OAuthError', 'ConfigurationError', 'OutboundError']
    const checked = [...new Set(instances.map(({ name }) => name)), ...general]
    assert.deepEqual(checked.sort(), exported.sort())
  })

  for (const name of new Set(instances.map((error) => error.name))) {
    test(`${name} → its code and status`, () => {
      const own = instances.filter((error) => error.name === name)
      const [, codes, statuses] = row(name) ?? []
      assert.equal(withoutTicks(codes), [...new Set(own.map(({ code }) => code))].join(', '))
      assert.equal(statuses, [...new Set(own.map(({ status }) => status))].join(', '))
    })
  }
})

describe('The source', () => {
  const sources = globSync('**/*.ts', { cwd: sourceFolder }).map((path) => {
    const text = readFileSync(join(sourceFolder, path), 'utf8')
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  })
  const visit = (node: ts.Node, see: (node: ts.Node) => void): void => {
    see(node)
    node.forEachChild((child) => visit(child, see))
  }

  test('uses every reason', () => {
    /** For refusals by hooks, validator methods and functions of options, which are not ours; those of limits are of the server. */
    const ofLimits = ['request_limited', 'client_authentication_limited']
    const forApplications = [...ofLimits, 'backchannel_hint_expired', 'hook_refused']
    const used = new Set<string>()
    for (const source of sources) {
      if (basename(source.fileName) !== 'reasons.ts')
        visit(source, (node) => ts.isStringLiteral(node) && used.add(node.text))
    }
    const unused = Object.keys(reasons).filter((slug) => !used.has(slug))
    assert.deepEqual(unused, forApplications)
  })

  /** The texts that an expression can stand for, a `?` for every part that is only known when it runs. */
  const textsOf = (node: ts.Expression): readonly string[] => {
    if (ts.isStringLiteralLike(node)) return [node.text]
    if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
    if (!ts.isTemplateExpression(node)) return []
    return [[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('?')]
  }
  const classes = new Set(instances.map(({ name }) => name))
  const isError = (node: ts.Node): node is ts.NewExpression =>
    ts.isNewExpression(node) && classes.has(node.expression.getText())

  test('names only reasons that exist', () => {
    const inErrors: string[] = []
    for (const source of sources) {
      visit(source, (node) => {
        if (!isError(node)) return
        const position = node.expression.getText() === 'BearerError' ? 1 : 0
        const argument = node.arguments?.[position]
        if (argument !== undefined) inErrors.push(...textsOf(argument).filter((text) => /^[a-z_]+$/.test(text)))
      })
    }
    assert.ok(inErrors.length > 30)
    assert.deepEqual(
      inErrors.filter((slug) => !Object.hasOwn(reasons, slug)),
      [],
    )
  })

  /** The texts that go to a client: second arguments of errors, and whatever is called `description`. */
  const descriptions = (): readonly string[] => {
    const found: string[] = []
    for (const source of sources) {
      visit(source, (node) => {
        const second = isError(node) ? node.arguments?.[1] : undefined
        if (second !== undefined) found.push(...textsOf(second).filter((text) => text.includes(' ')))
        if ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.name.getText() === 'description')
          found.push(...(node.initializer === undefined ? [] : textsOf(node.initializer)))
      })
    }
    return [...found, ...instances.map(({ description }) => description)]
  }

  test('describes errors in the characters that error_description may have (RFC 6749 §5.2)', () => {
    const all = descriptions()
    assert.ok(all.length > 40, `only ${all.length} were found`)
    assert.deepEqual(
      all.filter((text) => !/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(text)),
      [],
    )
  })
})
