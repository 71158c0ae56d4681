import type { JsonWebKey } from 'node:crypto'
import { text as readAll } from 'node:stream/consumers'
import { Command } from 'commander'
import { systemClock } from 'grantry'
import { decodeJwt } from '../decode-jwt.ts'
import { StartError } from '../errors.ts'
import { discover, during, readIssuer } from '../perform/discover.ts'
import { verifyToken, type TokenCheck } from '../verify-token.ts'
import { printable, printJson } from './print.ts'

interface VerifyArguments {
  readonly issuer: string
  readonly audience?: string
  readonly type?: string
  readonly json?: true
}

/** Keys and metadata are for everyone. */
const nobody = { clientId: 'grantry-server', clientSecret: undefined, authMethod: 'client_secret_basic' } as const

const fetchKeys = async (uri: string): Promise<readonly JsonWebKey[]> => {
  const response = await fetch(uri, { signal: AbortSignal.timeout(10_000), redirect: 'error' })
  const body: unknown = await response.json()
  if (typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys))
    return body.keys as JsonWebKey[] // judged one by one
  throw new Error(`${uri} is no JWKS`)
}

const lineOf = ({ check, ok, found }: TokenCheck): string =>
  `${ok ? '✔' : '✖'} ${check.padEnd(10)}  ${printable(found)}\n`

const run = async (given: string | undefined, options: VerifyArguments): Promise<void> => {
  const token = (given ?? (await readAll(process.stdin))).trim()
  const config = await discover({ ...nobody, issuer: readIssuer(options.issuer) })
  const { issuer, jwks_uri: uri } = config.serverMetadata()
  if (uri === undefined) throw new StartError(`${issuer} publishes no keys: its tokens mean something to itself only.`)
  const keys = await during('keys', () => fetchKeys(uri))
  const { audience, type } = options
  const checks = verifyToken(token, { issuer, keys, audience, type, now: systemClock() })
  const isVerified = checks.every(({ ok }) => ok)
  if (options.json === true) printJson({ isVerified, checks, ...decodeJwt(token) })
  else process.stdout.write(checks.map(lineOf).join(''))
  const failed = checks.filter(({ ok }) => !ok).map(({ check }) => check)
  if (!isVerified) throw new StartError(`The token is not good: ${failed.join(', ')}.`)
}

/** `token verify`. */
export const verifyCommand = (): Command =>
  new Command('verify')
    .description('check a signed token by the keys that its issuer publishes, and say which check fails')
    .argument('[token]', 'the token; from standard input where it is left out, as a command line can be seen by others')
    .requiredOption('--issuer <url>', 'issuer whose keys it must be signed by: https, or http on localhost')
    .option('--audience <audience>', 'whom it must be for (default: not checked)')
    .option('--type <typ>', 'typ of its header, such as at+jwt (default: not checked)')
    .option('--json', 'print JSON')
    .action(run)
