/** OpenID Connect Core §2, §3: ID tokens, in every flow. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { body, form, redirected, text } from '../support/requests.ts'
import { authorize, changeClient, codeFlow, issuer, login, makeOpenId, redeem, verified } from './provider.ts'

const leftHalf = (value: unknown, algorithm = 'sha256'): string => {
  const digest = createHash(algorithm).update(String(value)).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

describe('code flow (§3.1)', () => {
  test('the ID token says who, for whom, when, how, and names the access token', async () => {
    const provider = await makeOpenId()
    const tokens = await codeFlow(provider)
    const { claims, alg } = await verified(provider, tokens['id_token'])
    assert.equal(alg, 'RS256')
    assert.deepEqual(claims, {
      iss: issuer,
      sub: 'alice',
      aud: 'app',
      iat: provider.clock.now,
      exp: provider.clock.now + 600,
      auth_time: login.authTime,
      nonce: 'n-1',
      acr: 'high',
      amr: ['pwd', 'otp'],
      sid: 's-1',
      at_hash: leftHalf(tokens['access_token']),
    })
  })

  test('without the scope openid, asked for or granted → none', async () => {
    const provider = await makeOpenId()
    assert.equal('id_token' in (await codeFlow(provider, { scope: 'read' })), false)
    const response = await authorize(provider, { scope: 'openid read' }, { scopes: ['read'] })
    const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
    assert.equal('id_token' in body(issued), false)
  })

  test('claims of scopes are for UserInfo; single ones that were asked for are in it', async () => {
    const provider = await makeOpenId()
    const claims = JSON.stringify({ id_token: { email: null, shoe_size: { essential: true }, sub: null } })
    const tokens = await codeFlow(provider, { scope: 'openid profile', claims })
    const { claims: shown } = await verified(provider, tokens['id_token'])
    assert.deepEqual(
      [shown['name'], shown['email'], shown['shoe_size'], shown.sub],
      [undefined, 'alice@example.com', 38, 'alice'],
    )
  })

  const algorithms: [algorithm: string, hash: string][] = [
    ['RS256', 'sha256'],
    ['PS256', 'sha256'],
    ['ES256', 'sha256'],
    ['EdDSA', 'sha512'],
  ]
  for (const [algorithm, hash] of algorithms) {
    test(`a client that is registered for ${algorithm} → signed so, at_hash by ${hash}`, async () => {
      const provider = await makeOpenId()
      await changeClient(provider, { idTokenSigningAlgorithm: algorithm })
      const tokens = await codeFlow(provider)
      const { claims, alg } = await verified(provider, tokens['id_token'])
      assert.equal(alg, algorithm)
      assert.equal(claims['at_hash'], leftHalf(tokens['access_token'], hash))
    })
  }

  test('an algorithm that there is no key for → server_error, and the operator is told', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { idTokenSigningAlgorithm: 'ES512' })
    const response = await authorize(provider, {})
    const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
    assert.equal(issued.status, 500)
    assert.match(JSON.stringify(provider.events), /wants ES512/)
  })

  test('refresh → a new ID token of the same login, without nonce (§12.2)', async () => {
    const provider = await makeOpenId()
    const tokens = await codeFlow(provider)
    provider.clock.now += 3000
    const grant = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    const renewed = await provider.server.createTokenResponse(form(grant, provider.app))
    const { claims } = await verified(provider, text(renewed, 'id_token'))
    assert.deepEqual([claims.sub, claims['auth_time'], claims['nonce']], ['alice', login.authTime, undefined])
    assert.equal(claims.iat, provider.clock.now)
  })

  test('an ID token is no access token', async () => {
    const provider = await makeOpenId()
    const { id_token } = await codeFlow(provider)
    const shown = await provider.server.createIntrospectionResponse(form({ token: String(id_token) }, provider.app))
    assert.deepEqual(body(shown), { active: false })
  })

  test('max_age or a client that requires auth_time, and a decision that lacks it → server_error', async () => {
    const provider = await makeOpenId()
    const response = await authorize(provider, { max_age: '60' }, { authentication: undefined })
    assert.equal(redirected(response).get('error'), 'server_error')
    await changeClient(provider, { requireAuthTime: true })
    const again = await authorize(provider, {}, { authentication: undefined })
    assert.equal(redirected(again).get('error'), 'server_error')
  })
})

describe('implicit and hybrid flows (§3.2, §3.3)', () => {
  const types: [type: string, members: readonly string[]][] = [
    ['id_token', ['id_token']],
    ['id_token token', ['access_token', 'id_token']],
    ['token id_token', ['access_token', 'id_token']],
    ['code id_token', ['code', 'id_token']],
    ['id_token code', ['code', 'id_token']],
    ['code token', ['access_token', 'code']],
    ['token code id_token', ['access_token', 'code', 'id_token']],
  ]
  for (const [type, members] of types) {
    test(`response_type=${type} → ${members.join(', ')} in the fragment`, async () => {
      const provider = await makeOpenId()
      const response = await authorize(provider, { response_type: type, scope: 'openid profile' })
      assert.match(response.headers['Location'] ?? '', /^https:\/\/app\.example\/cb#/)
      const parameters = redirected(response)
      const tokens = ['access_token', 'code', 'id_token']
      assert.deepEqual(
        tokens.filter((name) => parameters.has(name)),
        members,
      )
      assert.deepEqual([parameters.get('state'), parameters.get('iss')], ['st', issuer])
      if (!parameters.has('id_token')) return
      const { claims } = await verified(provider, parameters.get('id_token'))
      assert.equal(claims['nonce'], 'n-1')
      const [access, code] = [parameters.get('access_token'), parameters.get('code')]
      assert.equal(claims['at_hash'], access === null ? undefined : leftHalf(access))
      assert.equal(claims['c_hash'], code === null ? undefined : leftHalf(code))
      assert.equal(
        claims['name'],
        members.length === 1 ? 'Alice' : undefined,
        'claims of scopes where nothing else gives them',
      )
    })
  }

  test('the code of a hybrid response gives tokens and another ID token of the same user', async () => {
    const provider = await makeOpenId()
    const response = await authorize(provider, { response_type: 'code id_token' })
    const front = await verified(provider, redirected(response).get('id_token'))
    const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
    const back = await verified(provider, text(issued, 'id_token'))
    assert.deepEqual([back.claims.sub, back.claims['nonce']], [front.claims.sub, 'n-1'])
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['without nonce', { response_type: 'id_token', nonce: '' }, 'invalid_request'],
    ['hybrid without nonce', { response_type: 'code id_token', nonce: '' }, 'invalid_request'],
    ['without openid', { response_type: 'id_token', scope: 'read' }, 'invalid_request'],
    ['a word twice', { response_type: 'id_token id_token' }, 'unsupported_response_type'],
    ['an unknown word', { response_type: 'id_token foo' }, 'unsupported_response_type'],
    ['query mode', { response_type: 'id_token', response_mode: 'query' }, 'invalid_request'],
    ['hybrid in the query', { response_type: 'code id_token', response_mode: 'query' }, 'invalid_request'],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}`, async () => {
      const provider = await makeOpenId()
      const response = await authorize(provider, change)
      const parameters = redirected(response)
      assert.deepEqual([parameters.get('error'), parameters.get('state')], [error, 'st'])
    })
  }

  test('errors go where the success would have gone: into the fragment', async () => {
    const response = await authorize(await makeOpenId(), { response_type: 'code id_token', nonce: '' })
    assert.match(response.headers['Location'] ?? '', /#error=invalid_request/)
  })

  test('a client that is registered for code alone → unauthorized_client', async () => {
    const provider = await makeOpenId({}, { responseTypes: ['code'] })
    const response = await authorize(provider, { response_type: 'id_token' })
    assert.equal(redirected(response).get('error'), 'unauthorized_client')
  })
})

describe('form_post (OAuth 2.0 Form Post Response Mode)', () => {
  test('a page that posts the parameters, by itself or by a button, and may do nothing else', async () => {
    const provider = await makeOpenId()
    const response = await authorize(provider, { response_type: 'code id_token', response_mode: 'form_post' })
    assert.equal(response.status, 200)
    assert.match(response.body, /<form method="post" action="https:\/\/app\.example\/cb">/)
    const fields = [...response.body.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name]) => name)
    assert.deepEqual(fields.sort(), ['code', 'id_token', 'iss', 'state'])
    const [, script = ''] = /<script>(.*)<\/script>/.exec(response.body) ?? []
    const hash = createHash('sha256').update(script).digest('base64')
    assert.ok(response.headers['Content-Security-Policy']?.includes(`script-src 'sha256-${hash}'`))
    assert.equal(response.headers['Cache-Control'], 'no-store')
  })

  test('what a client sends cannot leave its field', async () => {
    const provider = await makeOpenId()
    const response = await authorize(provider, { response_mode: 'form_post', state: '"><script>alert(1)</script>' })
    assert.ok(response.body.includes('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"'))
  })

  test('errors are posted as well', async () => {
    const response = await authorize(await makeOpenId(), { response_mode: 'form_post', scope: 'openid admin' })
    assert.match(response.body, /name="error" value="invalid_scope"/)
  })
})

describe('pairwise subjects (§8.1)', () => {
  const pairwiseSalt = 'x'.repeat(32)

  test('differ from the user id and between sectors, and are the same in ID token and UserInfo', async () => {
    const provider = await makeOpenId({ pairwiseSalt }, { subjectType: 'pairwise' })
    const tokens = await codeFlow(provider)
    const { claims } = await verified(provider, tokens['id_token'])
    assert.match(claims.sub ?? '', /^[\w-]{43}$/)
    const url = `${issuer}/userinfo`
    const headers = { authorization: `Bearer ${String(tokens['access_token'])}` }
    const info = (await (await provider.server.fetch(new Request(url, { headers }))).json()) as { sub: string }
    assert.equal(info.sub, claims.sub)
    await changeClient(provider, { sectorIdentifier: 'other.example' })
    const other = await verified(provider, (await codeFlow(provider))['id_token'])
    assert.notEqual(other.claims.sub, claims.sub)
  })

  test('a client with redirect URIs of two hosts and no sector → server_error that names the mend', async () => {
    const redirectUris = ['https://app.example/cb', 'https://two.example/cb']
    const provider = await makeOpenId({ pairwiseSalt }, { subjectType: 'pairwise', redirectUris })
    const response = await authorize(provider, { response_type: 'id_token', redirect_uri: 'https://app.example/cb' })
    assert.equal(redirected(response).get('error'), 'server_error')
    assert.match(JSON.stringify(provider.events), /sectorIdentifier/)
  })

  test('a short salt → ConfigurationError', async () => {
    await assert.rejects(makeOpenId({ pairwiseSalt: 'short' }), { name: 'ConfigurationError', message: /pairwiseSalt/ })
  })
})
