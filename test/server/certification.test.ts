/**
 * What the modules of OpenID's conformance suite look at, at a server as users start it (`profile: 'openid'`): a confidential client without
 * PKCE, every response type, by redirect and by form_post. The suite itself is not run here; `docs/reference/openid-certification.md` says
 * which of its modules each test stands for.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import { findForm } from './browser.ts'
import { clock, reached, redirectUri } from './openid-fixture.ts'
import {
  server,
  browser,
  claimsOf,
  username,
  password,
  email,
  types,
  type Values,
  ask,
  answerOf,
  go,
  redeem,
  claimsAt,
  leftHalf,
} from './certification-fixture.ts'

describe('every response type answers with what it names, and with an ID token that holds', () => {
  for (const mode of ['', 'form_post']) {
    for (const response_type of types) {
      test(`${response_type}${mode === '' ? '' : ' by form_post'}`, async () => {
        const answer = await go({ response_type, response_mode: mode, state: 'a b&c' })
        const names = { code: 'code', token: 'access_token', id_token: 'id_token' } as const
        const expected = response_type.split(' ').map((word) => names[word as keyof typeof names]) // a word of `types`
        assert.deepEqual(
          ['code', 'access_token', 'id_token'].filter((name) => answer.has(name)).sort(),
          expected.sort(),
        )
        assert.deepEqual([answer.get('state'), answer.get('iss')], ['a b&c', server.issuer])
        const tokens = answer.has('code') ? await redeem(answer) : {}
        const front = answer.get('id_token') ?? undefined
        const idTokens = [front, tokens['id_token']].filter((token) => token !== undefined)
        assert.ok(idTokens.length > 0)
        const subjects = new Set<unknown>()
        for (const token of idTokens) {
          const claims = await claimsOf(token)
          subjects.add(claims.sub)
          assert.deepEqual([claims.aud, claims['nonce'], claims.iat], ['app', 'n-1', clock.now])
          assert.ok((claims.exp ?? 0) > clock.now)
        }
        if (front !== undefined) {
          const claims = await claimsOf(front)
          assert.equal(claims['at_hash'], leftHalf(answer.get('access_token')))
          assert.equal(claims['c_hash'], leftHalf(answer.get('code')))
        }
        for (const token of [answer.get('access_token'), tokens['access_token']].filter(
          (each) => typeof each === 'string',
        ))
          subjects.add((await claimsAt(token))['sub'])
        assert.equal(subjects.size, 1)
      })
    }
  }

  test('the ID token names its key, which is published', async () => {
    const { kid, alg } = decodeProtectedHeader(String((await redeem(await go()))['id_token']))
    const { keys } = (await (await fetch(`${server.url}/jwks`)).json()) as { keys: { kid: string; alg: string }[] }
    assert.equal(alg, 'RS256')
    assert.equal(keys.filter((key) => key.kid === kid && key.alg === alg).length, 1)
  })
})

describe('requests with something missing, more or elsewhere', () => {
  test('no response_type -> invalid_request, no code', async () => {
    const who = browser()
    const page = await who.follow(await who.get(ask({ response_type: '' })))
    assert.equal(answerOf(page).get('error'), 'invalid_request')
    assert.equal(answerOf(page).has('code'), false)
  })

  test('no nonce: fine where the ID token comes from the token endpoint, else invalid_request', async () => {
    for (const response_type of types) {
      const answer = await go({ response_type, nonce: '' })
      const isFine = !response_type.includes('id_token')
      assert.equal(answer.get('error'), isFine ? null : 'invalid_request', response_type)
      if (isFine) assert.equal('nonce' in (await claimsOf((await redeem(answer))['id_token'])), false)
    }
  })

  const wishes: [name: string, change: Values][] = [
    ['an unknown parameter', { extra: 'foobar' }],
    ['ui_locales', { ui_locales: 'se' }],
    ['claims_locales', { claims_locales: 'se' }],
    ['acr_values', { acr_values: '1 2' }],
    ['a long state', { state: 's'.repeat(128) }],
    [
      'PKCE',
      {
        code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
        code_challenge_method: 'S256',
      },
    ],
  ]
  for (const [name, change] of wishes) {
    test(`${name} -> a code, and tokens`, async () => {
      const answer = await go(change)
      const more: Values = name === 'PKCE' ? { code_verifier: 'v'.repeat(43) } : {}
      assert.ok((await redeem(answer, more))['id_token'])
    })
  }

  const displays: [display: string, form: string][] = [
    ['page', 'login'],
    ['popup', 'login'],
    ['touch', 'login'],
    ['wap', 'login'],
  ]
  for (const [display, form] of displays) {
    test(`display=${display} -> the login page`, async () => {
      const who = browser()
      assert.equal(reached(await who.follow(await who.get(ask({ display })))), form)
    })
  }

  test('login_hint -> the name is in the login page', async () => {
    const who = browser()
    const page = await who.follow(await who.get(ask({ login_hint: 'bob@example.com' })))
    assert.match(page.text, /value="bob@example\.com"/)
  })

  test('scopes and parameters in another order -> the same', async () => {
    const who = browser()
    const [path = '', query = ''] = ask({ scope: 'email openid' }).split('?')
    const reversed = [...new URLSearchParams(query)].reverse()
    const page = await who.clickThrough(`${path}?${new URLSearchParams(reversed).toString()}`, username, password)
    const tokens = await redeem(answerOf(page))
    assert.equal((await claimsAt(tokens['access_token']))['email'], email.email)
  })

  test('by POST -> as by GET', async () => {
    const who = browser()
    const [path = '', query = ''] = ask().split('?')
    let page = await who.follow(await who.post(path, Object.fromEntries(new URLSearchParams(query))))
    page = await who.follow(await who.submit(page, 'login', { username, password }))
    if (findForm(page, 'consent') !== undefined)
      page = await who.follow(await who.submit(page, 'consent', { decision: 'approve' }))
    assert.ok((await redeem(answerOf(page)))['id_token'])
  })

  const nowhere: [name: string, redirect_uri: string][] = [
    ['a redirect URI that is not registered', 'https://app.example/other'],
    ['no redirect URI', ''],
    ['a query more', 'https://app.example/q?foo=bar&x=1'],
    ['another query', 'https://app.example/q?bar=foo'],
    ['a query where none is registered', `${redirectUri}?foo=bar`],
  ]
  for (const [name, redirect_uri] of nowhere) {
    test(`${name} -> an error page`, async () => {
      const who = browser()
      const page = await who.follow(await who.get(ask({ redirect_uri })))
      assert.deepEqual([page.status, page.location], [400, ''])
    })
  }

  test('a query that is registered -> kept, with the answer behind it', async () => {
    const page = await browser().clickThrough(
      ask({ redirect_uri: 'https://app.example/q?foo=bar' }),
      username,
      password,
    )
    assert.match(page.location, /^https:\/\/app\.example\/q\?foo=bar&code=/)
  })

  test('a request object that is not signed -> told so', async () => {
    const request = `${btoa('{"alg":"none"}')}.${btoa('{}')}.`
    const error = (await go({ request })).get('error')
    assert.equal(error, 'request_not_supported')
  })
})
