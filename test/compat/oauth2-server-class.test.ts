import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express'
import { OAuth2Server, OAuthError, Request, Response } from 'grantry/compat/oauth2-server'
import { listen } from '../adapters/listen.ts'
import { basic, pkce } from '../support/requests.ts'
import { CompleteModel, redirectUri } from './complete-model.ts'

const events = () => undefined
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const login = { grant_type: 'password', username: 'alice', password: 'correct' }
const app = basic('app', 'app-secret')
const proof = pkce()
const asked = {
  ...{ response_type: 'code', client_id: 'app', state: 'xyz', redirect_uri: redirectUri, scope: 'read' },
  ...{ code_challenge: proof.challenge, code_challenge_method: 'S256' },
}

const tokenRequest = (body: object, headers: object = app) =>
  new Request({ method: 'POST', query: {}, body, headers: { ...form, ...headers } })
const alice = { authenticateHandler: { handle: (request: Request) => request['session'] as object | undefined } }
const authorizeRequest = (changes: object = {}, session: object | undefined = { id: 'alice' }) =>
  Object.assign(new Request({ query: { ...asked, ...changes }, headers: {} }), { session })
const make = (options: object = {}) => {
  const model = new CompleteModel()
  return { model, oauth: new OAuth2Server({ model, events, ...options }) }
}
const fails = (name: string, code: number) => (error: unknown) => {
  assert.ok(error instanceof OAuthError)
  assert.deepEqual([error.name, error.code, error.status, error.statusCode], [name, code, code, code])
  return true
}

suite('token', () => {
  test('the answer is filled in, and what the model saved is returned', async () => {
    const response = new Response()
    const token = await make().oauth.token(tokenRequest(login), response)
    assert.deepEqual([response.status, response.get('Cache-Control')], [200, 'no-store'])
    assert.equal((response.body as { access_token: string }).access_token, token.accessToken)
    assert.deepEqual([token.user, (token.client as { id: string }).id], [{ id: 'alice', name: 'Alice' }, 'app'])
  })

  test('a refusal is filled in and thrown', async () => {
    const response = new Response()
    const answer = make().oauth.token(tokenRequest({ ...login, password: 'wrong' }), response)
    await assert.rejects(answer, fails('invalid_grant', 400))
    assert.deepEqual([response.status, (response.body as { error: string }).error], [400, 'invalid_grant'])
    await assert.rejects(make().oauth.token(tokenRequest(login, {}), new Response()), fails('invalid_client', 401))
    await assert.rejects(
      make().oauth.token(tokenRequest({ ...login, scope: { a: 1 } }), new Response()),
      fails('invalid_request', 400),
    )
  })
})

suite('authorize', () => {
  test('the user of the handler gets a code, which is redeemed', async () => {
    const { oauth } = make()
    const response = new Response()
    const code = await oauth.authorize(authorizeRequest(), response, alice)
    const location = new URL(response.get('location') ?? '')
    assert.deepEqual(
      [response.status, location.searchParams.get('code'), location.searchParams.get('state')],
      [303, code.authorizationCode, 'xyz'],
    )
    const redeemed = {
      grant_type: 'authorization_code',
      code: code.authorizationCode,
      code_verifier: proof.verifier,
      redirect_uri: redirectUri,
    }
    assert.deepEqual((await oauth.token(tokenRequest(redeemed), new Response())).user, { id: 'alice' })
  })

  const refused: [name: string, request: Request, options: object, error: string, code: number, location: RegExp][] = [
    ['allowed=false', authorizeRequest({ allowed: 'false' }), alice, 'access_denied', 400, /error=access_denied/],
    [
      'a scope that the model refuses',
      authorizeRequest({ scope: 'admin' }),
      alice,
      'invalid_scope',
      400,
      /error=invalid_scope/,
    ],
    ['no PKCE', authorizeRequest({ code_challenge: '' }), alice, 'invalid_request', 400, /error=invalid_request/],
    [
      'a redirect URI of another',
      authorizeRequest({ redirect_uri: 'https://evil.example/' }),
      alice,
      'invalid_request',
      400,
      /^$/,
    ],
    ['a parameter twice', authorizeRequest({ client_id: ['app', 'spa'] }), alice, 'invalid_request', 400, /^$/],
    [
      'nobody is logged in',
      authorizeRequest({}, undefined),
      { authenticateHandler: { handle: () => false } },
      'server_error',
      500,
      /^$/,
    ],
    ['a user without an id', authorizeRequest({}, {}), alice, 'server_error', 500, /^$/],
    ['no handler and no token', authorizeRequest(), {}, 'unauthorized_request', 401, /^$/],
  ]
  for (const [name, request, options, error, code, location] of refused) {
    test(`${name} -> ${error}`, async () => {
      const response = new Response()
      await assert.rejects(make().oauth.authorize(request, response, options), fails(error, code))
      assert.match(response.get('location') ?? '', location)
    })
  }

  test('without a handler it is the user of the token', async () => {
    const { oauth } = make()
    const { accessToken } = await oauth.token(tokenRequest(login), new Response())
    const request = new Request({ query: asked, headers: { Authorization: `Bearer ${accessToken}` } })
    assert.deepEqual((await oauth.authorize(request, new Response())).user, { id: 'alice', name: 'Alice' })
  })
})

suite('authenticate', () => {
  const apiRequest = (headers: object, query = {}) => new Request({ query, headers: { ...headers } })

  test('the token of the model, with headers about scopes', async () => {
    const { oauth } = make()
    const { accessToken } = await oauth.token(tokenRequest({ ...login, scope: 'read write' }), new Response())
    const response = new Response()
    const token = await oauth.authenticate(apiRequest({ authorization: `Bearer ${accessToken}` }), response, {
      scope: ['read'],
    })
    assert.deepEqual(token.user, { id: 'alice', name: 'Alice' })
    assert.deepEqual([response.get('X-Accepted-OAuth-Scopes'), response.get('x-oauth-scopes')], ['read', 'read write'])
    const narrow = oauth.authenticate(apiRequest({ authorization: `Bearer ${accessToken}` }), response, {
      scope: 'admin',
    })
    await assert.rejects(narrow, fails('insufficient_scope', 403))
    assert.match(response.get('WWW-Authenticate') ?? '', /insufficient_scope/)
    await assert.rejects(oauth.authenticate(apiRequest({}), response), fails('unauthorized_request', 401))
    await assert.rejects(
      oauth.authenticate(apiRequest({}, { access_token: accessToken }), response),
      fails('unauthorized_request', 401),
    )
  })

  test('a token in the query, where the option says so, and there once', async () => {
    const { oauth } = make({ allowBearerTokensInQueryString: true })
    const { accessToken } = await oauth.token(tokenRequest(login), new Response())
    assert.ok(await oauth.authenticate(apiRequest({}, { access_token: accessToken }), new Response()))
    const twice = apiRequest({}, { access_token: [accessToken, accessToken] })
    await assert.rejects(oauth.authenticate(twice, new Response()), fails('invalid_request', 400))
  })
})

test('options of a call that belong to the constructor -> ConfigurationError', async () => {
  const { oauth } = make()
  const answer = oauth.token(tokenRequest(login), new Response(), { accessTokenLifetime: 60 })
  await assert.rejects(answer, {
    name: 'ConfigurationError',
    message: 'token: give the option accessTokenLifetime to the constructor.',
  })
})

test('in Express, as programs around the library have it', async (context) => {
  const { oauth } = make()
  const web = express()
  web.use(express.urlencoded({ extended: false }))
  const route =
    (handle: (request: Request, response: Response) => Promise<unknown>) =>
    async (req: ExpressRequest, res: ExpressResponse) => {
      const response = new Response(res)
      await handle(new Request(req), response).catch(() => undefined)
      res.status(response.status).set(response.headers).send(response.body)
    }
  web.post(
    '/token',
    route((request, response) => oauth.token(request, response)),
  )
  web.get(
    '/authorize',
    route((request, response) =>
      oauth.authorize(request, response, { authenticateHandler: { handle: () => ({ id: 'bob' }) } }),
    ),
  )
  const running = await listen(web)
  context.after(() => running.close())
  const asking = await fetch(`${running.url}/authorize?${new URLSearchParams(asked).toString()}`, {
    redirect: 'manual',
  })
  const code = new URL(asking.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    code_verifier: proof.verifier,
    redirect_uri: redirectUri,
  })
  const answer = await fetch(`${running.url}/token`, { method: 'POST', headers: app, body })
  assert.deepEqual([answer.status, ((await answer.json()) as { scope: string }).scope], [200, 'read'])
})
