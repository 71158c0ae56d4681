/** A login through `@auth/core` (Auth.js), which needs no browser: it takes web requests. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInteropServer } from './server.ts'

/** Its types bring those of browsers, which contradict those of Node in every other file. */
interface AuthModule {
  readonly Auth: (request: Request, config: object) => Promise<Response>
}
const library: string = '@auth/core' // not a literal, so that they are not read
const { Auth } = (await import(library)) as AuthModule

const { issuer, register, approve } = await startInteropServer()
const origin = 'http://127.0.0.1:3000'
const callback = `${origin}/auth/callback/grantry`
const clientSecret = await register({ id: 'authjs', redirectUris: [callback] })
const provider = { id: 'grantry', name: 'Grantry', type: 'oidc', issuer, clientId: 'authjs', clientSecret } as const
const config = {
  providers: [{ ...provider, checks: ['pkce', 'state', 'nonce'], idToken: false }], // name and e-mail address are at UserInfo
  ...{
    secret: 's'.repeat(43),
    trustHost: true,
    basePath: '/auth',
    logger: { error: (error: Error) => assert.fail(error) },
  },
}

/** A browser of the application: cookies and nothing else. */
const cookies = new Map<string, string>()
const visit = async (url: string, body?: URLSearchParams): Promise<Response> => {
  const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  const init = body === undefined ? { headers } : { headers, method: 'POST', body }
  const response = await Auth(new Request(url, init), config)
  for (const set of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
    cookies.set(name, value)
  }
  return response
}

test('login with PKCE, state and nonce -> a session with name and e-mail address', async () => {
  const { csrfToken } = (await (await visit(`${origin}/auth/csrf`)).json()) as { csrfToken: string }
  const start = await visit(
    `${origin}/auth/signin/grantry`,
    new URLSearchParams({ csrfToken, callbackUrl: `${origin}/` }),
  )
  const back = await approve(start.headers.get('location') ?? '')
  assert.equal(back.origin + back.pathname, callback)
  const done = await visit(back.href)
  assert.equal(done.headers.get('location'), `${origin}/`)
  const session = (await (await visit(`${origin}/auth/session`)).json()) as { user: object }
  assert.deepEqual(session.user, { name: 'Development User', email: 'dev@example.com' })
})
