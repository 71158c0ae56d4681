/**
 * What a reader and the processor have to go through for one authorization_code token request.
 *
 * Statements: V8's precise block coverage, taken right before and right after `createTokenResponse`. A statement counts when it began to
 * run, and so does the expression that is the whole body of a function; how a formatter breaks it over lines does not matter. What is
 * behind the validator is counted apart: it is the user's, and `StoreValidator` over `MemoryStore` here. Lines are those on which at least
 * one token of code ran; comments, imports, types and lines of punctuation do not count.
 *
 * Calls: the stack where the first thing of the request is read, continued by the stack in the token generator; `await` drops the callers
 * that only return a promise, so neither stack alone has them all. A call is a step from one of our functions into another.
 */
import { createHash } from 'node:crypto'
import { Session } from 'node:inspector/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpRequest, Server } from 'grantry'
import { SourceMap, type FunctionPlace } from './source-map.ts'

/** What one token request costs. */
export interface FlowCost {
  /** Distinct statements that ran between the endpoint and the validator. */
  readonly statements: number
  /** The same behind the validator. */
  readonly storageStatements: number
  /** Distinct lines of all of them, as the formatter breaks them. */
  readonly lines: number
  /** The same per file, most first. */
  readonly files: readonly { readonly file: string; readonly statements: number; readonly lines: number }[]
  /** The functions from `createTokenResponse` to the generator of the token, in the order in which each calls the next. */
  readonly chain: readonly string[]
}

/** Most statements of the library, without storage, and most calls that one request may take. */
export const limits = { statements: 150, calls: 6 }

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface ScriptCoverage {
  readonly url: string
  readonly functions: readonly { readonly ranges: readonly Range[]; readonly isBlockCoverage: boolean }[]
}

const sources = join(dirname(import.meta.dirname), 'packages', 'grantry', 'src')
const isOurs = (url: string): boolean => url.startsWith('file:') && fileURLToPath(url).startsWith(sources)
const nameOfFile = (url: string): string => fileURLToPath(url).slice(sources.length + 1)

const maps = new Map<string, SourceMap>()
const mapOf = (url: string): SourceMap => {
  const map = maps.get(url) ?? new SourceMap(fileURLToPath(url))
  maps.set(url, map)
  return map
}

const whatRan = ({ url, functions }: ScriptCoverage): { readonly statements: number; readonly lines: number } => {
  const map = mapOf(url)
  const ran = new Uint8Array(map.length)
  const ranges = functions.flatMap((each) => each.ranges)
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset) // outer ones first, inner ones over them
  for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  const hasRun = (position: number): boolean => ran[position] === 1
  return { statements: map.stepsWhere(hasRun), lines: map.linesWhere(hasRun).size }
}

/** Our functions on a stack, outermost first. */
const functionsOf = (stack: string): readonly FunctionPlace[] =>
  [...stack.matchAll(/(file:\/\/[^\s()]+):(\d+):(\d+)\)?$/gm)]
    .filter(([, url]) => isOurs(url ?? ''))
    .map(([, url, line, column]) => mapOf(url ?? '').functionAt(Number(line), Number(column)))
    .reverse()

const joinStacks = (first: readonly FunctionPlace[], second: readonly FunctionPlace[]): readonly string[] => {
  const shared = first.findIndex(({ key }) => key === second[0]?.key)
  if (shared < 0) throw new Error('The two stacks have no function in common.')
  return [...first.slice(0, shared), ...second].map(({ name }) => name)
}

const takeStack = (): string => {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder)
  return holder.stack ?? ''
}

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const redirectUri = 'https://client.example/cb'

const formRequest = (url: string, form: Readonly<Record<string, string>>, authorization?: string): HttpRequest => ({
  method: 'POST',
  url,
  headers: new Headers({
    'Content-Type': 'application/x-www-form-urlencoded',
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  }),
  text: async () => new URLSearchParams(form).toString(),
})

const getCode = async (server: Server, clientId: string): Promise<string> => {
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const parameters = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'read', ...pkce }
  const http = formRequest('/authorize', parameters)
  const validation = await server.validateAuthorizationRequest(http)
  if (!validation.ok) throw validation.error
  const decision = { approved: true, user: { id: 'alice' }, scopes: ['read'] } as const
  const { headers } = await server.createAuthorizationResponse(http, validation.request, decision)
  return new URL(headers['Location'] ?? '').searchParams.get('code') ?? ''
}

/** A confidential client as `registerClient` makes it by default. */
const prepare = async (
  tokenGenerator: () => string,
): Promise<{ readonly server: Server; readonly request: HttpRequest }> => {
  const { registerClient, Server, StoreValidator } = await import('grantry')
  const { MemoryStore } = await import('grantry/storage/memory')
  const store = new MemoryStore()
  const { client, secret } = await registerClient(store, { redirectUris: [redirectUri], scopes: ['read'] })
  const server = new Server(new StoreValidator(store), { tokenGenerator })
  const code = await getCode(server, client.id)
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  return { server, request: formRequest('/token', form, `Basic ${btoa(`${client.id}:${secret ?? ''}`)}`) }
}

/** Notes the stack at the first look at the request. */
const watched = (request: HttpRequest, see: (stack: string) => void): HttpRequest => ({
  ...request,
  get method() {
    see(takeStack())
    return request.method
  },
})

/**
 * Answers one authorization_code request, with PKCE, through `Server`, `StoreValidator` and `MemoryStore`, and measures it. Must run before
 * anything else in the process has loaded the toolkit: V8 counts blocks only in code that it compiles afterwards.
 */
export const measureFlowCost = async (): Promise<FlowCost> => {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const takeCoverage = async (): Promise<readonly ScriptCoverage[]> =>
    (await session.post('Profiler.takePreciseCoverage')).result.filter(({ url }) => isOurs(url))
  Error.stackTraceLimit = 100
  const stacks = { start: '', generator: '' }
  const { server, request } = await prepare(() => {
    stacks.generator = takeStack()
    return 'the-token'
  })
  const http = watched(request, (stack) => (stacks.start ||= stack))

  const loading = await takeCoverage() // and sets all counters to zero
  if (!loading.some(({ url }) => url.endsWith('/servers/server.ts')))
    throw new Error('The toolkit was loaded before the measurement.')
  const response = await server.createTokenResponse(http)
  const coverage = await takeCoverage()

  session.disconnect()
  if (response.status !== 200 || !response.body.includes('the-token'))
    throw new Error(`The request failed: ${response.body}`)
  const files = coverage
    .map((script) => ({ file: nameOfFile(script.url), ...whatRan(script) }))
    .filter(({ lines }) => lines > 0)
    .sort((a, b) => b.lines - a.lines || a.file.localeCompare(b.file))
  const chain = joinStacks(functionsOf(stacks.start), functionsOf(stacks.generator))
  const isStorage = ({ file }: { readonly file: string }): boolean => file.startsWith('storage/')
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  return {
    statements: sum(files.filter((each) => !isStorage(each)).map((each) => each.statements)),
    storageStatements: sum(files.filter(isStorage).map((each) => each.statements)),
    lines: sum(files.map((each) => each.lines)),
    files,
    chain: [...chain, 'token generator'],
  }
}
