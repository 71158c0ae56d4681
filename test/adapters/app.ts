/** What the applications of all frameworks have in common. */
import { StoreValidator, type AuthorizationServer, type Store } from 'grantry'
import { protect } from 'grantry/resource'

/** What an application is made of. */
export interface AppParts {
  readonly server: AuthorizationServer
  readonly guard: Guard
  /** Where the framework's own parser of bodies runs: before Grantry, or nowhere. */
  readonly parser: 'before' | 'none'
  /** Receives what the framework's handler of errors gets. */
  readonly onError: (error: unknown) => void
}

/**
 * An application that listens: all endpoints of the server, the metadata of the guard, `GET /files` and `POST /files` behind the scope read, which answer with the client and
 * with the `name` of the JSON they got, `GET /open` without a token, and `GET /fails`, which throws.
 */
export interface RunningApp {
  readonly url: string
  close(): Promise<unknown>
}

/** A framework. */
export interface Framework {
  readonly name: string
  start(parts: AppParts): Promise<RunningApp>
}

/** Checks tokens where the server of the same program keeps them. */
export type Guard = ReturnType<typeof guardOver>

/** A guard for the API at `resource`, by the store of a server. */
export const guardOver = (store: Store, resource: string) =>
  protect({
    validator: new StoreValidator(store),
    allowAnyAudience: true,
    metadata: { resource, authorizationServers: [] },
  })

/** What the routes need of a token. */
export const needs = { scopes: ['read'] }

/** What `/fails` throws. */
export const boom = (): never => {
  throw new Error('boom')
}

/** What the protected route answers. */
export const filesOf = ({
  clientId,
}: {
  readonly clientId: string | undefined
}): { readonly owner: string | undefined } => ({ owner: clientId })

/** What was posted to it. */
export const nameIn = (body: unknown): unknown => (body as { name?: unknown } | undefined)?.name
