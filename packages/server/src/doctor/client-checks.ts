import { isPublicClient } from 'grantry'
import { corsOriginsOf, type ServerClient } from '../client-record.ts'
import { isLoopback } from '../development.ts'
import { when, type Check } from './check.ts'

/** A client, and the time. */
export interface ExaminedClient {
  readonly client: ServerClient
  readonly now: number
}

const withKey = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']

const secondsOfDay = 86_400
const unusedDays = 180

const urlOf = (uri: string): URL | undefined => (URL.canParse(uri) ? new URL(uri) : undefined)

const isPlainHttp = (uri: string): boolean => {
  const url = urlOf(uri)
  return url?.protocol === 'http:' && !isLoopback(url.hostname)
}

const grantsOf = ({ grantTypes = ['authorization_code'] }: ServerClient): readonly string[] => grantTypes

const frontChannel = ({ responseTypes = [] }: ServerClient, word: string): readonly string[] =>
  responseTypes.filter((type) => type.split(' ').includes(word))

const usesSecret = ({ authMethods }: ServerClient): boolean =>
  authMethods === undefined || authMethods.some((method) => method !== 'none' && method !== 'private_key_jwt')

const redirects = (client: ServerClient): readonly string[] => client.redirectUris ?? []

const daysUnused = ({ client: { registration }, now }: ExaminedClient): number => {
  if (registration === undefined) return 0
  return Math.floor((now - (registration.lastUsedAt ?? registration.registeredAt)) / secondsOfDay)
}

/** Checks of each client, by id. */
export const clientChecks = {
  'client-token-in-url': {
    ...{ severity: 'error', source: 'RFC 9700 §2.1.2' },
    text: 'The client gets access tokens in a URL, where browser, history and other pages see them.',
    mend: 'Let it use the response type code.',
    find: ({ client }) => frontChannel(client, 'token'),
  },
  'client-id-token-in-url': {
    ...{ severity: 'warning', source: 'RFC 9700 §2.1.2' },
    text: 'The client gets ID tokens in a URL.',
    mend: 'Let it use the response type code.',
    find: ({ client }) => frontChannel(client, 'id_token'),
  },
  'client-password-grant': {
    ...{ severity: 'error', source: 'RFC 9700 §2.4' },
    text: 'The client is registered to take the passwords of users. This server has no such grant.',
    mend: 'Take "password" out of its grants.',
    find: ({ client }) => grantsOf(client).filter((grant) => grant === 'password'),
  },
  'client-without-pkce': {
    ...{ severity: 'error', source: 'RFC 9700 §2.1.1' },
    text: 'The client may do without PKCE, so a stolen code is good.',
    mend: 'Take allowMissingPkce and legacyPlainPkce out of its record.',
    find: ({ client }) => [
      ...when(client.allowMissingPkce === true, 'allowMissingPkce'),
      ...when(client.legacyPlainPkce === true, 'legacyPlainPkce'),
    ],
  },
  'client-plain-redirect': {
    ...{ severity: 'error', source: 'RFC 9700 §2.6' },
    text: 'A redirect URI is http, so everyone on the way reads the code. Nothing is sent there.',
    mend: 'Make it https.',
    find: ({ client }) => redirects(client).filter(isPlainHttp),
  },
  'client-wildcard-redirect': {
    ...{ severity: 'warning', source: 'RFC 9700 §4.1.3' },
    text: 'A redirect URI looks like a pattern. It is compared as it is written, so it matches nothing that was meant.',
    mend: 'Register each URI.',
    find: ({ client }) => redirects(client).filter((uri) => /\*|%2a|[{}]/i.test(uri)),
  },
  'client-localhost-redirect': {
    ...{ severity: 'hint', source: 'RFC 8252 §8.3' },
    text: 'A redirect URI names localhost, which may be another machine, and whose port is compared.',
    mend: 'Let it be http://127.0.0.1, whose port may be any.',
    find: ({ client }) =>
      redirects(client).filter((uri) => urlOf(uri)?.protocol === 'http:' && urlOf(uri)?.hostname === 'localhost'),
  },
  'client-no-redirect': {
    ...{ severity: 'warning', source: 'RFC 6749 §3.1.2.2' },
    text: 'The client may ask for codes, and has no redirect URI: nobody can log in at it.',
    mend: 'Register one, or take authorization_code out of its grants.',
    find: ({ client }) =>
      when(grantsOf(client).includes('authorization_code') && redirects(client).length === 0, 'authorization_code'),
  },
  'client-no-secret': {
    ...{ severity: 'warning', source: 'RFC 6749 §2.3' },
    text: 'The client authenticates by a secret, and has none: it gets no tokens.',
    mend: 'grantry-server client rotate-secret',
    find: ({ client }) => when(usesSecret(client) && (client.secrets ?? []).length === 0, 'no secret'),
  },
  'client-two-secrets': {
    ...{ severity: 'warning', source: 'RFC 6749 §10.1' },
    text: 'Two secrets of the client work.',
    mend: 'When all its instances have the new one: grantry-server client drop-old-secret',
    find: ({ client }) => when((client.secrets ?? []).length > 1, `${client.secrets?.length ?? 0} secrets`),
  },
  'client-public-machine': {
    ...{ severity: 'warning', source: 'RFC 6749 §4.4' },
    text: 'The client has no secret, so it cannot use client_credentials.',
    mend: 'Take the grant away, or give it a secret.',
    find: ({ client }) =>
      when(isPublicClient(client) && grantsOf(client).includes('client_credentials'), 'client_credentials'),
  },
  'client-plain-logout': {
    ...{ severity: 'warning', source: 'OpenID Connect Back-Channel Logout §2.2' },
    text: 'The client is told of logouts over http.',
    mend: 'Make it https.',
    find: ({ client }) =>
      [client.backchannelLogoutUri, client.frontchannelLogoutUri]
        .filter((uri) => uri !== undefined)
        .filter(isPlainHttp),
  },
  'client-plain-origin': {
    ...{ severity: 'warning', source: 'RFC 9700 §2.6' },
    text: 'Pages that came over http may read what the server answers to this client.',
    mend: 'Make the origin https.',
    find: ({ client }) => corsOriginsOf(client).filter(isPlainHttp),
  },
  'client-without-key': {
    ...{ severity: 'error', source: 'FAPI 2.0 Security Profile §5.3.2.1' },
    text: 'The client has neither a key nor a certificate, so it gets no tokens.',
    mend: 'Make it anew with --jwks-uri or --certificate-name.',
    find: ({ client: { authMethods = ['client_secret_basic'] } }) =>
      when(!authMethods.some((method) => withKey.includes(method)), authMethods.join(', ')),
  },
  'client-unused': {
    ...{ severity: 'hint', source: 'RFC 7591 §5' },
    text: 'The client registered itself and was not used for long.',
    mend: 'Delete it, if nobody misses it: grantry-server client delete',
    find: (examined) => when(daysUnused(examined) > unusedDays, `${daysUnused(examined)} days`),
  },
} satisfies Readonly<Record<string, Check<ExaminedClient>>>
