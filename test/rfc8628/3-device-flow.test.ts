/** RFC 8628 §3: a device gets codes, a person decides, the device polls. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  deviceCodeGrantType,
  DeviceApplicationServer,
  RequestValidator,
  Server,
  StoreValidator,
  type Claims,
  type ServerOptions,
} from 'grantry'
import { lastReason, makeProvider, registration, type Provider } from '../support/provider.ts'
import { basic, body, form, request, text } from '../support/requests.ts'

const verificationUri = 'https://as.example/device'

class Validator extends StoreValidator {
  override validateClientId(...[id, http]: Parameters<StoreValidator['validateClientId']>) {
    if (http.endpoint === 'device_authorization') Object.assign(http.claims, { from: 'device' })
    return super.validateClientId(id, http)
  }
}

const makeDevices = (options: ServerOptions = {}, device: Partial<ServerOptions['device']> = {}) =>
  makeProvider(
    {
      issuer: 'https://as.example',
      device: { verificationUri, ...device },
      resources: ['https://api.example/'],
      ...options,
    },
    {
      validator: (store) => new Validator(store),
      server: (validator, all) => new Server(validator, all),
      client: { grantTypes: [...(registration.grantTypes ?? []), deviceCodeGrantType] },
    },
  )

type Devices = Provider<Server>

const ask = ({ server }: Devices, parameters: Readonly<Record<string, string>> = {}) =>
  server.createDeviceAuthorizationResponse(form({ client_id: 'spa', scope: 'read write', ...parameters }))

const codesOf = async (devices: Devices, parameters: Readonly<Record<string, string>> = {}) => {
  const response = await ask(devices, parameters)
  assert.equal(response.status, 200, response.body)
  return { deviceCode: text(response, 'device_code'), userCode: text(response, 'user_code') }
}

const poll = ({ server }: Devices, deviceCode: string, parameters: Readonly<Record<string, string>> = {}) =>
  server.createTokenResponse(
    form({ grant_type: deviceCodeGrantType, device_code: deviceCode, client_id: 'spa', ...parameters }),
  )

const errorOf = async (response: ReturnType<typeof poll>) => {
  const { status, body: json } = await response
  const { error } = JSON.parse(json) as { error?: string }
  return status === 200 ? undefined : error
}

const page = request('GET', '/device')
const flowOf = ({ server }: Devices) => {
  assert.ok(server.device)
  return server.device
}

const approve = (devices: Devices, userCode: string, scopes = ['read', 'write'], claims: Claims = {}) =>
  flowOf(devices).decide(userCode, { approved: true, user: { id: 'ann' }, scopes, claims })

describe('device authorization request (§3.1, §3.2)', () => {
  test('good → both codes, the page, and times; not to be cached', async () => {
    const response = await ask(await makeDevices())
    assert.equal(response.status, 200)
    assert.equal(response.headers['Cache-Control'], 'no-store')
    const { device_code, user_code, ...rest } = body(response)
    assert.match(String(device_code), /^[\w-]{43}$/)
    assert.match(String(user_code), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    assert.deepEqual(rest, {
      verification_uri: verificationUri,
      verification_uri_complete: `${verificationUri}?user_code=${String(user_code)}`,
      expires_in: 600,
      interval: 5,
    })
  })

  test('by fetch, at the path that the metadata names', async () => {
    const { server, app } = await makeDevices()
    const metadata = body(await server.createMetadataResponse())
    const url = String(metadata['device_authorization_endpoint'])
    assert.equal(url, 'https://as.example/device_authorization')
    assert.ok((metadata['grant_types_supported'] as string[]).includes(deviceCodeGrantType))
    const sent = new Request(url, { method: 'POST', headers: app, body: new URLSearchParams({ scope: 'read' }) })
    assert.equal((await server.fetch(sent)).status, 200)
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, status: number, error: string][] = [
    ['an unknown client', { client_id: 'no' }, 401, 'invalid_client'],
    ['a confidential client without its secret', { client_id: 'app' }, 401, 'invalid_client'],
    ['a scope that it may not have', { scope: 'admin' }, 400, 'invalid_scope'],
    ['a resource that there is not', { resource: 'https://other.example/' }, 400, 'invalid_target'],
  ]
  for (const [name, change, status, error] of refused) {
    test(`${name} → ${error}`, async () => {
      const response = await ask(await makeDevices(), change)
      assert.equal(response.status, status)
      assert.equal(body(response)['error'], error)
    })
  }

  test('a client without the grant → unauthorized_client', async () => {
    const provider = await makeProvider({ device: { verificationUri } })
    const response = await provider.server.createDeviceAuthorizationResponse(form({ client_id: 'spa', scope: 'read' }))
    assert.equal(body(response)['error'], 'unauthorized_client')
  })

  test('GET → 405; parameters in the URL alone → refused', async () => {
    const { server } = await makeDevices()
    const url = '/device_authorization?client_id=spa&scope=read'
    assert.equal((await server.createDeviceAuthorizationResponse(request('GET', url))).status, 405)
    assert.equal((await server.createDeviceAuthorizationResponse(request('POST', url))).status, 400)
  })

  test('a user code generator that repeats itself → another is drawn, and 500 where there is none', async () => {
    const codes = ['AAAA', 'AAAA', 'BBBB']
    const devices = await makeDevices({}, { userCodeGenerator: () => codes.shift() ?? 'BBBB' })
    assert.equal((await codesOf(devices)).userCode, 'AAAA')
    assert.equal((await codesOf(devices)).userCode, 'BBBB')
    assert.equal((await ask(devices)).status, 500)
  })
})

describe('user code (§3.3, §5.1, §6.1)', () => {
  test('is found however it is written, with the client and what it asks for', async () => {
    const devices = await makeDevices()
    const { userCode } = await codesOf(devices)
    const written = ` ${userCode.toLowerCase().replace('-', ' . ')} `
    const found = await flowOf(devices).find(page, { userCode: written, by: 'session' })
    assert.ok(found.ok)
    assert.deepEqual([found.client.id, found.device.scopes], ['spa', ['read', 'write']])
  })

  test('more than five tries in ten minutes by one → limited, others are not', async () => {
    const devices = await makeDevices()
    const { userCode } = await codesOf(devices)
    const tryBy = async (by: string, code: string) => {
      const found = await flowOf(devices).find(page, { userCode: code, by })
      return found.ok || found.problem
    }
    for (let guess = 0; guess < 5; guess++) assert.equal(await tryBy('thief', `XXXX-XXX${guess}`), 'unknown')
    assert.equal(await tryBy('thief', userCode), 'limited')
    assert.equal(await tryBy('owner', userCode), true)
    devices.clock.now += 600
    assert.equal(await tryBy('thief', 'XXXX'), 'unknown')
  })

  test('decided, expired or unknown → not found, not decided again', async () => {
    const devices = await makeDevices()
    const [first, second] = [await codesOf(devices), await codesOf(devices)]
    assert.equal(await approve(devices, first.userCode), true)
    assert.equal(await flowOf(devices).decide(first.userCode, { approved: false }), false)
    assert.deepEqual(await flowOf(devices).find(page, { userCode: first.userCode, by: 'a' }), {
      ok: false,
      problem: 'unknown',
    })
    devices.clock.now += 600
    assert.equal(await approve(devices, second.userCode), false)
    assert.equal(await approve(devices, 'BCDF-GHJK'), false)
  })

  test('scopes that were not asked for → InvalidScopeError, and it still waits', async () => {
    const devices = await makeDevices()
    const { userCode } = await codesOf(devices)
    await assert.rejects(approve(devices, userCode, ['read', 'profile']), { name: 'InvalidScopeError' })
    assert.equal(await approve(devices, userCode), true)
  })
})

describe('polling (§3.4, §3.5)', () => {
  test('before the decision → authorization_pending; too fast → slow_down, and 5 seconds more', async () => {
    const devices = await makeDevices()
    const { deviceCode } = await codesOf(devices)
    const after = (seconds: number) => {
      devices.clock.now += seconds
      return errorOf(poll(devices, deviceCode))
    }
    assert.equal(await after(0), 'authorization_pending')
    assert.equal(await after(5), 'authorization_pending')
    assert.equal(await after(4), 'slow_down')
    assert.equal(await after(9), 'slow_down')
    assert.equal(await after(15), 'authorization_pending')
  })

  test('approved → tokens with what was granted, also where the device asks too soon; then never again', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices)
    assert.equal(await errorOf(poll(devices, deviceCode)), 'authorization_pending')
    await approve(devices, userCode, ['read'], { by: 'page' })
    const response = await poll(devices, deviceCode)
    assert.equal(response.status, 200, response.body)
    assert.equal(body(response)['scope'], 'read')
    const access = text(response, 'access_token')
    const call = request('GET', '/', { headers: { authorization: `Bearer ${access}` } })
    const used = await devices.server.verifyRequest(call, ['read'])
    assert.ok(used.ok)
    assert.deepEqual([used.token.user, used.token.claims], [{ id: 'ann' }, { from: 'device', by: 'page' }])
    const renewed = form({
      grant_type: 'refresh_token',
      refresh_token: text(response, 'refresh_token'),
      client_id: 'spa',
    })
    assert.equal((await devices.server.createTokenResponse(renewed)).status, 200)
    assert.equal(await errorOf(poll(devices, deviceCode)), 'invalid_grant')
    assert.equal((await devices.server.verifyRequest(call)).ok, false, 'its tokens end when the code is used again')
  })

  test('denied → access_denied', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices)
    await flowOf(devices).decide(userCode, { approved: false })
    assert.equal(await errorOf(poll(devices, deviceCode)), 'access_denied')
  })

  test('too late → expired_token; long after → invalid_grant', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices)
    await approve(devices, userCode)
    devices.clock.now += 600
    assert.equal(await errorOf(poll(devices, deviceCode)), 'expired_token')
    devices.clock.now += 600
    assert.equal(await errorOf(poll(devices, deviceCode)), 'invalid_grant')
    assert.equal(lastReason(devices), 'device_code_unknown')
  })

  test('8 polls at once after approval → one gets tokens', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices)
    await approve(devices, userCode)
    const responses = await Promise.all(Array.from({ length: 8 }, () => poll(devices, deviceCode)))
    assert.equal(responses.filter(({ status }) => status === 200).length, 1)
  })

  test('by another client → invalid_grant, and its own still gets tokens', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices)
    await approve(devices, userCode)
    const other = form({ grant_type: deviceCodeGrantType, device_code: deviceCode }, basic('app', devices.secret))
    assert.equal(await errorOf(devices.server.createTokenResponse(other)), 'invalid_grant')
    assert.equal(await errorOf(poll(devices, deviceCode)), undefined)
  })

  test('a resource within what was asked for → audience of the token', async () => {
    const devices = await makeDevices()
    const { deviceCode, userCode } = await codesOf(devices, { resource: 'https://api.example/' })
    await approve(devices, userCode)
    const access = text(await poll(devices, deviceCode), 'access_token')
    const shown = await devices.server.verifyRequest(
      request('GET', '/', { headers: { authorization: `Bearer ${access}` } }),
    )
    assert.ok(shown.ok)
    assert.deepEqual(shown.token.audience, ['https://api.example/'])
  })
})

describe('set-up', () => {
  test('DeviceApplicationServer has device codes and refresh tokens, and no other grant', async () => {
    const { server } = await makeProvider(
      { issuer: 'https://as.example' },
      {
        validator: (store) => new StoreValidator(store),
        server: (validator, all) => new DeviceApplicationServer(validator, { ...all, device: { verificationUri } }),
      },
    )
    const metadata = body(await server.createMetadataResponse())
    assert.deepEqual(metadata['grant_types_supported'], [deviceCodeGrantType, 'refresh_token'])
    assert.equal('authorization_endpoint' in metadata, false)
  })

  test('a validator without the methods → ConfigurationError that names them', async () => {
    abstract class Own extends RequestValidator {}
    const bare = Object.create(Own.prototype) as StoreValidator
    assert.throws(() => new DeviceApplicationServer(bare, { device: { verificationUri } }), {
      name: 'ConfigurationError',
      message: /saveDeviceCode, allowUserCodeAttempt, findDeviceAuthorization/,
    })
  })

  const wrong: [name: string, device: Partial<ServerOptions['device']>, message: RegExp][] = [
    ['a page that is no URL', { verificationUri: '/device' }, /verificationUri/],
    ['a lifetime of nothing', { deviceCodeExpiresIn: 0 }, /deviceCodeExpiresIn/],
    ['an interval of half a second', { pollInterval: 0.5 }, /pollInterval/],
  ]
  for (const [name, device, message] of wrong) {
    test(`${name} → ConfigurationError`, async () => {
      await assert.rejects(makeDevices({}, device), { name: 'ConfigurationError', message })
    })
  }
})
