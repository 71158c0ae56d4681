/** Codes that are bound to a key (RFC 9449 §10), and refresh tokens of public clients (§5). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Server, StoreValidator, type HttpResponse, type ServerOptions, type Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { makeProver, provedForm, type Prover } from '../support/dpop.ts'
import { approve, lastReason, makeProvider, obtainCode, type Provider } from '../support/provider.ts'
import { body, form, redirected, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const htu = `${issuer}/token`
const on: ServerOptions = { dpop: true, issuer }
const clock = { now: 1_800_000_000 }
const own = await makeProver(clock)
const thief = await makeProver(clock)

type Who = 'app' | 'spa'
const send = (
  { server, app }: Pick<Provider<Server>, 'server' | 'app'>,
  who: Who,
  parameters: Readonly<Record<string, string>>,
  prover?: Prover,
): Promise<HttpResponse> => {
  const [all, headers] = who === 'app' ? [parameters, app] : [{ ...parameters, client_id: who }, {}]
  return server.createTokenResponse(
    prover === undefined ? form(all, headers) : provedForm(all, prover.proof({ htu }), headers),
  )
}
const redeem = async (
  provider: Pick<Provider<Server>, 'server' | 'app'>,
  who: Who,
  prover?: Prover,
  jkt?: string,
): Promise<HttpResponse> => {
  const code = await obtainCode(provider.server, { client_id: who, ...(jkt !== undefined && { dpop_jkt: jkt }) })
  return send(provider, who, { grant_type: 'authorization_code', ...code }, prover)
}
const refresh = (provider: Pick<Provider<Server>, 'server' | 'app'>, who: Who, token: HttpResponse, prover?: Prover) =>
  send(provider, who, { grant_type: 'refresh_token', refresh_token: text(token, 'refresh_token') }, prover)
const typeOf = (response: HttpResponse): unknown => body(response)['token_type']
const errorOf = (response: HttpResponse): unknown => body(response)['error']

describe('A code with dpop_jkt', () => {
  const rows: [name: string, prover: Prover | undefined, outcome: string][] = [
    ['with a proof of the key', own, 'DPoP'],
    ['with a proof of another key', thief, 'invalid_grant'],
    ['with no proof', undefined, 'invalid_grant'],
  ]
  for (const who of ['app', 'spa'] as const) {
    for (const [name, prover, outcome] of rows) {
      test(`redeemed by ${who} ${name} → ${outcome}`, async () => {
        const provider = await makeProvider(on)
        const response = await redeem(provider, who, prover, own.jkt)
        assert.equal(typeOf(response) ?? errorOf(response), outcome)
        if (outcome === 'invalid_grant') assert.equal(lastReason(provider), 'grant_bound')
      })
    }
  }

  test('is refused by a server that has no option dpop any more', async () => {
    const { server, store, app } = await makeProvider(on)
    const code = await obtainCode(server, { dpop_jkt: own.jkt })
    const off = { app, server: new Server(new StoreValidator(store), { issuer, now: () => clock.now }) }
    const grant = { grant_type: 'authorization_code', ...code }
    assert.equal(errorOf(await send(off, 'app', grant, own)), 'invalid_grant')
  })

  for (const jkt of ['short', `${own.jkt}=`, `${own.jkt.slice(1)}!`]) {
    test(`of ${jkt.length} characters that is no thumbprint → invalid_request`, async () => {
      const { server } = await makeProvider(on)
      const asked = { client_id: 'app', response_type: 'code', code_challenge: own.jkt, code_challenge_method: 'S256' }
      assert.equal(redirected(await approve(server, { ...asked, dpop_jkt: jkt })).get('error'), 'invalid_request')
    })
  }

  test('is not looked at where the server has no option dpop', async () => {
    const off = await makeProvider({ issuer })
    assert.equal(typeOf(await redeem(off, 'app', undefined, 'short')), 'Bearer')
  })
})

describe('The refresh token of a public client', () => {
  test('is bound to the key of its first proof, from then on', async () => {
    const provider = await makeProvider(on)
    const first = await redeem(provider, 'spa', own)
    assert.equal(errorOf(await refresh(provider, 'spa', first)), 'invalid_grant')
    assert.equal(errorOf(await refresh(provider, 'spa', first, thief)), 'invalid_grant')
    assert.equal(lastReason(provider), 'grant_bound')
    const second = await refresh(provider, 'spa', first, own)
    assert.equal(typeOf(second), 'DPoP')
    assert.equal(errorOf(await refresh(provider, 'spa', second, thief)), 'invalid_grant')
    assert.equal(typeOf(await refresh(provider, 'spa', second, own)), 'DPoP')
  })

  test('stays bound within the grace of a rotation, and a thief does not end the family', async () => {
    const provider = await makeProvider(on)
    const first = await redeem(provider, 'spa', own)
    const second = await refresh(provider, 'spa', first, own)
    assert.equal(errorOf(await refresh(provider, 'spa', first, thief)), 'invalid_grant')
    provider.clock.now += 31
    assert.equal(errorOf(await send(provider, 'spa', { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') })), 'invalid_grant') // prettier-ignore
    provider.clock.now -= 31
    assert.equal(typeOf(await refresh(provider, 'spa', second, own)), 'DPoP')
  })

  test('that was not bound becomes so by the first proof', async () => {
    const provider = await makeProvider(on)
    const first = await redeem(provider, 'spa')
    assert.equal(typeOf(first), 'Bearer')
    const second = await refresh(provider, 'spa', first, own)
    assert.equal(errorOf(await refresh(provider, 'spa', second)), 'invalid_grant')
  })

  test('is refused by a server that has no option dpop any more', async () => {
    const { server, store, app } = await makeProvider(on)
    const first = await redeem({ server, app }, 'spa', own)
    const off = { app, server: new Server(new StoreValidator(store), { issuer, now: () => clock.now }) }
    assert.equal(errorOf(await refresh(off, 'spa', first, own)), 'invalid_grant')
  })

  const stores: [name: string, open: () => Store][] = [
    ['memory', () => new MemoryStore()],
    ['SQLite', () => new SqliteStore(':memory:')],
  ]
  for (const [name, open] of stores) {
    test(`is bound in ${name} without a column of its own`, async () => {
      const store = open()
      await store.createClient({
        ...{ id: 'spa', authMethods: ['none'], grantTypes: ['authorization_code', 'refresh_token'] },
        ...{ scopes: ['profile'], defaultScopes: ['profile'], redirectUris: ['https://app.example/cb'] },
      })
      const provider = {
        server: new Server(new StoreValidator(store), { ...on, now: () => clock.now }),
        app: { authorization: '' },
      }
      const first = await redeem(provider, 'spa', own, own.jkt)
      assert.equal(errorOf(await refresh(provider, 'spa', first)), 'invalid_grant')
      const second = await refresh(provider, 'spa', first, own)
      assert.equal(errorOf(await refresh(provider, 'spa', second, thief)), 'invalid_grant')
    })
  }
})

describe('The refresh token of a confidential client', () => {
  test('is bound to the client, which may come with another key (RFC 9449 §5)', async () => {
    const provider = await makeProvider(on)
    const first = await redeem(provider, 'app', own, own.jkt)
    const second = await refresh(provider, 'app', first, thief)
    assert.equal(typeOf(second), 'DPoP')
    assert.equal(typeOf(await refresh(provider, 'app', second)), 'Bearer')
  })

  test('gives no bearer token where those of the client must be bound', async () => {
    const provider = await makeProvider(on, { client: { dpopBoundAccessTokens: true } })
    const first = await redeem(provider, 'app', own)
    assert.equal(errorOf(await refresh(provider, 'app', first)), 'invalid_dpop_proof')
    assert.equal(typeOf(await refresh(provider, 'app', first, own)), 'DPoP')
  })
})
