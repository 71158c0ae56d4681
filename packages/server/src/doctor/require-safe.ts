import { hasLocalIssuer, isDevelopment } from '../development.ts'
import { StartError } from '../errors.ts'
import type { Settings } from '../settings.ts'
import { settingsChecks, type SettingsCheck } from './settings-checks.ts'

const dangersOf = (settings: Settings): readonly string[] =>
  Object.values<SettingsCheck>(settingsChecks)
    .filter(({ refusesStart }) => refusesStart === true)
    .flatMap((check) => check.find(settings).map((found) => `${found}: ${check.text} ${check.mend}`))

/** Throws a `StartError` with a line for each setting that is only for development, unless the server is for development. */
export const requireSafeSettings = (settings: Settings): void => {
  if (settings.dev === true && !hasLocalIssuer(settings))
    throw new StartError('--dev is for an issuer on localhost. Leave it out, or leave out --issuer.', 2)
  const dangers = isDevelopment(settings) ? [] : dangersOf(settings)
  if (dangers.length > 0) throw new StartError(dangers.join('\n'), 2)
}
