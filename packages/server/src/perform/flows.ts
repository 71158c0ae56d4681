import * as openid from 'openid-client'
import { StartError } from '../errors.ts'
import { openCallback } from './callback.ts'
import { during } from './discover.ts'

/** How a flow is performed. */
export interface FlowOptions {
  readonly scopes: readonly string[]
  /** Protected resources that the token is for (RFC 8707). */
  readonly resources: readonly string[]
  /** The port of the callback, 0 for a free one. */
  readonly port: number
  /** Ends waiting for the user. */
  readonly signal: AbortSignal
  /** Told what was done. */
  readonly onStep: (step: string, detail: string) => void
  /** Told what the user must do. */
  readonly onAsk: (text: string) => void
}

type Tokens = openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers

/** Gets tokens by one flow. */
export type Flow = (config: openid.Configuration, options: FlowOptions) => Promise<Tokens>

const askedFor = ({ scopes, resources }: FlowOptions): URLSearchParams => {
  const asked = new URLSearchParams()
  if (scopes.length > 0) asked.set('scope', scopes.join(' '))
  for (const resource of resources) asked.append('resource', resource)
  return asked
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void =>
      reject(new StartError('Nobody came back in time. Start again, or allow more with --timeout.'))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })

const performCode: Flow = async (config, options) => {
  const callback = await openCallback(options.port)
  try {
    const [pkceCodeVerifier, expectedState, nonce] = [
      openid.randomPKCECodeVerifier(),
      openid.randomState(),
      openid.randomNonce(),
    ]
    const isOpenId = options.scopes.includes('openid')
    const asked = askedFor(options)
    asked.set('redirect_uri', callback.redirectUri)
    asked.set('code_challenge', await openid.calculatePKCECodeChallenge(pkceCodeVerifier))
    asked.set('code_challenge_method', 'S256')
    asked.set('state', expectedState)
    if (isOpenId) asked.set('nonce', nonce)
    options.onAsk(`Open in a browser: ${openid.buildAuthorizationUrl(config, asked).href}`)
    const url = await Promise.race([callback.arrived, untilAborted(options.signal)])
    options.onStep('callback', `the browser came back to ${callback.redirectUri}`)
    const expected = isOpenId ? { expectedNonce: nonce, idTokenExpected: true } : {}
    return await during('token', () =>
      openid.authorizationCodeGrant(config, url, { pkceCodeVerifier, expectedState, ...expected }),
    )
  } finally {
    callback.close()
  }
}

const performDevice: Flow = async (config, options) => {
  const asked = await during('device authorization', () =>
    openid.initiateDeviceAuthorization(config, askedFor(options)),
  )
  const { user_code: code, verification_uri: uri, verification_uri_complete: whole } = asked
  options.onStep('device authorization', `user code ${code}, good for ${asked.expires_in} seconds`)
  options.onAsk(`Open in a browser: ${whole ?? `${uri} and enter ${code}`}`)
  const poll = openid.pollDeviceAuthorizationGrant(config, asked, undefined, { signal: options.signal })
  return during('token', () => Promise.race([poll, untilAborted(options.signal)]))
}

const performClientCredentials: Flow = async (config, options) =>
  during('token', () => openid.clientCredentialsGrant(config, askedFor(options)))

/** The flows, by the names of their commands. */
export const flows = {
  code: { about: 'a user logs in with a browser, with PKCE', run: performCode },
  'client-credentials': { about: 'a client gets a token for itself', run: performClientCredentials },
  device: { about: 'a user lets a device in with a browser', run: performDevice },
} satisfies Readonly<Record<string, { readonly about: string; readonly run: Flow }>>
