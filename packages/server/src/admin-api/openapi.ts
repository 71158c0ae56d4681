import { z } from 'zod'
import { adminScopes } from '../admin-scopes.ts'
import { version } from '../version.ts'
import { methodOf, pathOf, type Operation } from './operation.ts'
import { schemas } from './schemas.ts'

/** What the description says of where it is. */
export interface DescribedServer {
  /** Where the API is. */
  readonly url: string
  /** Where access tokens come from. */
  readonly tokenUrl: string
}

const refTo = (name: string): string => `#/components/schemas/${name}`

const nameOf = (schema: z.ZodType): string => Object.entries(schemas).find(([, each]) => each === schema)?.[0] ?? ''

/** The schemas that validate what comes in and describe what goes out, as JSON Schema; those with names refer to each other. */
const components = (): Record<string, object> => {
  const registry = z.registry<{ id: string }>()
  for (const [name, schema] of Object.entries(schemas)) registry.add(schema, { id: name })
  const all = z.toJSONSchema(registry, { uri: refTo, io: 'input' }).schemas
  return Object.fromEntries(
    Object.entries(all).map(([name, { $id: _id, $schema: _schema, ...schema }]) => [name, schema]),
  )
}

const content = (schema: z.ZodType, type = 'application/json') => ({
  content: { [type]: { schema: { $ref: refTo(nameOf(schema)) } } },
})

const problem = (description: string) => ({ description, ...content(schemas.Problem, 'application/problem+json') })

const parametersOf = (operation: Operation): object[] => {
  const inPath = [...pathOf(operation).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }))
  const { query, isGuarded } = operation
  const { properties = {} } = query === undefined ? {} : z.toJSONSchema(query, { io: 'input' })
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }))
  const match = 'the ETag of what was seen, or * for whatever is there'
  const header = { name: 'If-Match', in: 'header', required: true, description: match, schema: { type: 'string' } }
  return [...inPath, ...inQuery, ...(isGuarded === true ? [header] : [])]
}

const answersOf = ({ answer: { status, schema }, body, query, isGuarded, access }: Operation, path: string) => ({
  [status]: { description: 'Done.', ...(schema && content(schema)) },
  401: problem('There is no good access token for this API.'),
  403: problem(`The access token has not the scope ${adminScopes[access]}.`),
  ...(path.split('/').length > 3 && { 404: problem('There is no such thing.') }),
  ...(access === 'write' && { 409: problem('There is one already, or it is not changed this way.') }),
  ...(isGuarded && { 412: problem('It was changed meanwhile.'), 428: problem('If-Match is missing.') }),
  ...((body ?? query) && { 422: problem('A member cannot be as it is.') }),
  ...(body && { 400: problem('The body is no JSON.'), 415: problem('The body is not called JSON.') }),
  503: problem('The database does not answer; try again.'),
})

const describe = (operation: Operation): object => {
  const { id: operationId, summary, access, body } = operation
  const parameters = parametersOf(operation)
  return {
    ...{ operationId, summary, tags: [pathOf(operation).split('/')[2]] },
    security: [{ operator: [adminScopes[access]] }, ...(access === 'read' ? [{ operator: [adminScopes.write] }] : [])],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, ...content(body) } }),
    responses: answersOf(operation, pathOf(operation)),
  }
}

/** The description of the API (OpenAPI 3.1), made of what checks its requests. */
export const openApi = (operations: readonly Operation[], { url, tokenUrl }: DescribedServer): object => {
  const paths: Record<string, Record<string, object>> = {}
  for (const each of operations)
    paths[pathOf(each)] = { ...paths[pathOf(each)], [methodOf(each).toLowerCase()]: describe(each) }
  const scopes = { [adminScopes.write]: 'change everything', [adminScopes.read]: 'look at everything' }
  return {
    openapi: '3.1.0',
    info: { title: 'Admin API of grantry-server', version, description: 'Clients, users, grants, tokens and keys.' },
    servers: [{ url }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: { operator: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } } },
    },
  }
}
