import { z } from 'zod'
import { describeClient } from '../admin/describe.ts'
import type { ClientChange, ClientView } from '../admin/clients.ts'
import { text } from '../config/setting.ts'
import { operation, type Answer, type Operation } from './operation.ts'
import { pageQuery, schemas } from './schemas.ts'

const shown = (client: ClientView): Answer => ({ body: describeClient(client), version: client.version })

/** What the API does with clients. */
export const clientOperations: readonly Operation[] = [
  operation({
    ...{ id: 'listClients', route: 'GET /v1/clients', access: 'read', summary: 'Clients in the order of their ids.' },
    query: z.strictObject({ ...pageQuery, search: text.optional().describe('what is in the id or the name') }),
    answer: { status: 200, schema: schemas.Clients },
    run: async ({ clients }, { query }) => {
      const { items, next } = await clients.list(query)
      return { body: { items: items.map(describeClient), next } }
    },
  }),
  operation({
    ...{ id: 'createClient', route: 'POST /v1/clients', access: 'write', summary: 'Makes a client.' },
    body: schemas.NewClient,
    answer: { status: 201, schema: schemas.CreatedClient },
    run: async ({ clients }, { body }) => {
      const { client, secret: clientSecret } = await clients.create(body)
      const location = `/v1/clients/${encodeURIComponent(client.id)}`
      return { body: { client: describeClient(client), clientSecret }, version: client.version, location }
    },
  }),
  operation({
    ...{ id: 'showClient', route: 'GET /v1/clients/{clientId}', access: 'read', summary: 'One client.' },
    answer: { status: 200, schema: schemas.Client },
    run: async ({ clients }, { path: { clientId = '' } }) => shown(await clients.show(clientId)),
  }),
  operation({
    ...{ id: 'updateClient', route: 'PATCH /v1/clients/{clientId}', access: 'write', summary: 'Changes a client.' },
    isGuarded: true,
    body: schemas.ClientChange,
    answer: { status: 200, schema: schemas.Client },
    run: async ({ clients }, { path: { clientId = '' }, body, version }) =>
      shown(await clients.update(clientId, body as ClientChange, version)), // the schema is made of its members
  }),
  operation({
    ...{ id: 'deleteClient', route: 'DELETE /v1/clients/{clientId}', access: 'write' },
    summary: 'Deletes a client with all that users let it have.',
    answer: { status: 204 },
    run: async ({ clients }, { path: { clientId = '' } }) => {
      await clients.delete(clientId)
      return {}
    },
  }),
  operation({
    ...{ id: 'disableClient', route: 'POST /v1/clients/{clientId}/disable', access: 'write' },
    summary: 'Refuses a client and its tokens everywhere, until it is enabled.',
    answer: { status: 200, schema: schemas.Client },
    run: async ({ clients }, { path: { clientId = '' } }) => shown(await clients.setDisabled(clientId, true)),
  }),
  operation({
    ...{ id: 'enableClient', route: 'POST /v1/clients/{clientId}/enable', access: 'write' },
    summary: 'Lets a client that is disabled work again, with its tokens.',
    answer: { status: 200, schema: schemas.Client },
    run: async ({ clients }, { path: { clientId = '' } }) => shown(await clients.setDisabled(clientId, false)),
  }),
  operation({
    ...{ id: 'rotateClientSecret', route: 'POST /v1/clients/{clientId}/secrets', access: 'write' },
    summary: 'Gives a client a new secret.',
    body: schemas.NewSecret,
    answer: { status: 201, schema: schemas.ClientSecret },
    run: async ({ clients }, { path: { clientId = '' }, body: { keepOld = false } }) => {
      const { client, secret: clientSecret } = await clients.rotateSecret(clientId, { keepOld })
      return { body: { clientSecret, liveSecrets: client.secrets } }
    },
  }),
  operation({
    ...{ id: 'dropOldClientSecrets', route: 'DELETE /v1/clients/{clientId}/secrets/old', access: 'write' },
    summary: 'Ends the secrets of a client before its newest one.',
    answer: { status: 204 },
    run: async ({ clients }, { path: { clientId = '' } }) => {
      await clients.dropOldSecrets(clientId)
      return {}
    },
  }),
]
