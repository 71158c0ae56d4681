import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import express from 'express'
import passport from 'passport'
import OAuth2Strategy from 'passport-oauth2'
import { startInteropServer } from './server.ts'

const { issuer, confidential, approve } = await startInteropServer()
const app = express()
const listener = app.listen(0, '127.0.0.1')
after(() => listener.close())
await once(listener, 'listening')
const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}` // a TCP server has an AddressInfo

/** Keeps state and verifier, as a session would. The strategy looks at how many arguments each function takes. */
const pending = new Map<string, string>()
const store = {
  // eslint-disable-next-line max-params -- the interface of the strategy
  store(
    _request: unknown,
    verifier: string,
    _state: unknown,
    _meta: unknown,
    done: (error: null, state: string) => void,
  ) {
    const state = String(pending.size + 1)
    pending.set(state, verifier)
    done(null, state)
  },
  verify(_request: unknown, state: string, done: (error: null, verifier: string | false) => void) {
    done(null, pending.get(state) ?? false)
  },
}

const options = {
  authorizationURL: `${issuer}/authorize`,
  tokenURL: `${issuer}/token`,
  clientID: confidential.id,
  clientSecret: confidential.secret,
  callbackURL: `${origin}/callback`,
  scope: ['read', 'write'],
  pkce: true,
  state: true,
  store,
} as unknown as OAuth2Strategy.StrategyOptions // the published types know nothing of stores with PKCE
passport.use(
  new OAuth2Strategy(
    options,
    (accessToken: string, refreshToken: string, _profile: unknown, done: OAuth2Strategy.VerifyCallback) =>
      done(null, { accessToken, refreshToken }),
  ),
)
const authenticate = passport.authenticate('oauth2', { session: false }) as express.RequestHandler // typed as any
app.get('/login', authenticate)
app.get('/callback', authenticate, (request, response) => void response.json(request.user))

test('login through a strategy with PKCE and state', async () => {
  const login = await fetch(`${origin}/login`, { redirect: 'manual' })
  const back = await approve(login.headers.get('location') ?? '')
  assert.equal(back.origin, origin)
  const answer = await fetch(back)
  assert.equal(answer.status, 200, await answer.clone().text())
  const tokens = (await answer.json()) as { accessToken: string; refreshToken: string } // what the callback route sends
  assert.match(tokens.accessToken, /^ey/)
  assert.match(tokens.refreshToken, /^[\w-]{43}$/)
})

test('a forged state is refused by the client and nothing is redeemed', async () => {
  const login = await fetch(`${origin}/login`, { redirect: 'manual' })
  const back = await approve(login.headers.get('location') ?? '')
  back.searchParams.set('state', 'forged')
  assert.equal((await fetch(back)).status, 403)
})
