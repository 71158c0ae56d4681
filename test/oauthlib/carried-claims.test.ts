import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { signedTokenGenerator, StoreValidator, type OAuthRequest } from 'grantry'
import { decodeJwt } from 'jose'
import { makeProvider, redeem } from '../support/provider.ts'
import { body, form, text } from '../support/requests.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Sets claims at the authorization endpoint and in the first token request only. */
class Once extends StoreValidator {
  override validateClientId(clientId: string, request: OAuthRequest) {
    const once = { exp: request.now + 60, jti: 'one-token', nbf: request.now }
    if (request.endpoint === 'authorization') Object.assign(request.claims, { tenant: 'acme', ...once })
    if (request.parameters.get('grant_type') === 'authorization_code')
      Object.assign(request.claims, { team: 'red', ...once })
    return super.validateClientId(clientId, request)
  }
}

test('claims go on to later tokens, but for those that hold for one token only: exp, iat, nbf, jti', async () => {
  const tokenGenerator = signedTokenGenerator(privateKey, { issuer: 'foobar' })
  const provider = await makeProvider({ tokenGenerator }, { validator: (store) => new Once(store) })
  const first = await redeem(provider)
  const claims = decodeJwt(text(first, 'access_token'))
  assert.equal(claims.jti, 'one-token')
  assert.equal(claims.exp, provider.clock.now + 60)
  assert.equal(body(first)['expires_in'], 60, 'expires_in tells of the exp that was set')

  provider.clock.now += 3600
  const refresh = form({ grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }, provider.app)
  const second = await provider.server.createTokenResponse(refresh)
  const later = decodeJwt(text(second, 'access_token'))
  assert.equal(later['tenant'], 'acme')
  assert.equal(later['team'], 'red')
  assert.notEqual(later.jti, 'one-token')
  assert.equal(later.nbf, undefined)
  assert.equal(later.exp, provider.clock.now + 600)
})
