import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { HttpResponse, Server } from 'grantry'
import { form, redirected, request } from '../test/support/requests.ts'
import { membersOf } from '../packages/grantry/src/testing/fault-flows.ts'
import type { ClientId, Model, ModelAccess, ModelRefresh } from './lifecycle-model.ts'
import { redirectUri, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'

/** The server under examination. */
export interface Real {
  readonly server: Server
  readonly clients: Readonly<Record<ClientId, Credentials>>
  readonly clock: { now: number }
  /** How many commands were run, of all runs. */
  readonly counts: { commands: number }
}

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

const exchange = ({ server, clients }: Real, client: ClientId, fields: Record<string, string>) =>
  server.createTokenResponse(form({ ...clients[client], ...fields }))

const requireError = (response: HttpResponse, error: string): void =>
  assert.deepEqual([response.status, membersOf(response)['error']], [400, error])

const scopesOf = (response: HttpResponse): readonly string[] => textOf(response, 'scope').split(' ')

const authorize = (client: ClientId, scopes: readonly string[]) =>
  command(
    `authorize(${client}, ${scopes.join(' ')})`,
    () => true,
    async (model, { server, clients }) => {
      const parameters = { response_type: 'code', client_id: clients[client].client_id, scope: scopes.join(' ') }
      const query = new URLSearchParams({ ...parameters, redirect_uri: redirectUri })
      const http = request('GET', `/authorize?${query.toString()}`)
      const validation = await server.validateAuthorizationRequest(http)
      assert.ok(validation.ok)
      const decision = { approved: true, user: { id: 'alice' }, scopes } as const
      const response = await server.createAuthorizationResponse(http, validation.request, decision)
      model.approve(redirected(response).get('code') ?? '', client, scopes)
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
      if (model.redeem(code, by) === 'invalid_grant') {
        requireError(response, 'invalid_grant')
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
      assert.equal(response.status, 200, response.body)
      model.addAccess(textOf(response, 'access_token'), client, undefined)
    },
  )

const tokensOf = ({ access, refresh: tokens }: Model): readonly (ModelAccess | ModelRefresh)[] => [...access, ...tokens]

const revoke = (index: number) =>
  command(
    `revoke(${index})`,
    (model) => tokensOf(model).length > 0,
    async (model, { server, clients }) => {
      const token = pick(tokensOf(model), index)
      const response = await server.createRevocationResponse(form({ ...clients[token.clientId], token: token.text }))
      assert.equal(response.status, 200, response.body)
      model.revoke(token)
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

/** Compares every token with the reference: what is acknowledged is active until it ends, and nothing of a revoked family is. */
export const compareAll = async (model: Model, { server, clients }: Real): Promise<void> => {
  for (const token of tokensOf(model)) {
    const response = await server.createIntrospectionResponse(form({ ...clients[token.clientId], token: token.text }))
    const kind = 'isRevoked' in token ? 'access' : 'refresh'
    assert.equal(membersOf(response)['active'], model.isActive(token), `whether an ${kind} token is active`)
  }
}

const compare = () => command('compareAll', (model) => tokensOf(model).length > 0, compareAll)

const client = fc.constantFrom<ClientId>('steady', 'rotating')
/** Undefined is the client it belongs to, which is what mostly happens. */
const mostlyOwn = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: client })
const scopes = fc.constantFrom<readonly string[]>(['read'], ['write'], ['read', 'write'])
const index = fc.nat({ max: 1000 })
/** On both sides of the grace and of the lifetimes, alone or added up. */
const seconds = fc.constantFrom(1, 10, 11, 59, 60, 99, 100, 250, 400)

/** Lists of commands, at most `maxCommands` long. */
export const commandLists = (maxCommands: number) =>
  fc.commands(
    [
      fc.tuple(client, scopes).map((given) => authorize(...given)),
      fc.tuple(index, mostlyOwn).map((given) => redeem(...given)),
      fc.tuple(index, mostlyOwn, fc.option(scopes, { nil: undefined })).map((given) => refresh(...given)),
      fc.tuple(index, fc.constant(undefined), fc.constant(undefined)).map((given) => refresh(...given)),
      client.map(own),
      index.map(revoke),
      seconds.map(pass),
      fc.constant(compare()),
    ],
    { maxCommands, size: 'max' },
  )
