import { operation, type Operation } from './operation.ts'
import { schemas } from './schemas.ts'

/** What the API does with signing keys. */
export const keyOperations: readonly Operation[] = [
  operation({
    ...{ id: 'listKeys', route: 'GET /v1/keys', access: 'read', summary: 'The signing keys.' },
    answer: { status: 200, schema: schemas.Keys },
    run: async ({ keys }) => ({ body: { items: await keys.list() } }),
  }),
  operation({
    ...{ id: 'rotateKeys', route: 'POST /v1/keys', access: 'write' },
    summary: 'Announces new signing keys; servers sign with them after an hour.',
    body: schemas.NewKeys,
    answer: { status: 201, schema: schemas.Keys },
    run: async ({ keys }, { body: { algorithm } }) => ({
      body: { items: (await keys.rotate(algorithm && [algorithm])).keys },
    }),
  }),
  operation({
    ...{ id: 'retireKey', route: 'DELETE /v1/keys/{keyId}', access: 'write' },
    summary: 'Withdraws a signing key that has leaked: what it signed is refused.',
    answer: { status: 204 },
    run: async ({ keys }, { path: { keyId = '' } }) => {
      await keys.retire(keyId)
      return {}
    },
  }),
]
