import { text as readAll } from 'node:stream/consumers'
import { Command, InvalidArgumentError, Option } from 'commander'
import { decodeJwt } from '../decode-jwt.ts'
import { StartError } from '../errors.ts'
import { useAndEnd } from '../perform/after-tokens.ts'
import { authentications, discover, readIssuer, type PerformClient } from '../perform/discover.ts'
import { flows, type Flow } from '../perform/flows.ts'
import { listOption } from './options.ts'
import { printable, printJson } from './print.ts'

interface PerformArguments {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretStdin?: true
  readonly authMethod: PerformClient['authMethod']
  readonly scope: readonly string[]
  readonly resource: readonly string[]
  readonly port?: number
  readonly timeout: number
  readonly json?: true
}

const wholeNumber =
  (most: number) =>
  (text: string): number => {
    if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number up to ${most}.`)
  }

const clientOf = async (options: PerformArguments): Promise<PerformClient> => {
  const piped = options.clientSecretStdin === true ? (await readAll(process.stdin)).trim() : undefined
  const clientSecret = piped ?? process.env['GRANTRY_CLIENT_SECRET']
  if (clientSecret === '') throw new StartError('The secret of the client is empty.', 2)
  return {
    issuer: readIssuer(options.issuer),
    clientId: options.clientId,
    clientSecret,
    authMethod: options.authMethod,
  }
}

/** So much of a token that two can be told apart, and no more. */
const masked = (token: string): string => `${token.slice(0, 4)}… (${token.length} characters)`

/** A token as it is shown: what is in it where it says so, never the token. */
const shownToken = (token: string): object => ({ token: masked(token), ...decodeJwt(token) })

type Tokens = Awaited<ReturnType<Flow>>

const shownTokens = (tokens: Tokens): Readonly<Record<string, unknown>> => ({
  token_type: tokens.token_type,
  expires_in: tokens.expires_in,
  scope: tokens.scope,
  access_token: shownToken(tokens.access_token),
  ...(tokens.refresh_token !== undefined && { refresh_token: { token: masked(tokens.refresh_token) } }),
  ...(tokens.id_token !== undefined && { id_token: shownToken(tokens.id_token) }),
})

const print = (value: unknown): string => JSON.stringify(value, undefined, 2).split('\n').map(printable).join('\n')

const perform = async (flow: string, run: Flow, options: PerformArguments): Promise<void> => {
  const isJson = options.json === true
  const steps: { step: string; detail: string }[] = []
  const tell = (line: string): void => void (isJson ? process.stderr : process.stdout).write(`${printable(line)}\n`)
  const onStep = (step: string, detail: string): void => {
    steps.push({ step, detail })
    if (!isJson) tell(`✔ ${step}: ${detail}`)
  }
  const client = await clientOf(options)
  const config = await discover(client)
  onStep(
    'discovery',
    `${config.serverMetadata().issuer}, token endpoint ${config.serverMetadata().token_endpoint ?? 'none'}`,
  )
  const { scope: scopes, resource: resources, port = 0 } = options
  const signal = AbortSignal.timeout(options.timeout * 1000)
  const tokens = await run(config, { scopes, resources, port, signal, onStep, onAsk: tell })
  onStep(
    'token',
    `${tokens.token_type}, ${tokens.expires_in ?? 'unknown'} seconds, scope "${tokens.scope ?? scopes.join(' ')}"`,
  )
  await useAndEnd(config, tokens, { onStep })
  const shown = shownTokens(tokens)
  if (isJson) printJson({ flow, issuer: config.serverMetadata().issuer, steps, tokens: shown })
  else process.stdout.write(`${print(shown)}\n`)
}

const flowCommand = (name: string, about: string, run: Flow): Command => {
  const command = new Command(name)
    .description(about)
    .requiredOption('--issuer <url>', 'issuer to try: https, or http on localhost')
    .requiredOption('--client-id <id>', 'client to be; its secret is GRANTRY_CLIENT_SECRET, or it is public')
    .option('--client-secret-stdin', 'read the secret from standard input instead')
    .addOption(
      new Option('--auth-method <method>', 'how it shows its secret')
        .choices(Object.keys(authentications))
        .default('client_secret_basic'),
    )
    .addOption(listOption('--scope <scope>', 'scope to ask for; may be repeated'))
    .addOption(listOption('--resource <uri>', 'protected resource to ask for; may be repeated'))
    .option('--timeout <seconds>', 'how long to wait for the user', wholeNumber(3600), 300)
    .option('--json', 'print JSON; what a user must do is on standard error then')
    .action((options: PerformArguments) => perform(name, run, options))
  if (name !== 'code') return command
  return command.option(
    '--port <port>',
    'of the redirect URI http://127.0.0.1:<port>/callback (default: a free one)',
    wholeNumber(65_535),
  )
}

/** `grantry-server perform …`: tries an issuer as a client would. */
export const performCommand = (): Command => {
  const command = new Command('perform')
  for (const [name, { about, run }] of Object.entries(flows)) command.addCommand(flowCommand(name, about, run))
  return command
}
