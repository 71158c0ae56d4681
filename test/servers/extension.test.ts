import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AccessDeniedError,
  ConfigurationError,
  InvalidGrantError,
  Server,
  StoreValidator,
  type Grant,
  type GrantRequest,
  type ResponseType,
  type TokenContext,
  type TokenResponse,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { approve, makeProvider, obtainCode } from '../support/provider.ts'
import { body, form, redirected, text } from '../support/requests.ts'

const voucherType = 'urn:example:params:oauth:grant-type:voucher'

describe('Custom grants', () => {
  const voucher: Grant = {
    issuesRefreshToken: true,
    authorize(request: GrantRequest) {
      if (request.parameters.get('voucher') !== 'v-1') throw new InvalidGrantError('hook_refused')
      return { client: request.client, user: { id: 'alice' }, scopes: ['read'], grantType: voucherType }
    },
  }
  const options = { grants: { [voucherType]: voucher } }
  const client = { grantTypes: [voucherType, 'refresh_token'] }

  test('an object in the map is a grant, refresh token included', async () => {
    const { server, app } = await makeProvider(options, { client })
    const response = await server.createTokenResponse(form({ grant_type: voucherType, voucher: 'v-1' }, app))
    assert.equal(response.status, 200)
    assert.ok(text(response, 'refresh_token'))
    const refused = await server.createTokenResponse(form({ grant_type: voucherType, voucher: 'v-2' }, app))
    assert.equal(body(refused)['error'], 'invalid_grant')
  })

  test('another server in the same process does not know it', async () => {
    await makeProvider(options, { client })
    const other = await makeProvider({}, { client })
    const response = await other.server.createTokenResponse(
      form({ grant_type: voucherType, voucher: 'v-1' }, other.app),
    )
    assert.equal(body(response)['error'], 'unsupported_grant_type')
  })

  test('a client that may not use it → unauthorized_client', async () => {
    const { server, app } = await makeProvider(options)
    const response = await server.createTokenResponse(form({ grant_type: voucherType, voucher: 'v-1' }, app))
    assert.equal(body(response)['error'], 'unauthorized_client')
  })

  test('a client returned as true may use all grants of the server', async () => {
    class Known extends StoreValidator {
      override validateClientId(): true {
        return true
      }
      override authenticateClient(_client: unknown, secret: string) {
        return secret === 'sesame'
      }
      override validateScopes(_client: unknown, scopes: readonly string[]) {
        return scopes
      }
    }
    const { server } = await makeProvider(options, { validator: (store) => new Known(store) })
    const known = { client_id: 'anyone', client_secret: 'sesame' }
    const response = await server.createTokenResponse(
      form({ grant_type: 'client_credentials', scope: 'read', ...known }),
    )
    assert.equal(response.status, 200)
    assert.equal(
      (await server.createTokenResponse(form({ grant_type: voucherType, voucher: 'v-1', ...known }))).status,
      200,
    )
  })
})

describe('Custom response types', () => {
  const receipt: ResponseType = { defaultMode: 'query', respond: ({ user }) => ({ receipt: `for-${user.id}` }) }

  test('an object in the map is a response type', async () => {
    const { server } = await makeProvider({ responseTypes: { receipt } }, { client: { responseTypes: ['receipt'] } })
    const response = await approve(server, { response_type: 'receipt', client_id: 'app' })
    assert.equal(redirected(response).get('receipt'), 'for-alice')
  })
})

describe('Hooks and modifiers', () => {
  test('run in their order, see what is known, and can add claims', async () => {
    const seen: string[] = []
    const note =
      (name: string) => (request: { readonly client: unknown; readonly user: unknown; readonly scopes: unknown }) => {
        seen.push(`${name}:${request.client ? 'c' : ''}${request.user ? 'u' : ''}${request.scopes ? 's' : ''}`)
      }
    const { server, app } = await makeProvider({
      hooks: {
        preAuthorize: [note('preAuthorize')],
        postAuthorize: [note('postAuthorize')],
        preToken: [note('preToken1'), note('preToken2')],
        postToken: [note('postToken')],
      },
    })
    const code = await obtainCode(server, { scope: 'read' })
    const whileAuthorizing = ['preAuthorize:c', 'postAuthorize:cs', 'preAuthorize:c', 'postAuthorize:cs']
    assert.deepEqual(seen, whileAuthorizing)
    await server.createTokenResponse(form({ grant_type: 'authorization_code', ...code }, app))
    assert.deepEqual(seen.slice(4), ['preToken1:c', 'preToken2:c', 'postToken:cus'])
  })

  test('a hook that throws an OAuthError refuses; nothing is consumed by preToken', async () => {
    let closed = true
    const { server, app } = await makeProvider({
      hooks: {
        preToken: [
          () => {
            if (closed) throw new AccessDeniedError('hook_refused', { description: 'Come back in the morning.' })
          },
        ],
      },
    })
    const code = form({ grant_type: 'authorization_code', ...(await obtainCode(server)) }, app)
    const refused = await server.createTokenResponse(code)
    assert.deepEqual(body(refused), { error: 'access_denied', error_description: 'Come back in the morning.' })
    closed = false
    assert.equal((await server.createTokenResponse(code)).status, 200)
  })

  test('an authorization hook refuses at the client', async () => {
    const refuse = () => {
      throw new AccessDeniedError()
    }
    const { server } = await makeProvider({ hooks: { postAuthorize: [refuse] } })
    const query = {
      response_type: 'code',
      client_id: 'app',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    }
    assert.equal(redirected(await approve(server, query)).get('error'), 'access_denied')
  })

  test('token and code modifiers change what is sent', async () => {
    const { server, app } = await makeProvider({
      tokenModifiers: [(token) => ({ ...token, region: 'eu' }), (token, { client }) => ({ ...token, for: client.id })],
      codeModifiers: [(parameters) => ({ ...parameters, hint: 'x' })],
    })
    const response = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
    assert.equal(body(response)['region'], 'eu')
    assert.equal(body(response)['for'], 'app')
    const query = {
      response_type: 'code',
      client_id: 'app',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    }
    assert.equal(redirected(await approve(server, query)).get('hint'), 'x')
  })

  test('what saveToken returns is sent instead', async () => {
    class Extra extends StoreValidator {
      override async saveToken(token: TokenResponse, context: TokenContext) {
        return (await super.saveToken(token, context)) ?? { ...token, note: 'kept' }
      }
    }
    const { server, app } = await makeProvider({}, { validator: (store) => new Extra(store) })
    assert.equal(
      body(await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)))['note'],
      'kept',
    )
  })
})

describe('Configuration that cannot work is refused by the constructor', () => {
  const validator = new StoreValidator(new MemoryStore())
  const refused: readonly [name: string, options: object, message: RegExp][] = [
    ['a misspelt option', { tokenGenerater: () => 'x' }, /unknown option tokenGenerater/],
    ['a lifetime of 0', { tokenExpiresIn: 0 }, /tokenExpiresIn must be/],
    ['a lifetime that is no number', { refreshTokenExpiresIn: Number.NaN }, /refreshTokenExpiresIn must be/],
    [
      'a grace in which theft goes unnoticed',
      { refreshTokenGrace: 3600 },
      /refreshTokenGrace must be 0 to 300 .*refreshTokenMaxReplays/,
    ],
    [
      'a grace of two days',
      { refreshTokenGrace: 172_800, refreshTokenMaxReplays: 3 },
      /refreshTokenGrace must be 0 to 86400/,
    ],
    ['no replays', { refreshTokenMaxReplays: 0 }, /refreshTokenMaxReplays must be/],
    ['a code lifetime of an hour', { codeExpiresIn: 3600 }, /codeExpiresIn must be 1 to 600/],
    ['an http issuer', { issuer: 'http://as.example' }, /issuer must be an https URL/],
    ['an issuer with a query', { issuer: 'https://as.example?x' }, /issuer must be an https URL/],
    ['an issuer that is no URL', { issuer: 'as.example' }, /issuer must be an https URL/],
  ]
  for (const [name, options, message] of refused) {
    test(name, () => {
      assert.throws(
        () => new Server(validator, options),
        (error: unknown) => error instanceof ConfigurationError && message.test(error.message),
      )
    })
  }
})
