import type { JwtInterface, OAuthTokenRepository } from '@jmondi/oauth2-server'
import type { RequestHandler } from 'express'

/** What the guard checks against. */
export interface GuardOptions {
  readonly jwt: JwtInterface
  readonly tokens: OAuthTokenRepository
  readonly issuer: string
  readonly audience: string
  readonly scopes: readonly string[]
}

/**
 * The checks of the guide "Protect Resources" of the library's documentation, in the same order: signature and times, issuer, audience,
 * stored record, scopes; any error on the way counts as an invalid token.
 */
const validate = async (
  token: string,
  { jwt, tokens, issuer, audience }: GuardOptions,
): Promise<readonly string[] | undefined> => {
  try {
    const { iss, aud, jti, scope } = await jwt.verify(token)
    if (iss !== issuer || ![aud].flat().includes(audience)) return undefined
    const stored = await tokens.getByAccessToken?.(String(jti))
    if (stored === undefined || stored.accessTokenExpiresAt < new Date()) return undefined
    return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : []
  } catch {
    return undefined // as in the guide, which logs a warning here
  }
}

/** A guard as the documentation recommends it; the library has none of its own. */
export const guardOfTheGuide =
  (options: GuardOptions): RequestHandler =>
  async (request, response, next) => {
    const { authorization } = request.headers
    if (authorization?.startsWith('Bearer ') !== true) {
      const body = { error: 'invalid_request', error_description: 'Missing Authorization header' }
      return void response.status(401).setHeader('WWW-Authenticate', 'Bearer realm="api"').json(body)
    }
    const granted = await validate(authorization.slice('Bearer '.length), options)
    if (granted === undefined) {
      return void response
        .status(401)
        .setHeader('WWW-Authenticate', 'Bearer error="invalid_token"')
        .json({ error: 'invalid_token' })
    }
    if (!options.scopes.every((scope) => granted.includes(scope))) {
      const challenge = `Bearer error="insufficient_scope", scope="${options.scopes.join(' ')}"`
      return void response.status(403).setHeader('WWW-Authenticate', challenge).json({ error: 'insufficient_scope' })
    }
    next()
  }
