import { OutboundClient } from 'grantry'
import { webhookProblem } from './audit-settings.ts'
import { webhookKey } from './audit/webhook-message.ts'
import { StartError } from './errors.ts'
import type { RegistrationSettings } from './registration-settings.ts'
import { hasOwnUsers, type UserSettings } from './user-settings.ts'

/** Who may make an account: nobody, everyone, or who has a link of `user invite`. */
export type SignUpMode = 'off' | 'open' | 'invite'

/** What users of the server do without an operator. */
export interface AccountSettings {
  /** Default: `off`. */
  readonly signUp?: SignUpMode | undefined
  /** Terms of service that are accepted with a new account: an https URL. Default: none. */
  readonly termsUri?: string | undefined
  /** The page on which users get a new password, where that is not here: an https URL. Default: none. */
  readonly passwordResetUri?: string | undefined
  /** The URL that is told who has forgotten a password, with a link to send to that user. Default: none. */
  readonly passwordResetWebhook?: string | undefined
  /** Keys that sign what is sent there, each `whsec_` and 24 to 64 random bytes as base64. */
  readonly passwordResetSecrets?: readonly string[] | undefined
}

/** The same with its defaults; undefined for what is not there. */
export interface ResolvedAccountSettings extends Pick<AccountSettings, 'termsUri'> {
  readonly signUp: SignUpMode
  readonly passwordResetUri: string | undefined
  readonly passwordResetWebhook: string | undefined
  readonly passwordResetSecrets: readonly string[]
}

type Given = AccountSettings & UserSettings & Pick<RegistrationSettings, 'allowPrivateHosts'>

const requireMode = (mode: string): SignUpMode => {
  if (mode === 'off' || mode === 'open' || mode === 'invite') return mode
  throw new StartError(`--sign-up must be off, open or invite, not "${mode}".`, 2)
}

const requireOwnUsers = (options: Given): void => {
  if (hasOwnUsers(options) && options.localLogin !== 'off') return
  const where = hasOwnUsers(options)
    ? 'By --local-login off users log in elsewhere alone, and need no passwords'
    : 'Users come from elsewhere; make and change them there'
  if ((options.signUp ?? 'off') !== 'off') throw new StartError(`--sign-up cannot be set. ${where}.`, 2)
  if (options.passwordResetWebhook !== undefined)
    throw new StartError(
      `--password-reset-webhook cannot be set. ${where}; name --password-reset-uri if there is one.`,
      2,
    )
}

const requireWebhook = ({ passwordResetWebhook: url, passwordResetSecrets: secrets = [], ...rest }: Given): void => {
  if (url === undefined) return
  if (rest.passwordResetUri !== undefined)
    throw new StartError('--password-reset-uri and --password-reset-webhook are both set. Choose one.', 2)
  const { allowPrivateHosts = [] } = rest
  const isTaken = url.startsWith('https:') || new OutboundClient({ allowPrivateHosts }).isPrivateHost(url)
  const problem = webhookProblem(url)
  if (problem !== undefined || !isTaken)
    throw new StartError(
      '--password-reset-webhook must be an https URL without credentials, or an http URL on a host of --allow-private-host.',
      2,
    )
  if (secrets.length > 0 && secrets.every((secret) => webhookKey(secret) !== undefined)) return
  const make = 'echo "whsec_$(openssl rand -base64 32)"'
  const what = 'whsec_ and 24 to 64 bytes as base64'
  throw new StartError(`--password-reset-webhook needs GRANTRY_PASSWORD_RESET_SECRETS: ${what}. Make one: ${make}`, 2)
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveAccounts = (options: Given): ResolvedAccountSettings => {
  requireOwnUsers(options)
  requireWebhook(options)
  return {
    signUp: requireMode(options.signUp ?? 'off'),
    termsUri: options.termsUri,
    passwordResetUri: options.passwordResetUri,
    passwordResetWebhook: options.passwordResetWebhook,
    passwordResetSecrets: options.passwordResetSecrets ?? [],
  }
}
