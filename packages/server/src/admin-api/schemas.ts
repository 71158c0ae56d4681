import { z } from 'zod'
import { flag, oneOf, text } from '../config/setting.ts'
import { inactiveReasons } from '../admin/tokens.ts'
import { clientMembers } from '../client-settings.ts'

const id = z.string().min(1)
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/)
  .describe('ISO 8601, in UTC')
const words = z.array(z.string())
const claims = z.record(z.string(), z.unknown(), { error: 'must be an object' })
const next = z.string().optional().describe('the cursor of the next page; not there on the last one')

const problem = z
  .strictObject({
    type: z.string().describe('urn:grantry:problem: and a word that stays'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what is wrong, and what to do instead'),
    problems: z
      .array(z.strictObject({ member: z.string(), problem: z.string() }))
      .optional()
      .describe('which members are wrong, and how'),
  })
  .describe('why a request is refused (RFC 9457)')

const client = z
  .strictObject({
    ...{ id, ...clientMembers },
    origin: z.enum(['operator', 'file', 'registration', 'console']).describe('who made it'),
    secrets: z.int().describe('how many of its secrets work'),
    disabledAt: time.optional(),
    registeredAt: time.optional().describe('when it registered itself'),
    lastUsedAt: time.optional().describe('to about a day, of one that registered itself'),
  })
  .describe('a client, in the words of the configuration file')

const user = z
  .strictObject({
    ...{ id, username: z.string(), claims },
    shownName: z.string().describe('what pages call the user'),
    isAdmin: z.boolean().describe('whether the console is open to the user'),
    createdAt: time,
    disabledAt: time.optional(),
  })
  .describe('a user; claims of users from elsewhere are not here')

const grant = z
  .strictObject({
    ...{ id, clientId: id, userId: id.optional(), createdAt: time, revokedAt: time.optional() },
    expiresAt: time.describe('when the last of what was issued expires'),
    endsWithSession: z.boolean().describe('whether it ends with the login that it was given in'),
  })
  .describe('what one user let one client have')

const token = z
  .strictObject({
    kind: z.enum(['access_token', 'refresh_token', 'authorization_code', 'jwt', 'unknown']),
    isActive: z.boolean(),
    reason: z.enum(inactiveReasons).optional().describe('why it is not active'),
    ...{ clientId: id.optional(), userId: id.optional(), username: z.string().optional(), grantId: id.optional() },
    ...{ scopes: words.optional(), audience: words.optional() },
    ...{ issuedAt: time.optional(), expiresAt: time.optional(), usedAt: time.optional() },
  })
  .describe('what a token is')

const key = z
  .strictObject({
    ...{ keyId: id, algorithm: z.string(), state: z.enum(['announced', 'signing', 'retained', 'over']) },
    ...{ createdAt: time, signsFrom: time.optional(), publishedUntil: time.optional() },
  })
  .describe('a signing key, and nothing of what it is made of')

const session = z
  .strictObject({ id, startedAt: time, lastUsedAt: time })
  .describe('a browser that a user is logged in at')

const passkey = z
  .strictObject({ id, name: z.string(), createdAt: time, lastUsedAt: time.optional() })
  .describe('a passkey of a user')

const event = z
  .strictObject({
    ...{ id, type: z.string(), version: z.int(), at: time },
    actor: z.strictObject({ kind: z.string(), id: id.optional() }),
    ...{ userId: id.optional(), clientId: id.optional(), requestId: id.optional(), traceId: id.optional() },
    ...{ address: z.string().optional(), details: z.record(z.string(), z.unknown()) },
  })
  .describe('an audit event')

const consent = z
  .strictObject({ clientId: id, scopes: words, resources: words, claims: words, allowedAt: time })
  .describe('what a user allowed a client')

const secret = z.string().describe('told once')

/** What the API takes and answers. The description has all of it under these names. */
export const schemas = {
  Problem: problem,
  Client: client,
  NewClient: z.strictObject({ id: text.optional().describe('random where it is left out'), ...clientMembers }),
  ClientChange: z
    .strictObject(Object.fromEntries(Object.entries(clientMembers).map(([name, each]) => [name, each.nullable()])))
    .describe('members to change; null forgets one (RFC 7396)'),
  CreatedClient: z.strictObject({ client, clientSecret: secret.optional() }),
  Clients: z.strictObject({ items: z.array(client), next }),
  NewSecret: z.strictObject({ keepOld: flag.optional().describe('the one before works too, until it is dropped') }),
  ClientSecret: z.strictObject({ clientSecret: secret, liveSecrets: z.int() }),
  User: user,
  UserDetails: z.strictObject({
    ...user.shape,
    ...{ hasSecondFactor: z.boolean(), recoveryCodes: z.int(), passkeys: z.int() },
  }),
  NewUser: z.strictObject({
    username: text,
    password: text.optional().describe('one is made where it is left out'),
    claims: claims.optional(),
    isAdmin: flag.optional(),
  }),
  CreatedUser: z.strictObject({ user, password: secret.optional() }),
  UserChange: z.strictObject({ claims: claims.describe('claims to change; null forgets one (RFC 7396)') }),
  NewPassword: z.strictObject({ password: text.optional().describe('one is made where it is left out') }),
  Password: z.strictObject({ password: secret.optional() }),
  Users: z.strictObject({ items: z.array(user), next }),
  Sessions: z.strictObject({ items: z.array(session) }),
  Passkeys: z.strictObject({ items: z.array(passkey) }),
  AuditEvents: z.strictObject({ items: z.array(event), next }),
  Consents: z.strictObject({ items: z.array(consent) }),
  Grant: grant,
  Grants: z.strictObject({ items: z.array(grant), next }),
  Revoked: z.strictObject({ revoked: z.int().describe('how many grants were live') }),
  PresentedToken: z.strictObject({ token: text }),
  Token: token,
  Keys: z.strictObject({ items: z.array(key) }),
  NewKeys: z.strictObject({ algorithm: oneOf('RS256', 'ES256').optional().describe('default: all of them') }),
} satisfies Readonly<Record<string, z.ZodType>>

/** What a list is asked for. */
export const pageQuery = {
  cursor: text.optional().describe('where the page before ended'),
  limit: z
    .int({ error: 'must be a whole number from 1 to 200' })
    .min(1, { error: 'must be a whole number from 1 to 200' })
    .max(200, { error: 'must be a whole number from 1 to 200' })
    .optional()
    .describe('most items, 50 by default'),
}
