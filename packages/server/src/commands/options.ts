import { InvalidArgumentError, Option } from 'commander'
import { StartError } from '../errors.ts'

const parseNumber =
  (least: number, most: number) =>
  (text: string): number => {
    if (/^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }

const parseText = (text: string): string => {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}

/** `--port`, or `GRANTRY_PORT`. */
export const portOption = (): Option =>
  new Option('--port <port>', 'port to listen at, 0 for a free one')
    .env('GRANTRY_PORT')
    .argParser(parseNumber(0, 65_535))
    .default(9000)

/** `--host`, or `GRANTRY_HOST`. */
export const hostOption = (): Option =>
  new Option('--host <host>', 'name or address to listen at')
    .env('GRANTRY_HOST')
    .argParser(parseText)
    .default('localhost')

/** `--data`, or `GRANTRY_DATA`. */
export const dataOption = (): Option =>
  new Option('--data <folder>', 'folder of the SQLite database')
    .env('GRANTRY_DATA')
    .argParser(parseText)
    .default('./grantry-data')

/** `--database`, or `GRANTRY_DATABASE`. It is read later: a message of the command line would quote it with its password. */
export const databaseOption = (): Option =>
  new Option('--database <url>', 'PostgreSQL database to use instead: postgres://user@host:5432/name').env(
    'GRANTRY_DATABASE',
  )

/** `--database-wait`, or `GRANTRY_DATABASE_WAIT`. */
export const databaseWaitOption = (): Option =>
  new Option('--database-wait <seconds>', 'how long to wait for a PostgreSQL that does not answer')
    .env('GRANTRY_DATABASE_WAIT')
    .argParser(parseNumber(0, 3600))
    .default(15)

/** `--database-pool`, or `GRANTRY_DATABASE_POOL`. */
export const databasePoolOption = (): Option =>
  new Option('--database-pool <connections>', 'most connections to PostgreSQL')
    .env('GRANTRY_DATABASE_POOL')
    .argParser(parseNumber(1, 1000))
    .default(10)

/** `--allow-unsafe-durability`; for the environment, see `allowsUnsafeDurability`. */
export const unsafeDurabilityOption = (): Option =>
  new Option('--allow-unsafe-durability', 'run on a PostgreSQL that may lose what it has acknowledged')

/** Whether `GRANTRY_ALLOW_UNSAFE_DURABILITY` is `true`. Throws a `StartError` for what is neither that nor `false`. */
export const allowsUnsafeDurability = (env: Readonly<Record<string, string | undefined>>): boolean => {
  const text = env['GRANTRY_ALLOW_UNSAFE_DURABILITY'] ?? 'false'
  if (text !== 'true' && text !== 'false')
    throw new StartError(`GRANTRY_ALLOW_UNSAFE_DURABILITY must be true or false, not "${text}".`, 2)
  return text === 'true'
}

/** `--issuer`, or `GRANTRY_ISSUER`. */
export const issuerOption = (): Option =>
  new Option('--issuer <url>', 'URL that clients know the server by (default: http://localhost:<port>)')
    .env('GRANTRY_ISSUER')
    .argParser(parseText)

/** `--token-format`, or `GRANTRY_TOKEN_FORMAT`. */
export const tokenFormatOption = (): Option =>
  new Option('--token-format <format>', 'access tokens')
    .env('GRANTRY_TOKEN_FORMAT')
    .choices(['jwt', 'jwt-stored', 'opaque'])
    .default('jwt')

/** `--profile`, or `GRANTRY_PROFILE`. */
export const profileOption = (): Option =>
  new Option('--profile <profile>', 'openid lets confidential clients do without PKCE, for certification')
    .env('GRANTRY_PROFILE')
    .choices(['oauth21', 'openid'])
    .default('oauth21')

/** `--key-rotation`, or `GRANTRY_KEY_ROTATION`. */
export const keyRotationOption = (): Option =>
  new Option('--key-rotation <days>', 'age at which signing keys get successors, 0 for never')
    .env('GRANTRY_KEY_ROTATION')
    .argParser(parseNumber(0, 3650))
    .default(90)

/** Only by `GRANTRY_KEY_ENCRYPTION_KEYS`, separated by commas: what is on a command line can be seen by every user of the machine. */
export const keyEncryptionKeys = (env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined =>
  env['GRANTRY_KEY_ENCRYPTION_KEYS']?.split(',').map((key) => key.trim())

const list = (flags: string, description: string, parse: (text: string) => string): Option =>
  new Option(flags, description).argParser((text, given: readonly string[]) => [...given, parse(text)]).default([])

/** An option that may be given more than once. */
export const listOption = (flags: string, description: string): Option => list(flags, description, parseText)

const parseOrigin = (text: string): string => {
  if (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text) return text
  throw new InvalidArgumentError('It must be scheme, host and port as browsers write them: https://app.example')
}

/** An option for origins of web pages, which may be given more than once. */
export const originListOption = (flags: string, description: string): Option => list(flags, description, parseOrigin)
