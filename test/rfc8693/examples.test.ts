/** The examples of RFC 8693: §2.3, and those of appendix A, with the tokens that it shows and the keys of ours. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  BackendApplicationServer,
  registerClient,
  signedTokenGenerator,
  StoreValidator,
  TokenExchangeGrant,
  tokenExchangeGrantType,
  tokenTypes,
  type HttpResponse,
  type TokenExchangeOptions,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { jwtVerify } from 'jose'
import { writeJwt, type Members } from '../support/assertions.ts'
import { basic, body, form, text } from '../support/requests.ts'

const issuer = 'https://as.example.com'
const original = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const context = 'urn:example:cooperation-context'
const granted = 1_441_910_010

const ask = async (
  options: Partial<TokenExchangeOptions>,
  parameters: Readonly<Record<string, string>>,
): Promise<HttpResponse> => {
  const store = new MemoryStore()
  const grantTypes = [tokenExchangeGrantType]
  const { secret = '' } = await registerClient(store, {
    ...{ id: 'rs08', grantTypes, scopes: ['orders', 'profile', 'history', 'status', 'feed'] },
  })
  const validator = new StoreValidator(store)
  const tokenGenerator = signedTokenGenerator(own.privateKey, { issuer, keyId: '72' })
  const grant = new TokenExchangeGrant(validator, {
    ...{ issuer, audiences: [context], resources: ['https://backend.example.com/api'] },
    jwts: {
      issuers: { 'https://original-issuer.example.net': original.publicKey },
      findUser: ({ sub }) => ({ id: typeof sub === 'string' ? sub : '' }),
    },
    ...options,
  })
  const server = new BackendApplicationServer(validator, {
    ...{ issuer, tokenGenerator, tokenVerifier: tokenGenerator.verifier, tokenExpiresIn: 3600, now: () => granted },
    grants: { [tokenExchangeGrantType]: grant },
  })
  const sent = { grant_type: tokenExchangeGrantType, ...parameters }
  return server.createTokenResponse(form(sent, basic('rs08', secret)))
}

const jwt = (claims: Members): string => writeJwt({ alg: 'ES256', kid: '16' }, claims, original.privateKey)

const claimsOf = async (token: string): Promise<Members> => {
  const options = { issuer, audience: context, currentDate: new Date(granted * 1000) }
  const { iat, jti, client_id, ...payload } = (await jwtVerify(token, own.publicKey, options)).payload
  assert.deepEqual([typeof iat, typeof jti, client_id], ['number', 'string', 'rs08'])
  return payload
}

test('§2.3: a resource server exchanges the token of a call for one that it calls the backend with', async () => {
  const accepted = 'accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC'
  const response = await ask(
    {
      mayImpersonate: () => true,
      verifiers: {
        [tokenTypes.accessToken]: (token) =>
          token === accepted
            ? { claims: {}, user: { id: 'a' }, clientId: 'c', scopes: ['profile'], expiresAt: granted + 60 }
            : undefined,
      },
    },
    {
      resource: 'https://backend.example.com/api',
      ...{ subject_token: accepted, subject_token_type: tokenTypes.accessToken },
    },
  )
  const { access_token, ...members } = body(response)
  assert.ok(access_token)
  assert.deepEqual(members, {
    ...{ issued_token_type: tokenTypes.accessToken, token_type: 'Bearer', expires_in: 60, scope: 'profile' },
  })
})

test('appendix A.1: impersonation', async () => {
  const subject_token = jwt({
    ...{ aud: issuer, iss: 'https://original-issuer.example.net', exp: 1_441_910_600, nbf: 1_441_909_000 },
    ...{ sub: 'bdc@example.net', scope: 'orders profile history' },
  })
  const response = await ask(
    { mayImpersonate: ({ request }) => ({ expiresAt: request.now + 3600 }) },
    { audience: context, subject_token, subject_token_type: tokenTypes.jwt },
  )
  const { access_token, ...members } = body(response)
  assert.deepEqual(members, {
    ...{ issued_token_type: tokenTypes.accessToken, token_type: 'Bearer', expires_in: 3600 },
    scope: 'orders profile history',
  })
  const { grant_id, ...claims } = await claimsOf(String(access_token))
  assert.equal(typeof grant_id, 'string') // of access tokens alone, which can be revoked
  assert.deepEqual(claims, {
    ...{ aud: context, iss: issuer, exp: 1_441_913_610, sub: 'bdc@example.net', scope: 'orders profile history' },
  })
})

test('appendix A.2: delegation, and what is issued is a JWT that is no access token', async () => {
  const both = { aud: issuer, iss: 'https://original-issuer.example.net', exp: 1_441_910_060 }
  const subject = { ...both, scope: 'status feed', sub: 'user@example.net', may_act: { sub: 'admin@example.net' } }
  const response = await ask(
    {
      mayDelegate: ({ request }) => ({ expiresAt: request.now + 3600, tokenType: tokenTypes.jwt }),
      issues: {
        [tokenTypes.jwt]: {
          generate: signedTokenGenerator(own.privateKey, { issuer, keyId: '72', typ: 'cooperation+jwt' }),
        },
      },
    },
    {
      ...{ audience: context, subject_token: jwt(subject), subject_token_type: tokenTypes.jwt },
      ...{ actor_token: jwt({ ...both, sub: 'admin@example.net' }), actor_token_type: tokenTypes.jwt },
    },
  )
  const { access_token, ...members } = body(response)
  assert.deepEqual(members, {
    ...{ issued_token_type: tokenTypes.jwt, token_type: 'N_A', expires_in: 3600, scope: 'status feed' },
  })
  assert.equal(text(response, 'access_token').split('.').length, 3)
  assert.deepEqual(await claimsOf(String(access_token)), {
    ...{ aud: context, iss: issuer, exp: 1_441_913_610, scope: 'status feed', sub: 'user@example.net' },
    act: { sub: 'admin@example.net' },
  })
})
