import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { HttpResponse } from 'grantry'
import { form, redirected, request } from '../test/support/requests.ts'
import { membersOf } from '../packages/grantry/src/testing/fault-flows.ts'
import type { ClientId, Model, ModelAccess, ModelRefresh, UserId } from './lifecycle-model.ts'
import type { Real } from './lifecycle-provider.ts'
import { redirectUri } from '../packages/grantry/src/testing/sample-provider.ts'

type Run = (model: Model, real: Real) => Promise<void>

/** A command that runs where `check` holds; `text` is how it shows in a counterexample. */
const command = (text: string, check: (model: Model) => boolean, run: Run): fc.AsyncCommand<Model, Real> => ({
  check,
  run: async (model, real) => {
    real.counts.commands++
    await run(model, real)
  },
  toString: () => text,
})

const pick = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('Nothing to pick from: the command ran without its check.')
  return item
}

const textOf = (response: HttpResponse, name: string): string => {
  const value = membersOf(response)[name]
  assert.equal(typeof value, 'string', `${name} in ${response.body}`)
  return String(value)
}

const exchange = ({ server, credentials }: Real, client: ClientId, fields: Record<string, string>) =>
  server.createTokenResponse(form({ ...credentials[client], ...fields }))

const requireError = (response: HttpResponse, error: string): void =>
  assert.deepEqual([response.status, membersOf(response)['error']], [error === 'invalid_client' ? 401 : 400, error])

const scopesOf = (response: HttpResponse): readonly string[] => textOf(response, 'scope').split(' ')

const authorize = (clientId: ClientId, userId: UserId, scopes: readonly string[]) =>
  command(
    `authorize(${clientId}, ${userId}, ${scopes.join(' ')})`,
    () => true,
    async (model, { server }) => {
      const parameters = { response_type: 'code', client_id: clientId, scope: scopes.join(' ') }
      const query = new URLSearchParams({ ...parameters, redirect_uri: redirectUri })
      const http = request('GET', `/authorize?${query.toString()}`)
      const validation = await server.validateAuthorizationRequest(http)
      assert.equal(validation.ok, !model.disabled.has(clientId))
      if (!validation.ok) return
      const decision = { approved: true, user: { id: userId }, scopes } as const
      const response = await server.createAuthorizationResponse(http, validation.request, decision)
      model.approve(redirected(response).get('code') ?? '', { clientId, userId, scopes })
    },
  )

const redeem = (index: number, client: ClientId | undefined) =>
  command(
    `redeem(${index}, ${client ?? 'its client'})`,
    ({ codes }) => codes.length > 0,
    async (model, real) => {
      const code = pick(model.codes, index)
      const by = client ?? code.clientId
      const fields = { grant_type: 'authorization_code', code: code.text, redirect_uri: redirectUri }
      const response = await exchange(real, by, fields)
      const expected = model.redeem(code, by)
      if (expected !== 'tokens') {
        requireError(response, expected)
        return
      }
      assert.equal(response.status, 200, response.body)
      assert.equal(++code.answers, 1, 'a code gives one answer')
      assert.deepEqual(scopesOf(response), code.family.scopes)
      model.addAccess(textOf(response, 'access_token'), by, code.family)
      model.addRefresh(textOf(response, 'refresh_token'), code)
    },
  )

const checkRefreshed = (model: Model, token: ModelRefresh, response: HttpResponse, kind: string): void => {
  const text = textOf(response, 'refresh_token')
  if (kind === 'rotated') token.successor = model.addRefresh(text, token, token.familyExpiresAt)
  else assert.equal(text, kind === 'stays' ? token.text : token.successor?.text)
  if (kind === 'rotated') assert.ok(text !== token.text)
}

const refresh = (index: number, client: ClientId | undefined, asked: readonly string[] | undefined) =>
  command(
    `refresh(${index}, ${client ?? 'its client'}, ${asked?.join(' ') ?? 'all'})`,
    ({ refresh: tokens }) => tokens.length > 0,
    async (model, real) => {
      const token = pick(model.refresh, index)
      const by = client ?? token.clientId
      const scope = asked && { scope: asked.join(' ') }
      const response = await exchange(real, by, { grant_type: 'refresh_token', refresh_token: token.text, ...scope })
      const expected = model.exchange(token, by, asked)
      if (expected.error !== undefined) {
        requireError(response, expected.error)
        return
      }
      assert.equal(response.status, 200, response.body)
      assert.deepEqual(scopesOf(response), expected.scopes)
      assert.ok(
        scopesOf(response).every((each) => token.family.scopes.includes(each)),
        'scope never grows',
      )
      model.addAccess(textOf(response, 'access_token'), by, token.family)
      checkRefreshed(model, token, response, expected.kind)
    },
  )

const own = (client: ClientId) =>
  command(
    `clientCredentials(${client})`,
    () => true,
    async (model, real) => {
      const response = await exchange(real, client, { grant_type: 'client_credentials' })
      if (model.disabled.has(client)) {
        requireError(response, 'invalid_client')
        return
      }
      assert.equal(response.status, 200, response.body)
      model.addAccess(textOf(response, 'access_token'), client, undefined)
    },
  )

const tokensOf = ({ access, refresh: tokens }: Model): readonly (ModelAccess | ModelRefresh)[] => [...access, ...tokens]

const revoke = (index: number) =>
  command(
    `revoke(${index})`,
    (model) => tokensOf(model).length > 0,
    async (model, { server, credentials }) => {
      const token = pick(tokensOf(model), index)
      const parameters = { ...credentials[token.clientId], token: token.text }
      const response = await server.createRevocationResponse(form(parameters))
      const expected = model.revoke(token)
      if (expected === 'done') assert.equal(response.status, 200, response.body)
      else requireError(response, expected)
    },
  )

const pass = (seconds: number) =>
  command(
    `pass(${seconds} s)`,
    () => true,
    async (model, { clock }) => {
      model.now += seconds
      clock.now = model.now
    },
  )

/** Deletes a client with its families, or brings it back: without them. */
const toggleClient = (clientId: ClientId) =>
  command(
    `toggleClient(${clientId})`,
    () => true,
    async (model, real) => {
      if (model.disabled.delete(clientId)) {
        await real.enableClient(clientId)
        return
      }
      await real.disableClient(clientId)
      model.disabled.add(clientId)
      model.endFamilies({ clientId })
    },
  )

const disableUser = (userId: UserId) =>
  command(
    `disableUser(${userId})`,
    () => true,
    async (model, real) => {
      await real.disableUser(userId)
      model.endFamilies({ userId })
    },
  )

/** What must change nothing that can be seen. */
const unseen = (name: 'restart' | 'rotateKey' | 'sweep') =>
  command(
    name,
    () => true,
    (_, real) => real[name](),
  )

/** Whether a token is active; for one of a client that is deleted, whether a resource takes it. */
const isActive = async (model: Model, real: Real, token: ModelAccess | ModelRefresh): Promise<unknown> => {
  const { server, credentials } = real
  if (model.disabled.has(token.clientId)) {
    const http = request('GET', '/resource', { headers: { authorization: `Bearer ${token.text}` } })
    return (await server.verifyRequest(http)).ok
  }
  const parameters = { ...credentials[token.clientId], token: token.text }
  return membersOf(await server.createIntrospectionResponse(form(parameters)))['active']
}

/** Compares every token with the reference: what is acknowledged is active until it ends, and nothing of a revoked family is. */
export const compareAll = async (model: Model, real: Real): Promise<void> => {
  for (const token of tokensOf(model)) {
    const kind = 'isRevoked' in token ? 'access' : 'refresh'
    assert.equal(await isActive(model, real, token), model.isActive(token), `whether an ${kind} token is active`)
  }
}

const compare = () => command('compareAll', (model) => tokensOf(model).length > 0, compareAll)

const client = fc.constantFrom<ClientId>('steady', 'rotating')
/** Undefined is the client it belongs to, which is what mostly happens. */
const mostlyOwn = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: client })
const user = fc.constantFrom<UserId>('alice', 'bob')
const scopes = fc.constantFrom<readonly string[]>(['read'], ['write'], ['read', 'write'])
const index = fc.nat({ max: 1000 })
/** On both sides of the grace and of the lifetimes, alone or added up. */
const seconds = fc.constantFrom(1, 10, 11, 59, 60, 99, 100, 250, 400, 800)

/** Lists of commands, at most `maxCommands` long. */
export const commandLists = (maxCommands: number) =>
  fc.commands(
    [
      fc.tuple(client, user, scopes).map((given) => authorize(...given)),
      fc.tuple(index, mostlyOwn).map((given) => redeem(...given)),
      fc.tuple(index, mostlyOwn, fc.option(scopes, { nil: undefined })).map((given) => refresh(...given)),
      fc.tuple(index, fc.constant(undefined), fc.constant(undefined)).map((given) => refresh(...given)),
      client.map(own),
      index.map(revoke),
      seconds.map(pass),
      fc.constant(compare()),
      fc.oneof(client.map(toggleClient), user.map(disableUser)),
      fc.constantFrom('restart', 'rotateKey', 'sweep').map(unseen),
    ],
    { maxCommands, size: 'max' },
  )
