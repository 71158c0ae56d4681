/** Examples of RFC 6749, RFC 6750 and RFC 7636, sent as they are printed. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { hashClientSecret, StoreValidator, type OAuthRequest } from 'grantry'
import { approve, makeProvider } from '../support/provider.ts'
import { body, form, redirected, request } from '../support/requests.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const example = 'Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW'

test('RFC 7636 appendix B: the verifier opens its challenge, and with any bit turned it does not', async () => {
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), challenge)
  const { server, app } = await makeProvider()
  const asked = { response_type: 'code', client_id: 'app', code_challenge: challenge, code_challenge_method: 'S256' }
  const redeem = async (code_verifier: string): Promise<number> => {
    const code = redirected(await approve(server, asked)).get('code') ?? ''
    return (await server.createTokenResponse(form({ grant_type: 'authorization_code', code, code_verifier }, app)))
      .status
  }
  assert.equal(await redeem(verifier), 200)
  const bytes = Buffer.from(verifier, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const turned = Buffer.from(bytes)
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(await redeem(turned.toString('base64url')), 400, `bit ${bit}`)
  }
})

test('RFC 6749 §2.3.1, §4.4.2: the client of the examples, by Basic and in the body', async () => {
  assert.equal(Buffer.from(example.slice(6), 'base64').toString(), 's6BhdRkqt3:gX1fBat3bV')
  const { server, store } = await makeProvider()
  const known = (await store.findClient('app')) ?? assert.fail()
  await store.putClient({ ...known, id: 's6BhdRkqt3', secrets: [hashClientSecret('gX1fBat3bV')] })
  const byBasic = await server.createTokenResponse(form('grant_type=client_credentials', { Authorization: example }))
  assert.deepEqual([byBasic.status, body(byBasic)['token_type']], [200, 'Bearer'])
  await store.putClient({ ...known, id: 's6BhdRkqt3', secrets: [hashClientSecret('7Fjfp0ZBr1KtDRbnfVdmIw')] })
  const inBody = 'grant_type=client_credentials&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw'
  assert.equal((await server.createTokenResponse(form(inBody))).status, 200)
  assert.equal((await server.createTokenResponse(form(inBody.replace('7Fj', '7fj')))).status, 401)
})

test('RFC 6749 §4.1.1: the authorization request as it is printed', async () => {
  const { server, store } = await makeProvider()
  const known = (await store.findClient('app')) ?? assert.fail()
  await store.putClient({
    ...known,
    id: 's6BhdRkqt3',
    redirectUris: ['https://client.example.com/cb'],
    allowMissingPkce: true,
  })
  const http = request(
    'GET',
    '/authorize?response_type=code&client_id=s6BhdRkqt3&state=xyz&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb',
  )
  const validation = await server.validateAuthorizationRequest(http)
  assert.ok(validation.ok)
  const decision = { approved: true, user: { id: 'alice' }, scopes: validation.request.scopes } as const
  const { headers } = await server.createAuthorizationResponse(http, validation.request, decision)
  assert.match(headers['Location'] ?? '', /^https:\/\/client\.example\.com\/cb\?code=[\w-]{43}&state=xyz$/)
})

test('RFC 6750 §2.1: the token of the example, whatever the case of the scheme', async () => {
  class Knowing extends StoreValidator {
    readonly seen: string[] = []

    override validateBearerToken(token: string, http: OAuthRequest) {
      this.seen.push(token)
      return super.validateBearerToken(token, http)
    }
  }
  let validator: Knowing | undefined
  const { server } = await makeProvider({}, { validator: (store) => (validator = new Knowing(store)) })
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const answer = await server.verifyRequest(
      request('GET', '/resource', { headers: { authorization: `${scheme} mF_9.B5f-4.1JqM` } }),
    )
    assert.ok(!answer.ok)
    assert.equal(answer.response.status, 401)
  }
  assert.deepEqual(validator?.seen, Array<string>(3).fill('mF_9.B5f-4.1JqM'))
})
