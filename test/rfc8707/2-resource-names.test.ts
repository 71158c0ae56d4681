/** RFC 8707 §2: resources that are meant under more than one spelling, where the option `resources` says so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoreTrailingSlash, type ServedResources } from 'grantry'
import { lastReason, makeProvider } from '../support/provider.ts'
import { form, text } from '../support/requests.ts'

const tolerant = ignoreTrailingSlash(['https://mcp.example', 'https://api.example/v1/', 'https://api.example/v2'])
const rows: readonly (readonly [asked: string, audience: string | undefined, resources?: ServedResources])[] = [
  ['https://mcp.example', 'https://mcp.example'],
  ['https://mcp.example/', 'https://mcp.example'],
  ['https://api.example/v1', 'https://api.example/v1/'],
  ['https://api.example/v2/', 'https://api.example/v2'],
  ['https://mcp.example//', undefined],
  ['https://mcp.example/a', undefined],
  ['https://mcp.example/', undefined, ['https://mcp.example']],
]
for (const [asked, audience, resources = tolerant] of rows) {
  test(`${asked} of ${typeof resources === 'function' ? 'tolerant' : 'exact'} names -> ${audience ?? 'invalid_target'}`, async () => {
    const provider = await makeProvider({ issuer: 'https://as.example', resources })
    const grant = { grant_type: 'client_credentials', scope: 'read', resource: asked }
    const response = await provider.server.createTokenResponse(form(grant, provider.app))
    if (audience === undefined) assert.equal(lastReason(provider), 'resource_not_allowed')
    else {
      const token = text(response, 'access_token')
      const found = await provider.server.createIntrospectionResponse(form({ token }, provider.app))
      assert.equal(text(found, 'aud'), audience)
    }
  })
}

test('both spellings of one resource are one resource', async () => {
  const { server, app } = await makeProvider({ issuer: 'https://as.example', resources: tolerant })
  const twice: [string, string][] = [
    ['grant_type', 'client_credentials'],
    ['scope', 'read'],
    ['resource', 'https://mcp.example'],
    ['resource', 'https://mcp.example/'],
  ]
  assert.equal((await server.createTokenResponse(form(twice, app))).status, 200)
})
