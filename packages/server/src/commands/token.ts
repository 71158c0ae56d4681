import { text as readAll } from 'node:stream/consumers'
import { Command } from 'commander'
import { decodeJwtPart } from '../decode-jwt.ts'
import { StartError } from '../errors.ts'
import { printable } from './print.ts'
import { inspectToken, revokeToken } from './token-inspect.ts'
import { mintCommand } from './token-mint.ts'
import { verifyCommand } from './token-verify.ts'

interface Decoded {
  readonly header: Readonly<Record<string, unknown>>
  /** Undefined for what is encrypted. */
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

const decodePart = (part: string, name: string): Readonly<Record<string, unknown>> => {
  const value = decodeJwtPart(part)
  if (value === undefined) throw new StartError(`The ${name} of the token is not JSON in base64url.`)
  return value
}

/** Reads a JWT without trusting it. Throws a `StartError`, in which nothing of the token is, where it is none. */
const decode = (token: string): Decoded => {
  const [header = '', claims = '', ...rest] = token.split('.')
  if (rest.length === 3) return { header: decodePart(header, 'header'), claims: undefined }
  if (rest.length === 1) return { header: decodePart(header, 'header'), claims: decodePart(claims, 'payload') }
  throw new StartError(
    'This is no JWT: it has no three or five parts. An opaque token means something to its server only.',
  )
}

const times = ['iat', 'nbf', 'exp', 'auth_time']

const timeLines = (claims: Readonly<Record<string, unknown>>): readonly string[] =>
  times.flatMap((name) => {
    const value = claims[name]
    const isTime = typeof value === 'number' && Math.abs(value) < 8e12
    return isTime ? [`${name.padEnd(9)}  ${new Date(value * 1000).toISOString()}`] : []
  })

const block = (value: object): string => JSON.stringify(value, undefined, 2).split('\n').map(printable).join('\n')

const show = ({ header, claims }: Decoded): void => {
  const parts = ['Not verified: anyone can have made it.', `header ${block(header)}`]
  if (claims === undefined) parts.push('The rest is encrypted.')
  else parts.push(`claims ${block(claims)}`, ...timeLines(claims))
  process.stdout.write(`${parts.join('\n')}\n`)
}

const decodeCommand = new Command('decode')
  .description('show header and claims of a JWT, without checking anything')
  .argument('[token]', 'the token; from standard input where it is left out, as a command line can be seen by others')
  .option('--json', 'print JSON')
  .action(async (given: string | undefined, { json }: { readonly json?: true }) => {
    const decoded = decode((given ?? (await readAll(process.stdin))).trim())
    if (json === true) process.stdout.write(`${JSON.stringify({ verified: false, ...decoded }, undefined, 2)}\n`)
    else show(decoded)
  })

/** `grantry-server token …`: looks at tokens. */
export const tokenCommand = (): Command =>
  new Command('token')
    .addCommand(decodeCommand)
    .addCommand(verifyCommand())
    .addCommand(mintCommand())
    .addCommand(inspectToken())
    .addCommand(revokeToken())
