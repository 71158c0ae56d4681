/** The examples of RFC 9449 §4.1, §6.1 and §7.1, as they are printed there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BearerToken, StoreValidator, type AccessToken } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { dpopCall, provedForm } from '../support/dpop.ts'
import { makeProvider } from '../support/provider.ts'
import { body, form } from '../support/requests.ts'

const header =
  '{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",' +
  '"y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}}'
const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const write = (claims: string, signature: string): string =>
  [...[header, claims].map((part) => Buffer.from(part).toString('base64url')), signature].join('.')

test('the proof at the token endpoint binds a token to the key of the example', async () => {
  const provider = await makeProvider({ issuer: 'https://server.example.com', dpop: true })
  provider.clock.now = 1_562_262_618
  const proof = write(
    '{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}',
    '2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg',
  )
  const grant = { grant_type: 'client_credentials', scope: 'read' }
  const token = body(await provider.server.createTokenResponse(provedForm(grant, proof, provider.app)))
  assert.equal(token['token_type'], 'DPoP')
  const asked = form({ token: String(token['access_token']) }, provider.app)
  assert.deepEqual(body(await provider.server.createIntrospectionResponse(asked))['cnf'], { jkt })
})

test('the proof at the resource is taken with the token of the example', async () => {
  const now = 1_562_262_619
  const text = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
  class OneToken extends StoreValidator {
    override async validateBearerToken(token: string): Promise<AccessToken | undefined> {
      const members = { clientId: 'app', user: undefined, scopes: [], audience: [], issuedAt: now, expiresAt: now + 60 }
      return token === text ? { kind: 'access_token', ...members, claims: { cnf: { jkt } } } : undefined
    }
  }
  const proof = write(
    '{"jti":"e1j3V_bKic8-LAEB","htm":"GET","htu":"https://resource.example.org/protectedresource",' +
      '"iat":1562262618,"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}',
    '2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
  )
  const issuer = 'https://resource.example.org'
  const bearer = new BearerToken(new OneToken(new MemoryStore()), { issuer, dpop: true, now: () => now })
  assert.ok((await bearer.validateRequest(dpopCall('/protectedresource', text, proof))).ok)
  assert.ok(!(await bearer.validateRequest(dpopCall('/protectedresource', text, proof))).ok)
})
