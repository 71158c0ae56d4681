import {
  BackendApplicationServer,
  hashClientSecret,
  LegacyApplicationServer,
  MobileApplicationServer,
  StoreValidator,
  WebApplicationServer,
  type AuthorizationServer,
  type BearerResult,
  type HttpResponse,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { request } from '../support/requests.ts'
import { clients, type Scenario, type Step } from './scenarios.ts'

/** What one side answered, before it is compared. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
  /** The error that the user is shown, where nothing may be sent to the client. */
  readonly page?: string
  /** The exception that left the library. */
  readonly raised?: string
  /** Validator methods in the order in which they were called. */
  readonly called: readonly string[]
}

const presets = { BackendApplicationServer, LegacyApplicationServer, MobileApplicationServer, WebApplicationServer }

class Passwords extends StoreValidator {
  override validateUser(username: string, password: string) {
    return username === 'alice' && password === 'wonderland' ? { id: username } : undefined
  }
}

/** The validator, noting which of its methods are called; those that only tell what it can do are not asked for anything. */
const noting = (validator: Passwords, called: string[]): Passwords =>
  new Proxy(validator, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (typeof found !== 'function' || name === 'unsupported') return found
      return (...given: readonly unknown[]): unknown => {
        called.push(String(name))
        return Reflect.apply(found, target, given)
      }
    },
  })

const fillStore = async (store: MemoryStore): Promise<void> => {
  for (const [id, { secret, ...client }] of Object.entries(clients)) {
    const proof = secret === undefined ? { authMethods: ['none'] } : { secrets: [hashClientSecret(secret)] }
    await store.createClient({ id, ...client, ...proof })
  }
}

const authorize = async (server: AuthorizationServer, step: Step, url: string): Promise<Omit<Answer, 'called'>> => {
  const http = request(step.method, url, step)
  const checked = await server.validateAuthorizationRequest(http)
  if (!checked.ok) return 'Location' in checked.response.headers ? checked.response : shown(checked.response)
  if (step.decision === 'deny') return server.createAuthorizationResponse(http, checked.request, { approved: false })
  const scopes = step.granted ?? checked.request.scopes
  return server.createAuthorizationResponse(http, checked.request, { approved: true, user: { id: 'alice' }, scopes })
}

const shown = ({ status, body }: HttpResponse): Omit<Answer, 'called'> => {
  const { error } = JSON.parse(body) as { readonly error: string } // every error answer has one
  return { status, headers: {}, body: null, page: error }
}

const used = (result: BearerResult): Omit<Answer, 'called'> =>
  result.ok ? { status: 200, headers: {}, body: null } : result.response

const run = async (server: AuthorizationServer, step: Step): Promise<Omit<Answer, 'called'>> => {
  const url = `https://as.example/${step.at}${step.query === '' ? '' : `?${step.query}`}`
  const http = request(step.method, url, step)
  switch (step.at) {
    case 'authorize':
      return authorize(server, step, url)
    case 'token':
      return server.createTokenResponse(http)
    case 'revoke':
      return server.createRevocationResponse(http)
    case 'introspect':
      return server.createIntrospectionResponse(http)
    case 'resource':
      return used(await server.verifyRequest(http, step.scopes))
  }
}

const fill = (text: string, kept: ReadonlyMap<string, string>): string => {
  let filled = text
  for (const [name, value] of kept) filled = filled.replaceAll(`$${name}`, value)
  return filled
}

/** Notes the codes and tokens of an answer, for the requests that follow. */
const keep = ({ headers, body }: Omit<Answer, 'called'>, kept: Map<string, string>): void => {
  const sent = new URLSearchParams((headers?.['Location'] ?? '').replace('#', '?').split('?')[1])
  const members = (body?.startsWith('{') ? JSON.parse(body) : {}) as Readonly<Record<string, unknown>> // an object by its first character
  const found = { ...members, ...Object.fromEntries(sent) }
  for (const name of ['code', 'access_token', 'refresh_token']) {
    const value = found[name]
    if (typeof value !== 'string') continue
    kept.set(name, value)
    if (!kept.has(`first_${name}`)) kept.set(`first_${name}`, value)
  }
}

/** Plays a scenario against a new server of ours. */
export const play = async ({ server: preset, steps }: Scenario): Promise<readonly Answer[]> => {
  const store = new MemoryStore()
  await fillStore(store)
  const called: string[] = []
  const server = new presets[preset](noting(new Passwords(store), called), { tokenExpiresIn: 600 })
  const kept = new Map<string, string>()
  const answers: Answer[] = []
  for (const step of steps) {
    called.length = 0
    const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, fill(value, kept)]))
    const answer = await run(server, { ...step, headers, query: fill(step.query, kept), body: fill(step.body, kept) })
    keep(answer, kept)
    answers.push({ ...answer, called: [...called] })
  }
  return answers
}
