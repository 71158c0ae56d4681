/**
 * An app that logs users in at an OpenID provider, with openid-client on Express 5. Run it beside `grantry-server start`:
 * CLIENT_ID=shop CLIENT_SECRET=… node examples/openid-client.ts
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import * as client from 'openid-client'

const { ISSUER = 'http://localhost:9000', CLIENT_ID = 'dev-client', CLIENT_SECRET, PORT = '8080' } = process.env
const issuer = new URL(ISSUER)
const execute = issuer.hostname === 'localhost' ? [client.allowInsecureRequests] : [] // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use elsewhere
const provider = await client.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, { execute })

/** What the app knows of a browser: first the secret of a login that is under way, then who logged in. */
interface Session {
  readonly pkceCodeVerifier?: string
  readonly user?: client.UserInfoResponse
  readonly tokens?: client.TokenEndpointResponse
}
const sessions = new Map<string, Session>()
const sessionId = ({ headers }: Request): string => /\bapp=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? ''

const startSession = (response: Response, session: Session): void => {
  const id = randomUUID()
  sessions.set(id, session)
  response.cookie('app', id, { httpOnly: true, sameSite: 'lax' }) // at https also `secure: true`
}

/** Ends the session of a browser, and says what it was. */
const endSession = (request: Request): Session => {
  const session = sessions.get(sessionId(request))
  sessions.delete(sessionId(request))
  return session ?? {}
}

const app = express()
const http = app.listen(Number(PORT), '127.0.0.1')
await once(http, 'listening')
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
console.log(`Log in at ${url}`)

app.get('/', (request, response) => {
  const { user } = sessions.get(sessionId(request)) ?? {}
  const name = encodeURI(user?.email ?? user?.sub ?? '') // it may have been typed by a stranger
  const logOut = `<form method="post" action="/logout">${name} <button>Log out</button></form>`
  response.send(user ? logOut : '<a href="/login">Log in</a>')
})

app.get('/login', async (_, response) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  startSession(response, { pkceCodeVerifier })
  const question = client.buildAuthorizationUrl(provider, {
    ...{ redirect_uri: `${url}/callback`, scope: 'openid email', code_challenge_method: 'S256' },
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  })
  response.redirect(303, question.href)
})

app.get('/callback', async (request, response) => {
  const { pkceCodeVerifier } = endSession(request) // an answer to another browser fails by it
  const back = new URL(request.url, url)
  const tokens = await client.authorizationCodeGrant(provider, back, { pkceCodeVerifier, idTokenExpected: true })
  const user = await client.fetchUserInfo(provider, tokens.access_token, tokens.claims()?.sub ?? '')
  startSession(response, { user, tokens })
  response.redirect(303, '/')
})

app.post('/logout', async (request, response) => {
  const { tokens } = endSession(request)
  if (tokens) await client.tokenRevocation(provider, tokens.access_token)
  const query = { id_token_hint: tokens?.id_token ?? '', post_logout_redirect_uri: `${url}/` }
  response.redirect(303, tokens ? client.buildEndSessionUrl(provider, query).href : '/') // ends the login there as well
})
