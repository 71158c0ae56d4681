import type { Severity } from './check.ts'
import type { CheckId } from './checks.ts'

/** What a profile judges otherwise than the table of checks says; `off` is not looked at. */
export interface ProfileTable {
  /** For the reference. */
  readonly about: string
  readonly severities: Readonly<Partial<Record<CheckId, Severity | 'off'>>>
}

/** Checks that FAPI 2.0 alone asks for. */
const notFapi = { 'client-without-key': 'off', 'unbound-tokens': 'off' } as const

const fapi = {
  about: 'FAPI 2.0: every client has a key or a certificate, and every token is bound.',
  severities: {
    'client-no-secret': 'off',
    'client-without-pkce': 'hint',
    'client-token-in-url': 'hint',
    'client-id-token-in-url': 'hint',
  },
} satisfies ProfileTable

/** The profiles that can be graded against. */
export const profiles = {
  oauth21: { about: 'OAuth 2.1 and RFC 9700, as the checks say.', severities: notFapi },
  openid: {
    about: 'OpenID Connect, whose response types and confidential clients without PKCE are allowed.',
    severities: {
      ...notFapi,
      'client-id-token-in-url': 'hint',
      'client-token-in-url': 'warning',
      'client-without-pkce': 'warning',
    },
  },
  mcp: {
    about: 'Authorization of MCP (2026-07-28): clients that nobody registered, and tokens for named resources.',
    severities: { ...notFapi, 'open-registration': 'off' },
  },
  fapi2: fapi,
  'fapi2-message-signing': {
    ...fapi,
    about: 'The same with Message Signing: requests and answers are signed as well.',
  },
} satisfies Readonly<Record<string, ProfileTable>>

/** The name of a profile. */
export type ProfileName = keyof typeof profiles
