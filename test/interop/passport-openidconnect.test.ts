/** A login through `passport-openidconnect`: the strategy checks state, nonce and the claims of the ID token, and asks UserInfo. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import express from 'express'
import passport from 'passport'
import OpenIDConnectStrategy, { type Profile, type StrategyOptions, type VerifyCallback } from 'passport-openidconnect'
import { startInteropServer } from './server.ts'

const { issuer, register, approve } = await startInteropServer()
/** The strategy cannot send PKCE, so its client is excused from it. */
const clientSecret = await register({ id: 'passport', allowMissingPkce: true })
const app = express()
const listener = app.listen(0, '127.0.0.1')
after(() => listener.close())
await once(listener, 'listening')
const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}` // a TCP server has an AddressInfo

/** Keeps what a session would, under the state. */
const pending = new Map<string, object>()
const store = {
  // eslint-disable-next-line max-params -- the interface of the strategy
  store(
    _request: unknown,
    context: object,
    _state: unknown,
    _meta: unknown,
    done: (error: null, handle: string) => void,
  ) {
    const handle = `state-${pending.size + 1}`
    pending.set(handle, context)
    done(null, handle)
  },
  verify(_request: unknown, handle: string, done: (error: null, context: object | false, state: object) => void) {
    done(null, pending.get(handle) ?? false, {})
  },
}

const options = {
  ...{
    issuer,
    authorizationURL: `${issuer}/authorize`,
    tokenURL: `${issuer}/token`,
    userInfoURL: `${issuer}/userinfo`,
  },
  ...{
    clientID: 'passport',
    clientSecret,
    callbackURL: `${origin}/callback`,
    scope: ['profile', 'email'],
    maxAge: 600,
  },
  skipUserProfile: false,
  store,
} as unknown as StrategyOptions // the published types know nothing of stores without a session
passport.use(
  new OpenIDConnectStrategy(options, (of: string, profile: Profile, done: VerifyCallback) =>
    done(null, { of, ...profile }),
  ),
)
const authenticate = passport.authenticate('openidconnect', { session: false }) as express.RequestHandler // typed as any
app.get('/login', authenticate)
app.get('/callback', authenticate, (request, response) => void response.json(request.user))

test('login: state, nonce, ID token and UserInfo', async () => {
  const login = await fetch(`${origin}/login`, { redirect: 'manual' })
  const back = await approve(login.headers.get('location') ?? '')
  const answer = await fetch(back)
  assert.equal(answer.status, 200, await answer.clone().text())
  const user = (await answer.json()) as { of: string; id: string; displayName: string; emails: { value: string }[] } // what the callback route sends
  assert.equal(user.of, issuer)
  assert.match(user.id, /^user_/)
  assert.deepEqual([user.displayName, user.emails[0]?.value], ['Development User', 'dev@example.com'])
})

test('a forged state is refused by the client', async () => {
  const login = await fetch(`${origin}/login`, { redirect: 'manual' })
  const back = await approve(login.headers.get('location') ?? '')
  back.searchParams.set('state', 'forged')
  assert.equal((await fetch(back)).status, 403)
})
