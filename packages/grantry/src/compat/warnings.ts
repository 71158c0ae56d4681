import type { ModelWarned } from '../core/events.ts'
import type { ModelCaller, ModelMethod } from './call-model.ts'
import type { OAuth2ServerModelOptions } from './model-options.ts'

interface Warning {
  /** The method of the model, or the option, that it is about. */
  readonly subject: ModelMethod | keyof OAuth2ServerModelOptions
  readonly message: string
  readonly mend: string
  /** Whether it holds. */
  readonly holds: (model: ModelCaller, options: OAuth2ServerModelOptions) => boolean
}

/** Whether codes can be issued and redeemed. */
export const offersCodes = (model: ModelCaller): boolean =>
  model.has('saveAuthorizationCode', 'getAuthorizationCode', 'revokeAuthorizationCode')

/** Whether refresh tokens are replaced as they are used. */
export const rotates = ({ alwaysIssueNewRefreshToken }: OAuth2ServerModelOptions): boolean =>
  alwaysIssueNewRefreshToken !== false

/** Whether refresh tokens can be exchanged. */
export const offersRefresh = (model: ModelCaller, options: OAuth2ServerModelOptions): boolean =>
  model.has('getRefreshToken') && (!rotates(options) || model.has('revokeToken'))

const store = 'Move to a Store, which does it'

const warnings = {
  'code-single-use': {
    subject: 'revokeAuthorizationCode',
    message: 'A code works once only if this is true for one of two calls at the same time.',
    mend: 'Return whether this very call deleted it: rowCount === 1, deletedCount === 1, the answer of DEL.',
    holds: offersCodes,
  },
  'code-reuse': {
    subject: 'getAuthorizationCode',
    message: 'A code that comes again ends nothing of what was issued from it (RFC 6749 §4.1.2).',
    mend: `${store}.`,
    holds: offersCodes,
  },
  'code-fields': {
    subject: 'saveAuthorizationCode',
    message: 'A code is bound to its client by codeChallenge and redirectUri; one that comes back without is refused.',
    mend: 'Save redirectUri, codeChallenge and codeChallengeMethod, and return them from getAuthorizationCode.',
    holds: offersCodes,
  },
  'refresh-single-use': {
    subject: 'revokeToken',
    message: 'A refresh token works once only if this is true for one of two calls at the same time.',
    mend: 'Return whether this very call deleted it: rowCount === 1, deletedCount === 1, the answer of DEL.',
    holds: (model, options) => offersRefresh(model, options) && rotates(options),
  },
  'refresh-reuse': {
    subject: 'getRefreshToken',
    message: 'A stolen refresh token is not noticed when it comes again, and a lost answer logs the user out.',
    mend: `${store}: families of tokens, and a grace (RFC 9700 §4.14.2).`,
    holds: offersRefresh,
  },
  'refresh-endless': {
    subject: 'saveToken',
    message: 'A login lasts as long as its refresh tokens are used: nothing says when it began.',
    mend: `${store}: refreshTokenFamilyExpiresIn.`,
    holds: offersRefresh,
  },
  'refresh-unrotated': {
    subject: 'alwaysIssueNewRefreshToken',
    message: 'Refresh tokens stay the same, also for public clients (RFC 9700 §2.2.2).',
    mend: 'Leave the option out.',
    holds: (_model, options) => !rotates(options),
  },
  'refresh-not-offered': {
    subject: 'getRefreshToken',
    message: 'Refresh tokens are not offered: the model cannot revoke them.',
    mend: 'Add revokeToken.',
    holds: (model, options) => model.has('getRefreshToken') && !offersRefresh(model, options),
  },
  'tokens-readable': {
    subject: 'saveToken',
    message: 'Whoever reads the database has tokens that work: they are handed to the model as they are.',
    mend: `Save their SHA-256, and look for that. ${store}.`,
    holds: () => true,
  },
  'access-tokens-irrevocable': {
    subject: 'revokeToken',
    message: 'Access tokens cannot be revoked: there is no method for it. The revocation endpoint says so.',
    mend: `${store}.`,
    holds: () => true,
  },
  'clients-without-secret': {
    subject: 'getClient',
    message: 'It decides who is a public client: it is called without a secret where a request has none.',
    mend: 'Return nothing for a client that has a secret.',
    holds: (model, { requireClientAuthentication = {} }) =>
      offersCodes(model) || Object.values(requireClientAuthentication).includes(false),
  },
  'scopes-unjudged': {
    subject: 'validateScope',
    message: 'Clients get every scope that they ask for.',
    mend: 'Add it, and return those of the scopes that this client and this user may have.',
    holds: (model) => !model.has('validateScope'),
  },
  'redirect-uris-judged': {
    subject: 'validateRedirectUri',
    message: 'Redirect URIs are not compared as exact strings: a pattern sends codes to strangers (RFC 9700 §2.1).',
    mend: 'Remove it, and list every URI in redirectUris of the client.',
    holds: (model) => offersCodes(model) && model.has('validateRedirectUri'),
  },
  'password-grant': {
    subject: 'getUser',
    message: 'Clients may ask users for their passwords (RFC 9700 §2.4 forbids it).',
    mend: 'Remove it once no client needs it.',
    holds: (model) => model.has('getUser'),
  },
  'pkce-optional': {
    subject: 'allowMissingPkce',
    message: 'Codes of clients that use no PKCE can be injected (RFC 9700 §2.1.1).',
    mend: 'Let all clients use PKCE, and leave the option out.',
    holds: (_model, { allowMissingPkce }) => allowMissingPkce === true,
  },
  'pkce-plain': {
    subject: 'enablePlainPKCE',
    message: 'A challenge that is its verifier protects nothing that can be read (RFC 7636 §7.2).',
    mend: 'Let all clients use S256, and leave the option out.',
    holds: (_model, { enablePlainPKCE }) => enablePlainPKCE === true,
  },
  'tokens-in-urls': {
    subject: 'allowBearerTokensInQueryString',
    message: 'Tokens in URLs end up in logs and histories (RFC 6750 §5.3).',
    mend: 'Let all clients send the Authorization header, and leave the option out.',
    holds: (_model, { allowBearerTokensInQueryString }) => allowBearerTokensInQueryString === true,
  },
} satisfies Readonly<Record<string, Warning>>

/** What a model, or an option that comes with it, cannot make safe. */
export type ModelWarningName = keyof typeof warnings

/** The warnings of a model, but for those that are accepted. */
export const warningsOf = (
  model: ModelCaller,
  options: OAuth2ServerModelOptions,
  time: number,
): readonly ModelWarned[] => {
  const accepted: readonly string[] = options.acceptedWarnings ?? []
  const all = Object.entries<Warning>(warnings)
  return all.flatMap(([name, { subject, message, mend, holds }]) =>
    holds(model, options) && !accepted.includes(name)
      ? [{ type: 'model.warning', time, name, subject, message, mend }]
      : [],
  )
}

/** Where nobody listens, warnings are printed: a risk that nobody was told of is no choice. */
export const printWarning = ({ name, subject, message, mend }: ModelWarned): void =>
  console.warn(`grantry: ${name} (${subject}): ${message} ${mend}`) // eslint-disable-line no-console -- the doc comment says why
