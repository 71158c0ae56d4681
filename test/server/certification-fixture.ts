/** The server that the tests of the certification look at, with a user of whom everything is known, and what clients do there. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { registerClient } from 'grantry'
import { type JWTPayload } from 'jose'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { hiddenFields, type Browser, type Page } from './browser.ts'
import { clock, redirectUri, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId({ profile: 'openid' })
/** The server, and what goes to it. */
export const { server, post, browser, claimsOf } = openid
/** Who logs in. */
export const username = 'full'
/** By which password. */
export const password = 'a password of twenty letters'
/** What is known of the user. */
export const address = { formatted: '1 Main St', locality: 'Town', country: 'XX' }
/** The same of `profile`. */
export const profile = {
  ...{ name: 'Full User', given_name: 'Full', family_name: 'User', middle_name: 'M', nickname: 'F' },
  ...{ preferred_username: 'full', profile: 'https://full.example/', picture: 'https://full.example/p' },
  ...{ website: 'https://full.example/w', gender: 'x', birthdate: '0000-01-01', zoneinfo: 'UTC', locale: 'en' },
}
/** The same of `email`. */
export const email = { email: 'full@example.com', email_verified: true }
/** The same of `phone`. */
export const phone = { phone_number: '+1 555', phone_number_verified: true }
const data = openSqlite(openid.data, { create: false })
await data.accounts.create(username, await hashPassword(password), clock.now, {
  ...profile,
  ...email,
  ...phone,
  address,
})
await data.close()

/** Every response type. */
export const types = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
const scopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']
/** Where a browser may go after a logout. */
export const afterLogout = 'https://app.example/bye'
await openid.changeClient('app', {
  ...{ responseTypes: types, scopes, postLogoutRedirectUris: [afterLogout] },
  redirectUris: [redirectUri, 'https://app.example/q?foo=bar'],
})

/** Parameters. */
export type Values = Readonly<Record<string, string>>

/** The path of a request as the suite makes it: no PKCE. */
export const ask = (change: Values = {}): string =>
  openid.path({ scope: 'openid', nonce: 'n-1', code_challenge: '', code_challenge_method: '', ...change })

/** What was sent to the client, by redirect, in the fragment or by form_post. */
export const answerOf = (page: Page): URLSearchParams => {
  const isPosted = /<form method="post" action="https:\/\/app\.example/.test(page.text)
  if (isPosted) return new URLSearchParams(hiddenFields(page))
  assert.ok(page.location.startsWith('https://app.example/'), `${page.status} ${page.location} ${page.text}`)
  return new URLSearchParams(page.location.slice(page.location.search(/[?#]/) + 1))
}

/** Clicks through all pages; gives what the client got. */
export const go = async (change: Values = {}, who: Browser = browser()): Promise<URLSearchParams> =>
  answerOf(await who.clickThrough(ask(change), username, password))

/** Gets tokens for a code. */
export const redeem = (answer: URLSearchParams, more: Values = {}): Promise<Record<string, unknown>> =>
  post('/token', {
    ...{ grant_type: 'authorization_code', code: answer.get('code') ?? '', redirect_uri: redirectUri, ...more },
  })

/** The claims of the ID token of a code flow. */
export const loginOf = async (change: Values, who: Browser): Promise<JWTPayload> =>
  claimsOf((await redeem(await go(change, who)))['id_token'])

/** Asks for the claims of a user. */
export const userInfo = async (token: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/userinfo`, { headers: { authorization: `Bearer ${String(token)}` }, ...init })

/** The claims that there are. */
export const claimsAt = async (token: unknown): Promise<Record<string, unknown>> =>
  (await (await userInfo(token)).json()) as Record<string, unknown>

/** A client that sends its secret in the body. */
export const registerPost = async (store: Parameters<typeof registerClient>[0]) => {
  const methods = { authMethods: ['client_secret_post'], grantTypes: ['authorization_code'] }
  const registered = { id: 'posting', redirectUris: [redirectUri], scopes: ['openid'], ...methods }
  const { secret = '' } = await registerClient(store, registered)
  return { client: 'posting', secret }
}

/** The left half of a digest, as `at_hash` and `c_hash` have it. */
export const leftHalf = (text: string | null): string | undefined =>
  text === null ? undefined : createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
