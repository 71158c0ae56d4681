import { Floor, jwtMaker, jwtVerifier } from './floors.ts'
import type { Contender, Prepare } from './operations.ts'
import {
  client,
  cycle,
  forms,
  post,
  repeat,
  scope,
  signedTokens,
  toHttpRequest,
  user,
  withToken,
  type Algorithm,
} from './workload.ts'

const signed = (algorithm: Algorithm): Prepare => {
  const make = jwtMaker(algorithm)
  return async () => {
    const provider = new Floor()
    const request = toHttpRequest(post(forms.clientCredentials()))
    return async () => (await provider.clientCredentials(request, make)).status
  }
}

const verified = (algorithm: Algorithm): Prepare => {
  const check = jwtVerifier(algorithm)
  return async (count) => {
    const requests = signedTokens(algorithm, count).map((token) => toHttpRequest(withToken(token)))
    return async (index) => (check(cycle(requests, index)) === undefined ? 401 : 200)
  }
}

const each = async (count: number, make: () => string, form: (value: string) => Readonly<Record<string, string>>) =>
  (await repeat(count, make)).map((value) => toHttpRequest(post(form(value))))

/** The hand-written provider. */
export const floor: Contender = {
  name: 'floor',
  operations: {
    'client_credentials, opaque': async () => {
      const provider = new Floor()
      const request = toHttpRequest(post(forms.clientCredentials()))
      const make = (clientId: string, granted: string): string => provider.issue(clientId, undefined, granted)
      return async () => (await provider.clientCredentials(request, make)).status
    },
    'client_credentials, RS256': signed('RS256'),
    'client_credentials, ES256': signed('ES256'),
    'authorization_code + PKCE, opaque': async (count) => {
      const provider = new Floor()
      const requests = await each(count, () => provider.issueCode(), forms.code)
      return async (index) => (await provider.redeem(cycle(requests, index))).status
    },
    'refresh with rotation, opaque': async (count) => {
      const provider = new Floor()
      const requests = await each(count, () => provider.issueRefresh(client.id, user.id, scope), forms.refresh)
      return async (index) => (await provider.rotate(cycle(requests, index))).status
    },
    'verify bearer, opaque': async (count) => {
      const provider = new Floor()
      const tokens = await repeat(count, () => provider.issue(client.id, user.id, scope))
      const requests = tokens.map((token) => toHttpRequest(withToken(token)))
      return async (index) => (provider.verifyOpaque(cycle(requests, index)) === undefined ? 401 : 200)
    },
    'verify bearer, RS256': verified('RS256'),
    'verify bearer, ES256': verified('ES256'),
    'introspection, opaque': async (count) => {
      const provider = new Floor()
      const requests = await each(count, () => provider.issue(client.id, undefined, scope), forms.introspection)
      return async (index) => (await provider.introspect(cycle(requests, index))).status
    },
  },
}
