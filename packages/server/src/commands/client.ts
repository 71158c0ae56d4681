import { Command } from 'commander'
import { generateClientSecret, registerClient, type ClientRegistration } from 'grantry'
import { StartError } from '../errors.ts'
import { listOption } from './options.ts'
import { dataCommand, withData, type DataArguments } from './with-data.ts'

interface CreateOptions extends DataArguments {
  readonly id?: string
  readonly name?: string
  readonly public?: true
  readonly redirectUri: readonly string[]
  readonly grantType: readonly string[]
  readonly scope: readonly string[]
  readonly defaultScope: readonly string[]
}

const toRegistration = (options: CreateOptions): ClientRegistration & { readonly name?: string | undefined } => ({
  id: options.id,
  name: options.name,
  authMethods: options.public && ['none'],
  redirectUris: options.redirectUri,
  grantTypes: options.grantType.length > 0 ? options.grantType : ['authorization_code', 'refresh_token'],
  scopes: [...new Set([...options.scope, ...options.defaultScope])],
  defaultScopes: options.defaultScope,
})

const show = (id: string, secret: string | undefined): void => {
  process.stdout.write(`client id      ${id}\n`)
  if (secret !== undefined) process.stdout.write(`client secret  ${secret}\nThe secret is shown once.\n`)
}

const create = dataCommand('create')
  .description('register a client and show its secret')
  .option('--id <id>', 'client id (default: random)')
  .option('--name <name>', 'name that users are shown')
  .option('--public', 'a client that cannot keep a secret, such as an app in a browser or on a phone')
  .addOption(listOption('--redirect-uri <uri>', 'where codes may be sent; may be repeated'))
  .addOption(
    listOption(
      '--grant-type <type>',
      'grant that it may use; may be repeated (default: authorization_code, refresh_token)',
    ),
  )
  .addOption(listOption('--scope <scope>', 'scope that it may be granted; may be repeated'))
  .addOption(listOption('--default-scope <scope>', 'scope that it gets when it asks for none; may be repeated'))
  .action((options: CreateOptions) =>
    withData(options, { create: true }, async ({ store }) => {
      const { client, secret } = await registerClient(store, toRegistration(options))
      show(client.id, secret)
    }),
  )

const rotateSecret = dataCommand('rotate-secret')
  .description('give a client a new secret; the old one ends at once')
  .argument('<id>', 'client id')
  .action((id: string, options: DataArguments) =>
    withData(options, { create: false }, async ({ store, name }) => {
      const client = await store.findClient(id)
      if (client?.secrets === undefined) throw new StartError(`There is no client "${id}" with a secret in ${name}.`)
      const { secret, stored } = generateClientSecret()
      if (!(await store.replaceClient(client, { ...client, secrets: [stored] })))
        throw new StartError(`The client "${id}" was changed at the same time. Its secret is the old one: try again.`)
      show(id, secret)
    }),
  )

/** `grantry-server client …`: registers clients. */
export const clientCommand = (): Command =>
  new Command('client').description('manage clients').addCommand(create).addCommand(rotateSecret)
