import type { z } from 'zod'
import type { Administration } from '../admin-scopes.ts'
import type { Admin } from '../admin/admin.ts'

/** What came with a request, checked. */
export interface Call<Query, Body> {
  /** The parts of the path that its template names. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  /** What `If-Match` says; undefined for any. */
  readonly version: string | undefined
}

/** What is answered. */
export interface Answer {
  /** Undefined for none. */
  readonly body?: object
  /** For the `ETag`. */
  readonly version?: string
  /** Where what was made is. */
  readonly location?: string
}

/** How an operation is written down; what it takes is known to its function by the schemas. */
export interface OperationDefinition<Query extends z.ZodType, Body extends z.ZodType> {
  /** In the description. */
  readonly id: string
  readonly summary: string
  readonly route: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /v1/${string}`
  /** Which scope it needs. */
  readonly access: Administration
  readonly query?: Query
  readonly body?: Body
  /** Whether it needs `If-Match`, so that nobody overwrites what he has not seen. */
  readonly isGuarded?: true
  readonly answer: { readonly status: 200 | 201 | 204; readonly schema?: z.ZodType }
  readonly run: (admin: Admin, call: Call<z.infer<Query>, z.infer<Body>>) => Promise<Answer>
}

/** An operation of the API: the one source of its route, its checks and its description. */
export type Operation = OperationDefinition<z.ZodType, z.ZodType>

/** Makes an operation. */
export const operation = <Query extends z.ZodType = z.ZodUndefined, Body extends z.ZodType = z.ZodUndefined>(
  definition: OperationDefinition<Query, Body>,
): Operation => definition // its function gets only what its own schemas let through

/** The method of an operation. */
export const methodOf = ({ route }: Operation): string => route.slice(0, route.indexOf(' '))

/** The path of an operation, with templates such as `{clientId}`. */
export const pathOf = ({ route }: Operation): string => route.slice(route.indexOf(' ') + 1)
