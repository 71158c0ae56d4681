import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { createInitialAccessToken, Server, StoreValidator, systemClock } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'

let handler: RequestListener = () => undefined
const listener = createServer((request, response) => handler(request, response))
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
after(() => listener.close())
const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}` // a TCP server has an AddressInfo
const store = new MemoryStore()
handler = toNodeHandler(
  new Server(new StoreValidator(store), {
    issuer,
    registration: {
      scopes: ['read', 'write'],
      grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    },
  }),
)
const initialAccessToken = () => createInitialAccessToken(store, { now: systemClock() })
const metadata = { grant_types: ['client_credentials'], client_name: 'Interop', scope: 'read' }

test('openid-client: dynamicClientRegistration, then tokens', async () => {
  const options = {
    algorithm: 'oauth2' as const,
    execute: [client.allowInsecureRequests], // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
    initialAccessToken: await initialAccessToken(),
  }
  const methods: [method: string, authentication: client.ClientAuth | undefined][] = [
    ['client_secret_post', undefined],
    ['client_secret_basic', client.ClientSecretBasic()],
  ]
  for (const [method, authentication] of methods) {
    const config = await client.dynamicClientRegistration(
      new URL(issuer),
      { ...metadata, token_endpoint_auth_method: method },
      authentication,
      { ...options, initialAccessToken: await initialAccessToken() },
    )
    assert.equal(config.clientMetadata()['client_name'], 'Interop')
    assert.equal((await client.clientCredentialsGrant(config, { scope: 'read' })).scope, 'read')
  }
})

test('openid-client: a refusal arrives as the error that it is', async () => {
  const options = {
    algorithm: 'oauth2' as const,
    execute: [client.allowInsecureRequests], // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
    initialAccessToken: await initialAccessToken(),
  }
  const unsafe = { redirect_uris: ['javascript:alert(1)'] }
  await assert.rejects(client.dynamicClientRegistration(new URL(issuer), unsafe, undefined, options), (error) => {
    assert.ok(error instanceof client.ResponseBodyError)
    return error.error === 'invalid_redirect_uri' && error.status === 400
  })
})

const http = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests

test('oauth4webapi: registration, then tokens; then the client reads, updates and deletes itself', async () => {
  const url = new URL(issuer)
  const as = await oauth.processDiscoveryResponse(
    url,
    await oauth.discoveryRequest(url, { ...http, algorithm: 'oauth2' }),
  )
  const asked = { ...http, initialAccessToken: await initialAccessToken() }
  const registered = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(as, metadata, asked),
  )
  const secret = oauth.ClientSecretBasic(registered.client_secret as string) // it was sent, as the next request proves
  const response = await oauth.clientCredentialsGrantRequest(as, registered, secret, { scope: 'read' }, http)
  const { access_token: token } = await oauth.processClientCredentialsResponse(as, registered, response)
  assert.ok(token)

  const uri = registered['registration_client_uri'] as string // the same
  const self = (method: string, rat: unknown, body?: object) =>
    fetch(uri, {
      method,
      headers: { authorization: `Bearer ${String(rat)}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
  const read = await self('GET', registered['registration_access_token'])
  assert.equal(((await read.json()) as typeof registered)['client_name'], 'Interop')
  const update = { ...metadata, client_id: registered.client_id, client_name: 'Interop 2' }
  const updated = (await (
    await self('PUT', registered['registration_access_token'], update)
  ).json()) as typeof registered
  assert.equal(updated['client_name'], 'Interop 2')
  assert.equal((await self('DELETE', updated['registration_access_token'])).status, 204)
  const gone = await oauth.clientCredentialsGrantRequest(as, registered, secret, { scope: 'read' }, http)
  assert.equal(gone.status, 401)
})

test('oauth4webapi: without an initial access token → the challenge', async () => {
  const as = { issuer, registration_endpoint: `${issuer}/register` }
  const response = await oauth.dynamicClientRegistrationRequest(as, metadata, http)
  await assert.rejects(oauth.processDynamicClientRegistrationResponse(response), oauth.WWWAuthenticateChallengeError)
})
