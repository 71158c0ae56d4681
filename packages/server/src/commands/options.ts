import { InvalidArgumentError, Option } from 'commander'

const parsePort = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

const parseText = (text: string): string => {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}

/** `--port`, or `GRANTRY_PORT`. */
export const portOption = (): Option =>
  new Option('--port <port>', 'port to listen at, 0 for a free one')
    .env('GRANTRY_PORT')
    .argParser(parsePort)
    .default(9000)

/** `--host`, or `GRANTRY_HOST`. */
export const hostOption = (): Option =>
  new Option('--host <host>', 'name or address to listen at')
    .env('GRANTRY_HOST')
    .argParser(parseText)
    .default('localhost')

/** `--data`, or `GRANTRY_DATA`. */
export const dataOption = (): Option =>
  new Option('--data <folder>', 'folder of the database')
    .env('GRANTRY_DATA')
    .argParser(parseText)
    .default('./grantry-data')

/** `--issuer`, or `GRANTRY_ISSUER`. */
export const issuerOption = (): Option =>
  new Option('--issuer <url>', 'URL that clients know the server by (default: http://localhost:<port>)')
    .env('GRANTRY_ISSUER')
    .argParser(parseText)

/** `--token-format`, or `GRANTRY_TOKEN_FORMAT`. */
export const tokenFormatOption = (): Option =>
  new Option('--token-format <format>', 'access tokens')
    .env('GRANTRY_TOKEN_FORMAT')
    .choices(['jwt', 'opaque'])
    .default('jwt')

/** Only by `GRANTRY_KEY_ENCRYPTION_KEYS`, separated by commas: what is on a command line can be seen by every user of the machine. */
export const keyEncryptionKeys = (env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined =>
  env['GRANTRY_KEY_ENCRYPTION_KEYS']?.split(',').map((key) => key.trim())

/** An option that may be given more than once. */
export const listOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text, list: readonly string[]) => [...list, parseText(text)]).default([])
