/** A server whose users log in at other providers: at a second one of ours, and at two that answer whatever a test says. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { registerClient, type Jwk } from 'grantry'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Browser, type Page } from './browser.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const clientSecret = 's'.repeat(43)
/** The library that asks the provider has no other clock. */
export const now = (): number => Math.floor(Date.now() / 1000)

/** What a crafted provider answers. */
export interface Craft {
  readonly claims: Record<string, unknown>
  readonly sign: (claims: Record<string, unknown>) => Promise<string>
  readonly metadata: Record<string, unknown>
  readonly userinfo: Record<string, unknown>
}

const { privateKey, publicKey } = await generateKeyPair('RS256')
export { privateKey }
/** A key that nobody trusts. */
export const stranger = await generateKeyPair('RS256')
/** Signs claims with a key, as a provider does. */
export const signBy = (key: typeof privateKey) => (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)

/** A provider whose every answer can be changed. Its users are whoever the test says. */
const startCrafted = async () => {
  let url = ''
  const good = (): Craft => ({ claims: {}, sign: signBy(privateKey), metadata: {}, userinfo: {} })
  const state = { craft: good(), nonce: '', asked: [] as string[] }
  const json = (to: ServerResponse, body: unknown): unknown =>
    to.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  const token = async (request: IncomingMessage, to: ServerResponse): Promise<unknown> => {
    state.asked.push(Buffer.concat(await request.toArray()).toString())
    const iat = now()
    const times = { iat, exp: iat + 300, auth_time: iat }
    const claims = {
      iss: url,
      sub: 'u1',
      aud: 'grantry',
      nonce: state.nonce,
      email: 'eve@evil.example',
      ...times,
      ...state.craft.claims,
    }
    return json(to, { access_token: 'a', token_type: 'Bearer', id_token: await state.craft.sign(claims) })
  }
  const server = createServer((request, to) => {
    const { pathname } = new URL(request.url ?? '', url)
    const endpoints = {
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      userinfo_endpoint: `${url}/me`,
    }
    const known = {
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
    if (pathname === '/token') void token(request, to)
    else if (pathname === '/jwks')
      void exportJWK(publicKey).then((jwk) => json(to, { keys: [{ ...jwk, kid: 'k', alg: 'RS256' }] }))
    else if (pathname === '/me') json(to, { sub: 'u1', ...state.craft.userinfo })
    else
      json(to, {
        issuer: url,
        ...endpoints,
        ...known,
        authorization_response_iss_parameter_supported: true,
        ...state.craft.metadata,
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  return { url, state, good }
}

/** The providers of the test: one whose users become users here, and one whose users connect their logins. */
export const evil = await startCrafted()
export const other = await startCrafted()

clock.now = now()
/** A second server of ours, which users know. */
export const home = await startOpenId({ now })

/** Settings of a provider. */
export const upstream = (id: string, issuer: string, change: object = {}) => ({
  ...{ id, label: `The ${id}`, issuer, clientId: 'grantry', clientSecret, unknownUsers: 'create' as const },
  ...change,
})
/** Where they are, which is this machine. */
export const hosts = [home.server.issuer, evil.url, other.url].map((url) => new URL(url).host)
/** The server whose users log in there. */
export const openid = await startOpenId({
  now,
  allowPrivateHosts: hosts,
  upstreams: [
    upstream('home', home.server.issuer, { authMethod: 'private_key_jwt', clientSecret: undefined }),
    upstream('evil', evil.url, { twoFactorAcr: 'two' }),
    upstream('other', other.url, { unknownUsers: 'link' }),
  ],
})
const { keys } = (await (await fetch(`${openid.server.url}/jwks`)).json()) as { readonly keys: readonly Jwk[] }
await registerClient(home.store, {
  ...{ id: 'grantry', grantTypes: ['authorization_code'], scopes: ['openid', 'profile', 'email'] },
  redirectUris: [`${openid.server.issuer}/login/via/home/callback`],
  ...{ authMethods: ['private_key_jwt'], jwks: { keys } },
})

/** Sets out to a provider; gives the browser and the address at the provider. */
export const setOut = async (
  id: string,
  to = '/',
  who = new Browser(openid.server.issuer),
): Promise<[Browser, URL]> => {
  const page = await who.get(`/login/via/${id}?to=${encodeURIComponent(to)}`)
  assert.equal(page.status, 303, page.text)
  return [who, new URL(page.location)]
}
/** What a crafted provider would send the browser back with. */
export const comeBack = (sent: URL, change: Readonly<Record<string, string | undefined>> = {}): string => {
  evil.state.nonce = other.state.nonce = sent.searchParams.get('nonce') ?? ''
  const back = new URL(sent.searchParams.get('redirect_uri') ?? '')
  const answer: Readonly<Record<string, string | undefined>> = {
    code: 'c',
    state: sent.searchParams.get('state') ?? '',
    iss: sent.origin,
    ...change,
  }
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) back.searchParams.set(name, value)
  return back.pathname + back.search
}
/** Goes to a crafted provider, and comes back with what it is to answer. */
export const at = async (
  id: string,
  change: Readonly<Record<string, string | undefined>> = {},
  craft: Partial<Craft> = {},
): Promise<[Browser, Page]> => {
  const provider = id === 'evil' ? evil : other
  provider.state.craft = { ...provider.good(), ...craft }
  const [who, sent] = await setOut(id)
  return [who, await who.get(comeBack(sent, change))]
}
/** Who is logged in. */
export const usernameOf = async (who: Browser): Promise<string | undefined> =>
  /logged in as <strong><bdi>([^<]*)</.exec((await who.get('/account')).text)?.[1]
/** What a page says is wrong. */
export const problemOf = ({ text }: Page): string => /role="alert">([^<]*)</.exec(text)?.[1]?.trim() ?? text
