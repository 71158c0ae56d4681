import assert from 'node:assert/strict'
import { createHmac, sign as nodeSign } from 'node:crypto'
import { createServer } from 'node:http'
import { suite, test } from 'node:test'
import { CompactEncrypt } from 'jose'
import { signedTokenGenerator, signedTokenVerifier } from 'grantry'
import { at, contextOf, encode, issuer, now, p256, p384, pkcs8, rsa, shortRsa, spki } from './fixtures.ts'

const audience = 'https://api.example'
const header = { alg: 'RS256', typ: 'at+jwt', kid: 'k1' }
const claims = {
  iss: issuer,
  aud: audience,
  sub: 'user-1',
  client_id: 'client-1',
  scope: 'read',
  iat: now,
  exp: now + 600,
  jti: 'j',
}
type Change = Record<string, unknown>

const compact = (head: Change, body: Change, sign: (input: string) => Buffer): string => {
  const input = `${encode(head)}.${encode(body)}`
  return `${input}.${sign(input).toString('base64url')}`
}
const rs256 = (input: string) => nodeSign('sha256', Buffer.from(input), rsa.privateKey)
const token = (head: Change = {}, body: Change = {}) => compact({ ...header, ...head }, { ...claims, ...body }, rs256)
const verify = signedTokenVerifier(
  { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k1' },
  { issuer, audience, profile: 'at+jwt' },
)
const good = token()
const [head = '', body = '', signature = ''] = good.split('.')
const alternative = (last: string) =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.charAt(((last.charCodeAt(0) * 7) % 63) + 1)

const attacker = shortRsa
const attackerJwk = attacker.publicKey.export({ format: 'jwk' })
const attackerToken = (extra: Change) =>
  compact({ ...header, ...extra }, claims, (input) => nodeSign('sha256', Buffer.from(input), attacker.privateKey))

const accepted: [name: string, token: string][] = [
  ['good', good],
  ['typ application/at+jwt (row 43)', token({ typ: 'application/at+jwt' })],
  ['typ AT+JWT (row 43)', token({ typ: 'AT+JWT' })],
  ['no kid', token({ kid: undefined })],
  ['aud array with us (row 46)', token({}, { aud: ['https://other.example', audience] })],
  ['nbf now', token({}, { nbf: now })],
  ['no scope', token({}, { scope: undefined })],
]
const refused: [name: string, token: string][] = [
  ['typ JWT (row 44)', token({ typ: 'JWT' })],
  ['typ missing (row 44)', token({ typ: undefined })],
  ['typ of another kind', token({ typ: 'dpop+jwt' })],
  ['ID token (row 44)', token({ typ: 'JWT' }, { client_id: undefined, aud: 'client-1', nonce: 'n' })],
  ['iss of another (row 45)', token({}, { iss: 'https://evil.example' })],
  ['iss with a slash (row 45)', token({}, { iss: `${issuer}/` })],
  ['iss missing', token({}, { iss: undefined })],
  ['iss in capitals', token({}, { iss: issuer.toUpperCase() })],
  ['iss cut', token({}, { iss: issuer.slice(0, -1) })],
  ['iss longer', token({}, { iss: `${issuer}.evil.example` })],
  ['iss with the default port', token({}, { iss: `${issuer}:443` })],
  ['iss a list', token({}, { iss: [issuer] })],
  ['iss an object', token({}, { iss: { issuer } })],
  ['aud of another (row 46)', token({}, { aud: 'https://other.example' })],
  ['aud missing (row 46)', token({}, { aud: undefined })],
  ['aud a number', token({}, { aud: 5 })],
  ['exp past (row 47)', token({}, { exp: now - 1 })],
  ['exp now', token({}, { exp: now })],
  ['exp missing (row 47)', token({}, { exp: undefined })],
  ['exp a string (row 47)', token({}, { exp: String(now + 600) })],
  ['exp null', token({}, { exp: null })],
  ['exp true', token({}, { exp: true })],
  ['exp a list', token({}, { exp: [now + 600] })],
  ['exp negative', token({}, { exp: -1 })],
  ['exp a fraction of a second ago', token({}, { exp: now - 0.5 })],
  ['exp too large to count', token({}, { exp: 2 ** 53 })],
  ['nbf so early that it cannot be counted', token({}, { nbf: -(2 ** 53) })],
  ['nbf future (row 47)', token({}, { nbf: now + 1 })],
  ['nbf a string', token({}, { nbf: '1' })],
  ['iat a string', token({}, { iat: String(now) })],
  ['jti missing', token({}, { jti: undefined })],
  ['sub missing', token({}, { sub: undefined })],
  ['client_id missing', token({}, { client_id: undefined })],
  ...['none', 'None', 'nOnE', 'NONE'].flatMap((alg): [string, string][] => [
    [`alg ${alg}, no signature (row 48)`, `${encode({ ...header, alg })}.${body}.`],
    [`alg ${alg}, the old signature`, `${encode({ ...header, alg })}.${body}.${signature}`],
    [`alg ${alg}, two segments`, `${encode({ ...header, alg })}.${body}`],
  ]),
  [
    'HS256 with our public PEM (row 49)',
    compact({ ...header, alg: 'HS256' }, claims, (input) =>
      createHmac('sha256', spki(rsa.publicKey)).update(input).digest(),
    ),
  ],
  [
    'HS256 with our public DER',
    compact({ ...header, alg: 'HS256' }, claims, (input) =>
      createHmac('sha256', rsa.publicKey.export({ format: 'der', type: 'spki' }))
        .update(input)
        .digest(),
    ),
  ],
  [
    'HS256 with our public JWK',
    compact({ ...header, alg: 'HS256' }, claims, (input) =>
      createHmac('sha256', JSON.stringify(rsa.publicKey.export({ format: 'jwk' })))
        .update(input)
        .digest(),
    ),
  ],
  [
    'PS256 by the right key (row 50)',
    compact({ ...header, alg: 'PS256' }, claims, (input) =>
      nodeSign('sha256', Buffer.from(input), { key: pkcs8(rsa.privateKey), padding: 6, saltLength: 32 }),
    ),
  ],
  ['alg RS512 over an RS256 signature', token({ alg: 'RS512' })],
  ['alg missing', token({ alg: undefined })],
  ['alg an array', token({ alg: ['RS256'] })],
  ['alg __proto__', token({ alg: '__proto__' })],
  ['kid unknown (row 52)', token({ kid: 'k2' })],
  ['kid an object', token({ kid: {} })],
  ['kid a list', token({ kid: ['k1'] })],
  ['kid a number', token({ kid: 1 })],
  ['kid null', token({ kid: null })],
  ['kid empty', token({ kid: '' })],
  ['kid a path', token({ kid: '../../k1' })],
  ['kid with SQL', token({ kid: "' OR '1'='1" })],
  ['kid of the prototype', token({ kid: '__proto__' })],
  ['kid of 10 KiB', token({ kid: 'k1'.repeat(5120) })],
  ['signed by another key', attackerToken({})],
  ['header jwk (row 51)', attackerToken({ jwk: attackerJwk })],
  ['header x5c (row 51)', attackerToken({ x5c: ['MIIB'] })],
  ['crit unknown (row 53)', token({ crit: ['x'], x: 1 })],
  ['crit b64', token({ crit: ['b64'], b64: true })],
  ['crit empty', token({ crit: [] })],
  ['crit that is no list', token({ crit: 'x', x: 1 })],
  ['crit with a header that is registered', token({ crit: ['alg'] })],
  ['b64 false without crit', token({ b64: false })],
  [
    'JSON serialisation, alg and crit unprotected',
    JSON.stringify({
      protected: encode({ typ: 'at+jwt' }),
      header: { alg: 'none', crit: [] },
      payload: body,
      signature,
    }),
  ],
  ['JSON serialisation, well signed', JSON.stringify({ protected: head, payload: body, signature })],
  ['b64 false', token({ crit: ['b64'], b64: false })],
  ['payload changed (row 54)', `${head}.${encode({ ...claims, scope: 'admin' })}.${signature}`],
  ['header changed', `${encode({ ...header, extra: 1 })}.${body}.${signature}`],
  ['signature cut by a character (row 54)', good.slice(0, -1)],
  [
    'signature cut by a byte',
    `${head}.${body}.${Buffer.from(signature, 'base64url').subarray(1).toString('base64url')}`,
  ],
  ['signature empty', `${head}.${body}.`],
  ['two segments', `${head}.${body}`],
  ['five segments', `${good}.AAAA.AAAA`],
  ['another segment (row 54)', `${good}.`],
  ['another full segment', `${good}.AAAA`],
  ['padding (row 54)', `${good}==`],
  ['newline at the end (row 54)', `${good}\n`],
  ['newline inside (row 54)', `${head}.${body.slice(0, 4)}\n${body.slice(4)}.${signature}`],
  ['space before', ` ${good}`],
  [
    'base64 instead of base64url',
    `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64').replace(/=+$/, '')}+/`,
  ],
  ['spare bits of the signature set', `${good.slice(0, -1)}${alternative(good.slice(-1))}`],
  ['payload an array', compact(header, [] as unknown as Change, rs256)],
  ['payload null', compact(header, null as unknown as Change, rs256)],
  [
    'exp infinite',
    (() => {
      const input = `${encode(header)}.${encode(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999'))}`
      return `${input}.${rs256(input).toString('base64url')}`
    })(),
  ],
  ['payload no JSON', (() => `${head}.${encode('{')}.${rs256(`${head}.${encode('{')}`).toString('base64url')}`)()],
  ['header no JSON', `${encode('{')}.${body}.${signature}`],
  ['header null', `${encode('null')}.${body}.${signature}`],
  ['longer than 16 KiB', token({}, { pad: 'x'.repeat(16_384) })],
  ['empty', ''],
  ['dots', '..'],
  ['random text', 'dGVzdA'],
  ['16 MiB', 'A'.repeat(2 ** 24)],
  ['many dots', '.'.repeat(2 ** 20)],
]

suite('RFC 9068 §4: forged and broken tokens', () => {
  for (const [name, candidate] of accepted)
    test(`${name} -> accepted`, async () => assert.equal((await verify(candidate, at(now)))?.clientId, 'client-1'))
  for (const [name, candidate] of refused)
    test(`${name} -> undefined`, async () => assert.equal(await verify(candidate, at(now)), undefined))

  test('every single-bit flip -> undefined', async () => {
    const bytes = Buffer.from(good)
    const flips = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return flipped.toString('latin1')
    })
    const results = await Promise.all(flips.map(async (flip) => [flip, await verify(flip, at(now))] as const))
    assert.deepEqual(
      results.filter(([, record]) => record !== undefined),
      [],
    )
  })

  test('exp with a fraction of a second that is not over -> accepted (RFC 7519 §2)', async () =>
    assert.ok(await verify(token({}, { exp: now + 0.5 }), at(now))))

  test('10 MB of dots are refused unread, in less than 5 ms', async () => {
    const dots = '.'.repeat(10_000_000)
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      assert.equal(await verify(dots, at(now)), undefined)
      times.push(performance.now() - start)
    }
    assert.ok(Math.min(...times) < 5, `${times.join()} ms`)
  })

  test('jku and x5u -> undefined, and nothing is fetched (row 51)', async () => {
    let fetched = 0
    const server = createServer((_request, response) => {
      fetched++
      response.end(JSON.stringify({ keys: [attackerJwk] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/jwks`
    for (const extra of [{ jku: url }, { x5u: url }, { jku: url, kid: 'evil' }])
      assert.equal(await verify(attackerToken(extra), at(now)), undefined)
    await new Promise((resolve) => server.close(resolve))
    assert.equal(fetched, 0)
  })

  test('leeway: exp and nbf by clockTolerance and not a second more', async () => {
    const lenient = signedTokenVerifier(rsa.publicKey, { issuer, profile: 'at+jwt', clockTolerance: 60 })
    assert.ok(await lenient(token({}, { exp: now - 59 }), at(now)))
    assert.equal(await lenient(token({}, { exp: now - 60 }), at(now)), undefined)
    assert.ok(await lenient(token({}, { nbf: now + 60 }), at(now)))
    assert.equal(await lenient(token({}, { nbf: now + 61 }), at(now)), undefined)
  })

  test('time is that of the request', async () => {
    assert.ok(await verify(good, at(now + 599)))
    assert.equal(await verify(good, at(now + 600)), undefined)
  })

  test('ES256 with r = s = 0, r = s = order, r = 0, s = 0, DER, short, long and of another curve (row 55)', async () => {
    const check = signedTokenVerifier(p256.publicKey, { issuer })
    const es256 = (make: (input: Buffer) => Buffer) =>
      compact({ alg: 'ES256', typ: 'JWT' }, claims, (input) => make(Buffer.from(input)))
    const raw = (input: Buffer) => nodeSign('sha256', input, { key: pkcs8(p256.privateKey), dsaEncoding: 'ieee-p1363' })
    assert.ok(await check(es256(raw), at(now)))
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
    const forgeries: ((input: Buffer) => Buffer)[] = [
      () => Buffer.alloc(64),
      () => Buffer.concat([order, order]),
      (input) => Buffer.concat([Buffer.alloc(32), raw(input).subarray(32)]),
      (input) => Buffer.concat([raw(input).subarray(0, 32), Buffer.alloc(32)]),
      (input) => nodeSign('sha256', input, p256.privateKey),
      (input) => raw(input).subarray(0, 63),
      (input) => Buffer.concat([raw(input), Buffer.alloc(1)]),
      (input) => nodeSign('sha256', input, { key: pkcs8(p384.privateKey), dsaEncoding: 'ieee-p1363' }),
      (input) => nodeSign('sha256', input, { key: pkcs8(p384.privateKey), dsaEncoding: 'ieee-p1363' }).subarray(0, 64),
    ]
    for (const forge of forgeries) assert.equal(await check(es256(forge), at(now)), undefined)
  })

  test('a JWE where a JWS is expected -> undefined (row 56)', async () => {
    const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt' })
      .encrypt(rsa.publicKey)
    assert.equal(await verify(jwe, at(now)), undefined)
  })

  test('without profile: typ JWT accepted, at+jwt and missing refused, an ID token refused', async () => {
    const plain = signedTokenVerifier(rsa.publicKey, { issuer })
    assert.ok(await plain(token({ typ: 'JWT' }), at(now)))
    assert.equal(await plain(good, at(now)), undefined)
    assert.equal(await plain(token({ typ: undefined }), at(now)), undefined)
    assert.equal(await plain(token({ typ: 'JWT' }, { client_id: undefined, nonce: 'n' }), at(now)), undefined)
  })

  test('the twin refuses what another issuer signed with the same key', async () => {
    const ours = signedTokenGenerator(rsa.privateKey, { issuer })
    const theirs = signedTokenGenerator(rsa.privateKey, { issuer: 'https://other.example' })
    assert.equal(await ours.verifier?.(await theirs(contextOf()), at(now)), undefined)
    assert.ok(await theirs.verifier?.(await theirs(contextOf()), at(now)))
  })

  test('the twin of a generator whose iss may be set accepts it', async () => {
    const generate = signedTokenGenerator(rsa.privateKey, { issuer, allowClaimOverride: ['iss'] })
    const issued = await generate(contextOf({ claims: { iss: 'https://tenant.example' } }))
    assert.equal((await generate.verifier?.(issued, at(now)))?.issuer, 'https://tenant.example')
  })
})
