import { z } from 'zod'
import { checkedText, flag, list, oneOf, text } from '../config/setting.ts'
import { issuerProblem } from '../issuer.ts'

const id = text.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'must be small letters, digits and hyphens, 32 at most' })

/** A provider of others that users log in at. */
export const upstreamSchema = z
  .strictObject({
    id: id.describe('name in addresses, such as google; it stays as it is'),
    label: text.describe('what users are shown'),
    issuer: checkedText(issuerProblem).describe('issuer of the provider'),
    clientId: text.describe('client id of this server there'),
    clientSecret: text.optional().describe('its secret'),
    clientSecretFile: text.optional().describe('a file with its secret'),
    authMethod: oneOf('client_secret_post', 'client_secret_basic', 'private_key_jwt')
      .optional()
      .describe(
        'how it shows there that it is this client; private_key_jwt takes no secret, but the keys at /jwks of this server. client_secret_post by default',
      ),
    unknownUsers: oneOf('create', 'link', 'refuse').describe(
      'what becomes of users who are new here: a user is made, they connect it to the user that they are, or nothing',
    ),
    scopes: list.optional().describe('scopes to ask for; openid, profile and email by default'),
    claims: z
      .record(z.string(), text)
      .optional()
      .describe('claims to keep, by the names of here; those of profile and email by default'),
    allowedDomains: list
      .optional()
      .describe('domains of which users must be, by hd or by an e-mail address that is verified'),
    prompt: text.optional().describe('what to ask for with prompt, such as select_account'),
    twoFactorAcr: text
      .optional()
      .describe('acr of the provider for two factors: asked for where a client wants two, and believed'),
    trustsMethods: flag.optional().describe('whether amr and auth_time of the provider are told on'),
  })
  .superRefine(({ authMethod, clientSecret, clientSecretFile }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message })
    const secrets = [clientSecret, clientSecretFile].filter((each) => each !== undefined).length
    if (authMethod === 'private_key_jwt' && secrets > 0) refuse('has no secret where authMethod is private_key_jwt')
    if (authMethod !== 'private_key_jwt' && secrets !== 1) refuse('must have one of clientSecret and clientSecretFile')
  })

/** A provider of others that users log in at. */
export type UpstreamSettings = z.infer<typeof upstreamSchema>

/** What a file would say. */
export const exampleUpstream = {
  ...{ id: 'work', label: 'Work account', issuer: 'https://login.example', clientId: 'grantry' },
  ...{ clientSecretFile: '/run/secrets/work', unknownUsers: 'create', allowedDomains: ['example.com'] },
} satisfies UpstreamSettings
