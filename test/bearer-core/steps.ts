import assert from 'node:assert/strict'
import { type Answer, entriesOf, type Form, postForm, send } from './http.ts'
import { lacks } from './row.ts'
import type { ServerUnderTest, TestClient, TokenSet } from './target.ts'

const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** The header of HTTP Basic client authentication, both parts form-encoded (RFC 6749 §2.3.1). */
export const basic = ({ id, secret = '' }: TestClient): readonly [string, string] => [
  'Authorization',
  `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}`,
]

/** The header of a bearer token. */
export const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`]

/** A string member of an answer; fails where it is absent. */
export const member = (answer: Answer, name: string): string => {
  const value = answer.json[name]
  if (typeof value === 'string' && value !== '') return value
  return assert.fail(`answered ${summary(answer)}, without "${name}"`)
}

/** An answer in a few words. */
export const summary = (answer: Answer): string => {
  const code =
    answer.json.error ?? answer.challenges.flatMap((c) => c.attributes).find(([name]) => name === 'error')?.[1]
  return typeof code === 'string' ? `${answer.status} ${code}` : String(answer.status)
}

/** Fails unless the answer has this status. */
export const expectStatus = (answer: Answer, ...statuses: readonly number[]): void => {
  assert.ok(statuses.includes(answer.status), `answered ${summary(answer)} instead of ${statuses.join(' or ')}`)
}

/** Fails unless the answer is one of these errors with one of these statuses, as JSON (RFC 6749 §5.2). */
export const expectError = (answer: Answer, statuses: readonly number[], ...codes: readonly string[]): void => {
  const wanted = `${statuses.join(' or ')} ${codes.join(' or ')}`
  const code = answer.json.error
  const matches = statuses.includes(answer.status) && typeof code === 'string' && codes.includes(code)
  assert.ok(matches, `answered ${summary(answer)} instead of ${wanted}`)
  assert.ok(answer.json.access_token === undefined, 'an error response carries an access token')
}

/** Fails unless the answer refuses without serving anything: a GET where only POST is served. */
export const expectMethodRefused = (answer: Answer): void => {
  // 404 is taken too: a router that has no GET here says that nothing is found (RFC 9110 §15.5.5).
  expectStatus(answer, 400, 404, 405)
}

/** Fails unless the answer is a refusal at a protected resource with this error in its challenge (RFC 6750 §3). */
export const expectChallenge = (answer: Answer, status: number, error: string | undefined): void => {
  const wanted = error === undefined ? `${status} without error` : `${status} ${error}`
  const challenge = answer.challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer')
  const found = challenge?.attributes.find(([name]) => name === 'error')?.[1]
  assert.ok(answer.status === status, `answered ${summary(answer)} instead of ${wanted}`)
  assert.ok(challenge !== undefined, `answered ${answer.status} without a Bearer challenge`)
  assert.ok(found === error, `the challenge has error="${found ?? '(none)'}" instead of ${error ?? 'no error'}`)
}

/** Asks for a token with client credentials. */
export const requestToken = (server: ServerUnderTest, form: Form = {}, client = server.confidential): Promise<Answer> =>
  postForm(server.tokenUrl, [['grant_type', 'client_credentials'], ...entriesOf(form)], [basic(client)])

/** An access token by client credentials. */
export const clientToken = async (server: ServerUnderTest, scope: string, resource?: string): Promise<string> => {
  const answer = await requestToken(server, resource === undefined ? { scope } : { scope, resource })
  return member(answer, 'access_token')
}

/** An access token that the protected resource of the server takes, if it has `scope`. */
export const resourceToken = async (server: ServerUnderTest, scope = server.requiredScope): Promise<string> => {
  if (server.resourceNeedsUser === undefined) return clientToken(server, scope)
  assert.ok(server.authorize !== undefined, 'the target has a resource for users and no user grant')
  return (await server.authorize('confidential', { scope })).accessToken
}

/** Tokens that `resourceServer` may introspect: of a user where there is a user grant. */
export const introspectableTokens = async (server: ServerUnderTest): Promise<TokenSet> => {
  const options = { scope: server.otherScope, resource: server.resources?.allowed }
  if (server.authorize !== undefined) return server.authorize('confidential', options)
  return { accessToken: await clientToken(server, options.scope, options.resource) }
}

/** The refresh token of a set; fails where there is none. */
export const refreshTokenOf = ({ refreshToken }: TokenSet): string =>
  refreshToken ?? assert.fail('the user grant gave no refresh token')

/** Uses a refresh token. A client without secret sends its id in the body. */
export const refresh = (
  server: ServerUnderTest,
  client: TestClient,
  refreshToken: string,
  extra: Form = {},
): Promise<Answer> => {
  const form = [['grant_type', 'refresh_token'], ['refresh_token', refreshToken], ...entriesOf(extra)] as const
  return asClient(server.tokenUrl, client, form)
}

/** POSTs a form as a client: by Basic, or with `client_id` alone where the client is public. */
export const asClient = (url: string, client: TestClient, form: Form): Promise<Answer> =>
  client.secret === undefined
    ? postForm(url, [...entriesOf(form), ['client_id', client.id]])
    : postForm(url, form, [basic(client)])

/** Calls a protected resource with a token in the header. */
export const callResource = (url: string, token: string): Promise<Answer> => send(url, { headers: [bearer(token)] })

/** Whether an access token still opens the resource, or counts as active where there is no resource. */
export const isAlive = async (server: ServerUnderTest, accessToken: string): Promise<boolean> => {
  if (server.resourceUrl !== undefined) return (await callResource(server.resourceUrl, accessToken)).status === 200
  const { introspectionUrl, resourceServer } = server
  if (introspectionUrl === undefined || resourceServer === undefined) return assert.fail('no way to try the token')
  return (await asClient(introspectionUrl, resourceServer, { token: accessToken })).json.active === true
}

/** Whether `isAlive` can tell. */
export const canTry = (server: ServerUnderTest): boolean =>
  server.resourceUrl !== undefined || lacks(server, ['introspectionUrl', 'resourceServer']).length === 0
