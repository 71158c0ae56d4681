import { Command } from 'commander'
import { generateClientSecret, registerClient, type ClientRegistration } from 'grantry'
import { openData } from '../data.ts'
import { StartError } from '../errors.ts'
import { dataOption, listOption } from './options.ts'

interface CreateOptions {
  readonly data: string
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

const create = new Command('create')
  .description('register a client and show its secret')
  .addOption(dataOption())
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
  .action(async (options: CreateOptions) => {
    const data = openData(options.data, { create: true })
    try {
      const { client, secret } = await registerClient(data.store, toRegistration(options))
      show(client.id, secret)
    } finally {
      data.close()
    }
  })

const rotateSecret = new Command('rotate-secret')
  .description('give a client a new secret; the old one ends at once')
  .argument('<id>', 'client id')
  .addOption(dataOption())
  .action((id: string, options: { readonly data: string }) => {
    const data = openData(options.data, { create: false })
    try {
      const client = data.store.findClient(id)
      if (client?.secrets === undefined)
        throw new StartError(`There is no client "${id}" with a secret in ${options.data}.`)
      const { secret, stored } = generateClientSecret()
      data.store.putClient({ ...client, secrets: [stored] })
      show(id, secret)
    } finally {
      data.close()
    }
  })

/** `grantry-server client …`: registers clients. */
export const clientCommand = (): Command =>
  new Command('client').description('manage clients').addCommand(create).addCommand(rotateSecret)
