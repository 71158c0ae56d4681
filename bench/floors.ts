/**
 * The operations written by hand, with nothing that they can do without: read the form, check the client by the digest of its secret,
 * look up, make the token, store SHA-256 digests, write JSON. No error texts, options, hooks or events. What a provider costs on top is
 * the price of being one.
 */
import { hash, randomFillSync, sign, timingSafeEqual, verify } from 'node:crypto'
import type { HttpRequest } from 'grantry'
import { challenge, client, issuer, keys, lifetime, refreshLifetime, scope, user, type Algorithm } from './workload.ts'

interface Row {
  readonly clientId: string
  readonly userId?: string | undefined
  readonly scope: string
  readonly issuedAt: number
  readonly expiresAt: number
}

interface CodeRow extends Row {
  readonly redirectUri: string
  readonly codeChallenge: string
  used: boolean
}

interface RefreshRow extends Row {
  used: boolean
}

const digest = (text: string): string => hash('sha256', text, 'base64url')

const pool = Buffer.alloc(8192)
let drawn = pool.length
const randomToken = (): string => {
  if (drawn + 32 > pool.length) {
    randomFillSync(pool)
    drawn = 0
  }
  return pool.toString('base64url', drawn, (drawn += 32))
}

const now = (): number => Math.floor(Date.now() / 1000)
const answer = (body: object): { readonly status: number; readonly body: string } => ({
  status: 200,
  body: JSON.stringify(body),
})
const refuse = (error: string): { readonly status: number; readonly body: string } => ({
  status: 400,
  body: JSON.stringify({ error }),
})

const clients = new Map([[client.id, { secret: hash('sha256', client.secret, 'buffer'), scopes: client.scopes }]])

const checkClient = (request: HttpRequest): string | undefined => {
  const pair = Buffer.from((request.headers.get('authorization') ?? '').slice(6), 'base64').toString()
  const colon = pair.indexOf(':')
  const id = decodeURIComponent(pair.slice(0, colon))
  const secret = hash('sha256', decodeURIComponent(pair.slice(colon + 1)), 'buffer')
  const known = clients.get(id)
  return known !== undefined && timingSafeEqual(secret, known.secret) ? id : undefined
}

const readForm = async (request: HttpRequest): Promise<URLSearchParams> => new URLSearchParams(await request.text())

const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')

/** The state of one hand-written provider, and its endpoints. */
export class Floor {
  readonly access = new Map<string, Row>()
  readonly codes = new Map<string, CodeRow>()
  readonly refresh = new Map<string, RefreshRow>()

  issue(clientId: string, userId: string | undefined, granted: string): string {
    const token = randomToken()
    const issuedAt = now()
    this.access.set(digest(token), { clientId, userId, scope: granted, issuedAt, expiresAt: issuedAt + lifetime })
    return token
  }

  issueRefresh(clientId: string, userId: string | undefined, granted: string): string {
    const token = randomToken()
    const issuedAt = now()
    const row = { clientId, userId, scope: granted, issuedAt, expiresAt: issuedAt + refreshLifetime, used: false }
    this.refresh.set(digest(token), row)
    return token
  }

  issueCode(): string {
    const code = randomToken()
    const issuedAt = now()
    const grant = {
      clientId: client.id,
      userId: user.id,
      scope,
      redirectUri: client.redirectUri,
      codeChallenge: challenge,
    }
    this.codes.set(digest(code), { ...grant, issuedAt, expiresAt: issuedAt + 60, used: false })
    return code
  }

  async clientCredentials(request: HttpRequest, makeToken: (clientId: string, granted: string) => string) {
    const form = await readForm(request)
    const clientId = checkClient(request)
    const asked = form.get('scope') ?? ''
    if (clientId === undefined || form.get('grant_type') !== 'client_credentials') return refuse('invalid_client')
    if (!asked.split(' ').every((each) => clients.get(clientId)?.scopes.includes(each))) return refuse('invalid_scope')
    return answer({
      access_token: makeToken(clientId, asked),
      token_type: 'Bearer',
      expires_in: lifetime,
      scope: asked,
    })
  }

  async redeem(request: HttpRequest) {
    const form = await readForm(request)
    const clientId = checkClient(request)
    const code = this.codes.get(digest(form.get('code') ?? ''))
    if (code === undefined || code.used || code.clientId !== clientId || code.expiresAt <= now())
      return refuse('invalid_grant')
    code.used = true
    if (code.redirectUri !== form.get('redirect_uri')) return refuse('invalid_grant')
    if (digest(form.get('code_verifier') ?? '') !== code.codeChallenge) return refuse('invalid_grant')
    return this.#answerWithBoth(clientId, code)
  }

  async rotate(request: HttpRequest) {
    const form = await readForm(request)
    const clientId = checkClient(request)
    const row = this.refresh.get(digest(form.get('refresh_token') ?? ''))
    if (row === undefined || row.used || row.clientId !== clientId || row.expiresAt <= now())
      return refuse('invalid_grant')
    row.used = true
    return this.#answerWithBoth(clientId, row)
  }

  async introspect(request: HttpRequest) {
    const form = await readForm(request)
    const clientId = checkClient(request)
    if (clientId === undefined) return refuse('invalid_client')
    const row = this.access.get(digest(form.get('token') ?? ''))
    if (row === undefined || row.expiresAt <= now() || row.clientId !== clientId) return answer({ active: false })
    const { scope: granted, userId, issuedAt: iat, expiresAt: exp } = row
    return answer({
      active: true,
      scope: granted,
      client_id: clientId,
      sub: userId ?? clientId,
      iat,
      exp,
      token_type: 'Bearer',
    })
  }

  verifyOpaque(request: HttpRequest): Row | undefined {
    const row = this.access.get(digest((request.headers.get('authorization') ?? '').slice(7)))
    return row !== undefined && row.expiresAt > now() && row.scope.split(' ').includes(scope) ? row : undefined
  }

  #answerWithBoth(clientId: string, { userId, scope: granted }: Row) {
    return answer({
      access_token: this.issue(clientId, userId, granted),
      token_type: 'Bearer',
      expires_in: lifetime,
      scope: granted,
      refresh_token: this.issueRefresh(clientId, userId, granted),
    })
  }
}

/** Makes signed access tokens. */
export const jwtMaker = (algorithm: Algorithm): ((clientId: string, granted: string) => string) => {
  const header = `${part({ alg: algorithm, typ: 'JWT' })}.`
  const { privateKey } = keys[algorithm]
  const key = algorithm === 'RS256' ? privateKey : ({ key: privateKey, dsaEncoding: 'ieee-p1363' } as const)
  return (clientId, granted) => {
    const iat = now()
    const claims = {
      iss: issuer,
      sub: clientId,
      client_id: clientId,
      scope: granted,
      iat,
      exp: iat + lifetime,
      jti: randomToken(),
    }
    const input = header + part(claims)
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
  }
}

interface Claims {
  readonly iss: string
  readonly exp: number
  readonly scope: string
}

/** Checks signed access tokens with the scope of the workload. */
export const jwtVerifier = (algorithm: Algorithm): ((request: HttpRequest) => Claims | undefined) => {
  const { publicKey } = keys[algorithm]
  // An options object costs RSA two fifths of its speed, and it does not need one.
  const key = algorithm === 'RS256' ? publicKey : ({ key: publicKey, dsaEncoding: 'ieee-p1363' } as const)
  return (request) => {
    const token = (request.headers.get('authorization') ?? '').slice(7)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly alg: string }
    const input = Buffer.from(`${header}.${payload}`)
    if (alg !== algorithm || !verify('sha256', input, key, Buffer.from(signature, 'base64url'))) return undefined
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
    return claims.iss === issuer && claims.exp > now() && claims.scope.split(' ').includes(scope) ? claims : undefined
  }
}
