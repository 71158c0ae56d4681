import { z } from 'zod'
import { describeGrant, describeToken } from '../admin/describe.ts'
import { flag, text } from '../config/setting.ts'
import { operation, type Operation } from './operation.ts'
import { pageQuery, schemas } from './schemas.ts'

const owner = {
  userId: text.optional().describe('those of a user, by id'),
  clientId: text.optional().describe('those of a client; with userId, those of the user there'),
}

/** What the API does with grants and tokens. */
export const grantOperations: readonly Operation[] = [
  operation({
    ...{ id: 'listGrants', route: 'GET /v1/grants', access: 'read' },
    summary: 'What users let clients have, the newest first. One of userId and clientId must be given.',
    query: z.strictObject({
      ...owner,
      all: flag.optional().describe('also what is over and still kept'),
      ...pageQuery,
    }),
    answer: { status: 200, schema: schemas.Grants },
    run: async ({ grants }, { query }) => {
      const { items, next } = await grants.list(query)
      return { body: { items: items.map(describeGrant), next } }
    },
  }),
  operation({
    ...{ id: 'revokeGrants', route: 'DELETE /v1/grants', access: 'write' },
    summary: 'Ends all grants of a user, of a client, or of a user at a client, and forgets the consents.',
    query: z.strictObject(owner),
    answer: { status: 200, schema: schemas.Revoked },
    run: async ({ grants }, { query }) => ({ body: { revoked: await grants.revokeAll(query) } }),
  }),
  operation({
    ...{ id: 'showGrant', route: 'GET /v1/grants/{grantId}', access: 'read', summary: 'One grant.' },
    answer: { status: 200, schema: schemas.Grant },
    run: async ({ grants }, { path: { grantId = '' } }) => ({ body: describeGrant(await grants.show(grantId)) }),
  }),
  operation({
    ...{ id: 'revokeGrant', route: 'DELETE /v1/grants/{grantId}', access: 'write' },
    summary: 'Ends a grant with all that was issued from it.',
    answer: { status: 204 },
    run: async ({ grants }, { path: { grantId = '' } }) => {
      await grants.revoke(grantId)
      return {}
    },
  }),
  operation({
    ...{ id: 'inspectToken', route: 'POST /v1/tokens/inspect', access: 'read' },
    summary: 'Says what a token is, of whom, for whom, until when, and why it is not good. It changes nothing.',
    body: schemas.PresentedToken,
    answer: { status: 200, schema: schemas.Token },
    run: async ({ tokens }, { body }) => ({ body: describeToken(await tokens.inspect(body.token)) }),
  }),
  operation({
    ...{ id: 'revokeToken', route: 'POST /v1/tokens/revoke', access: 'write' },
    summary: 'Ends a token; with a refresh token or a code, all that was issued with it.',
    body: schemas.PresentedToken,
    answer: { status: 200, schema: schemas.Token },
    run: async ({ tokens }, { body }) => ({ body: describeToken(await tokens.revoke(body.token)) }),
  }),
]
