import { introspectionRows } from './rows-introspection.ts'
import { issuingRows } from './rows-issuing.ts'
import { jwtRows } from './rows-jwt.ts'
import { revocationRows } from './rows-revocation.ts'
import { usingRows } from './rows-using.ts'
import { type Case, lacks, type Row } from './row.ts'
import type { ServerKind, ServerUnderTest, Target } from './target.ts'

/** Every row that runs over HTTP, in order. */
export const rows: readonly Row[] = [...issuingRows, ...usingRows, ...jwtRows, ...introspectionRows, ...revocationRows]

/** Rows of the checklist that wait for later work, with the reason. */
export const deferredRows: Readonly<Record<number, string>> = {
  31: 'protected resource metadata (RFC 9728) comes later: `resource_metadata` in the challenge',
  32: 'protected resource metadata (RFC 9728) comes later: the well-known document',
  34: 'DPoP (RFC 9449) comes later: a bound token under the Bearer scheme',
  70: 'JWT responses of the introspection endpoint (RFC 9701) come later',
}

/** Rows that cannot be seen over HTTP, with the test that holds them. */
export const unitRows: Readonly<Record<number, string>> = {
  3: 'test/properties/parsers.test.ts: alphabet, uniqueness and entropy of the default generator',
  30: 'test/rfc6750/3-challenge.test.ts: quoting in challenges of text from application code',
  55: 'test/tokens/forged-token.test.ts: ES256 with r=s=0, r and s of the order, DER, wrong lengths',
  57: 'test/tokens/encrypted-token.test.ts: PBES2 iteration count and zip bombs in encrypted tokens',
  58: 'test/tokens/platform.test.ts and hmac-token.test.ts: weak keys refused at construction',
}

/** How a case or a row ended. */
export type Outcome = 'pass' | 'fail' | 'n/a'

/** The result of a row. A row passes where a case passed and none failed; `skipped` names the cases that did not run. */
export interface RowResult {
  readonly row: number
  readonly title: string
  readonly outcome: Outcome
  /** What failed, or why nothing could run. Empty for a pass. */
  readonly message: string
  readonly skipped: readonly string[]
}

interface CaseResult {
  readonly outcome: Outcome
  readonly name: string
  readonly message: string
}

const caseTimeoutMs = 20_000

const withTimeout = async (work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${caseTimeoutMs / 1000} s`)), caseTimeoutMs)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''

const runCase = async (testCase: Case, server: ServerUnderTest, label: string): Promise<CaseResult> => {
  const name = `${testCase.name}${label}`
  try {
    await withTimeout(testCase.run(server))
    return { outcome: 'pass', name, message: '' }
  } catch (error) {
    return { outcome: 'fail', name, message: firstLine(error) }
  }
}

const serversOf = (target: Target, kinds: readonly ServerKind[]) =>
  kinds.flatMap((kind) => (target[kind] === undefined ? [] : [{ kind, server: target[kind] }]))

const runAtServers = async (testCase: Case, row: Row, target: Target): Promise<readonly CaseResult[]> => {
  const servers = serversOf(target, row.on ?? ['opaque', 'jwt'])
  const able = servers.filter(({ server }) => lacks(server, testCase.needs).length === 0)
  if (able.length === 0) {
    const missing = new Set(servers.flatMap(({ server }) => lacks(server, testCase.needs)))
    const reason = servers.length === 0 ? `no ${row.on?.join(' or ') ?? ''} tokens` : `no ${[...missing].join(', ')}`
    return [{ outcome: 'n/a', name: testCase.name, message: reason }]
  }
  const results: CaseResult[] = []
  for (const { kind, server } of able) {
    results.push(await runCase(testCase, server, able.length > 1 ? ` (${kind})` : ''))
  }
  return results
}

const describe = ({ name, message }: CaseResult): string => `${name}: ${message}`

/** Runs one row. */
export const runRow = async (row: Row, target: Target): Promise<RowResult> => {
  const results: CaseResult[] = []
  for (const testCase of row.cases) results.push(...(await runAtServers(testCase, row, target)))
  const having = (outcome: Outcome): readonly string[] =>
    results.filter((result) => result.outcome === outcome).map(describe)
  const [failed, skipped] = [having('fail'), having('n/a')]
  const outcome = failed.length > 0 ? 'fail' : having('pass').length > 0 ? 'pass' : 'n/a'
  const message = outcome === 'fail' ? failed.join('; ') : outcome === 'n/a' ? skipped.join('; ') : ''
  return { row: row.row, title: row.title, outcome, message, skipped: outcome === 'n/a' ? [] : skipped }
}

/** Runs every row against a target, one after the other. */
export const runRows = async (target: Target): Promise<readonly RowResult[]> => {
  const results: RowResult[] = []
  for (const row of rows) results.push(await runRow(row, target))
  return results
}
