import { z } from 'zod'
import { clientIdProblem } from '../client-record.ts'
import { clientMembers, clientProblems } from '../client-settings.ts'
import { checkedText, secretText, text } from './setting.ts'

/** A client of the configuration file. */
export const staticClientSchema = z
  .strictObject({
    id: checkedText(clientIdProblem).describe('client id'),
    ...clientMembers,
    secret: secretText.optional().describe('its secret, at least 32 random characters'),
    secretFile: text.optional().describe('a file with its secret'),
  })
  .superRefine((client, context) => {
    const { secret, secretFile, certificateName, jwksUri } = client
    const given = [
      client.public === true,
      ...[secret, secretFile, certificateName, jwksUri].map((each) => each !== undefined),
    ]
    if (given.filter(Boolean).length !== 1)
      context.addIssue({
        code: 'custom',
        message: 'must have one of secret, secretFile, certificateName, jwksUri and public: true',
      })
    for (const { member, problem } of clientProblems(client))
      context.addIssue({ code: 'custom', path: [member], message: problem })
  })

/** A client of the configuration file. */
export type StaticClient = z.infer<typeof staticClientSchema>

/** What a client in the file looks like. */
export const exampleClient = {
  id: 'app',
  name: 'My app',
  secretFile: '/run/secrets/app',
  redirectUris: ['https://app.example/cb'],
  scopes: ['openid', 'profile', 'email'],
} satisfies StaticClient
