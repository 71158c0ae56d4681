/** The authorization server of the `grantry-server` command, to be started by other programs. */
export type { FirstStart } from './bootstrap.ts'
export { StartError } from './errors.ts'
export type { Log, LogRecord } from './log.ts'
export type { RegistrationMode, RegistrationSettings } from './registration-settings.ts'
export type { ServerOptions } from './settings.ts'
export type { ThemeSettings } from './theme-settings.ts'
export { startServer, type RunningServer } from './start-server.ts'
export type { PasswordAttempt, SourceLogin, SourceUser, UserSource } from './users/user-source.ts'
