import { z } from 'zod'
import { flag, list, oneOf, text, webPage } from './setting.ts'

const secret = text.min(32, { error: 'must have at least 32 characters: openssl rand -base64 32 makes one' })

/** A client of the configuration file. */
export const staticClientSchema = z
  .strictObject({
    id: text.describe('client id'),
    name: text.optional().describe('name that users are shown'),
    policyUri: webPage.optional().describe('its privacy policy, which login and consent page link to'),
    tosUri: webPage.optional().describe('its terms of service, which they link to as well'),
    logoUri: webPage.optional().describe('an image of it, which they show with the profile openid only'),
    public: flag.optional().describe('it cannot keep a secret, such as an app in a browser or on a phone'),
    secret: secret.optional().describe('its secret, at least 32 random characters'),
    secretFile: text.optional().describe('a file with its secret'),
    redirectUris: list.optional().describe('where codes may be sent'),
    grantTypes: list.optional().describe('grants that it may use; authorization_code and refresh_token by default'),
    responseTypes: list.optional().describe('response types that it may use; code by default'),
    scopes: list.optional().describe('scopes that it may be granted'),
    defaultScopes: list.optional().describe('scopes that it gets when it asks for none'),
    postLogoutRedirectUris: list.optional().describe('where browsers may go after a logout'),
    backchannelLogoutUri: text.optional().describe('where the server tells it of logouts'),
    frontchannelLogoutUri: text.optional().describe('what browsers load to tell it of logouts'),
    corsOrigins: list.optional().describe('origins whose pages may call the server'),
    subjectType: oneOf('public', 'pairwise').optional().describe('pairwise: it sees users under ids of its own'),
    sectorIdentifier: text.optional().describe('host that pairwise ids are made for'),
    idTokenAlg: oneOf('RS256', 'ES256').optional().describe('how its ID tokens are signed'),
    firstParty: flag.optional().describe('it is run by whoever runs the server: consent is asked for once'),
  })
  .superRefine((client, context) => {
    const given = [client.public === true, client.secret !== undefined, client.secretFile !== undefined]
    if (given.filter(Boolean).length !== 1)
      context.addIssue({ code: 'custom', message: 'must have one of secret, secretFile and public: true' })
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
