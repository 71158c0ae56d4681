import { hasLocalIssuer, isDevelopment } from '../development.ts'
import { StartError } from '../errors.ts'
import { fapiOf } from '../profiles.ts'
import type { Settings } from '../settings.ts'
import { settingsChecks, type SettingsCheck } from './settings-checks.ts'

const dangersOf = (settings: Settings): readonly string[] =>
  Object.values<SettingsCheck>(settingsChecks)
    .filter(({ refusesStart }) => refusesStart === true)
    .flatMap((check) => check.find(settings).map((found) => `${found}: ${check.text} ${check.mend}`))

/** What a profile of FAPI 2.0 cannot be with. */
const requireProfile = ({ profile, dpop, clientCertificates, adminPort }: Settings): void => {
  if (fapiOf(profile) === undefined) return
  if (dpop === 'off' && clientCertificates === undefined)
    throw new StartError(
      `--profile ${profile} needs --dpop on, or --client-certificate-header: tokens are bound to their senders.`,
      2,
    )
  if (adminPort !== undefined)
    throw new StartError(
      `--profile ${profile} goes without --admin-port: the console has a secret, by which nobody gets a token. Use the command line.`,
      2,
    )
}

/** Throws a `StartError` with a line for each setting that is only for development, unless the server is for development. */
export const requireSafeSettings = (settings: Settings): void => {
  if (settings.dev === true && !hasLocalIssuer(settings))
    throw new StartError('--dev is for an issuer on localhost. Leave it out, or leave out --issuer.', 2)
  requireProfile(settings)
  const dangers = isDevelopment(settings) ? [] : dangersOf(settings)
  if (dangers.length > 0) throw new StartError(dangers.join('\n'), 2)
}
