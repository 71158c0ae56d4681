import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  None,
  type Configuration,
} from 'openid-client'
import { isLoopback } from '../development.ts'
import { StartError } from '../errors.ts'

/** How a client may show its secret. */
export const authentications = { client_secret_basic: ClientSecretBasic, client_secret_post: ClientSecretPost } as const

/** Who asks whom. */
export interface PerformClient {
  /** Of the server that is asked. */
  readonly issuer: URL
  readonly clientId: string
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined
  readonly authMethod: keyof typeof authentications
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** What an answer says that went wrong (RFC 6749 §5.2); undefined where it says nothing. */
const errorIn = async (thrown: object): Promise<object | undefined> => {
  if ('error' in thrown) return thrown
  if (!('response' in thrown && thrown.response instanceof Response) || thrown.response.bodyUsed) return undefined
  const body: unknown = await thrown.response.json().catch(() => undefined)
  return isRecord(body) && 'error' in body ? body : undefined
}

const textOf = async (thrown: unknown): Promise<string> => {
  if (!(thrown instanceof Error)) return String(thrown)
  const said = await errorIn(thrown)
  if (isRecord(said)) return [said['error'], said['error_description']].filter(Boolean).map(String).join(': ')
  return thrown.cause instanceof Error ? `${thrown.message}: ${thrown.cause.message}` : thrown.message
}

/** Runs a step of a flow. Throws a `StartError` that names it and what the other side said. */
export const during = async <Result>(step: string, run: () => Promise<Result>): Promise<Result> => {
  try {
    return await run()
  } catch (thrown) {
    if (thrown instanceof StartError) throw thrown
    throw new StartError(`${step}: ${(await textOf(thrown)).replace(/\.$/, '')}.`, 1, thrown)
  }
}

/** An issuer that was typed: https, or http on localhost. */
export const readIssuer = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return url
  throw new StartError(`--issuer must be an https URL, or http on localhost, not "${text}".`, 2)
}

/** Finds the endpoints of an issuer, by the document of OpenID Connect or that of RFC 8414. Signatures of ID tokens will be checked as well. */
export const discover = async ({
  issuer,
  clientId,
  clientSecret,
  authMethod,
}: PerformClient): Promise<Configuration> => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its way to stand out; `readIssuer` takes http on localhost only
  const execute = [enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : [])]
  const authentication = clientSecret === undefined ? None() : authentications[authMethod](clientSecret)
  const find = (algorithm: 'oidc' | 'oauth2') =>
    discovery(issuer, clientId, undefined, authentication, { algorithm, execute, timeout: 10 })
  return during('discovery', () => find('oidc').catch(() => find('oauth2')))
}
