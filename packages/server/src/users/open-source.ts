import type { Settings } from '../settings.ts'
import { EndpointSource } from './endpoint-source.ts'
import { openUserDatabase } from './user-database.ts'
import type { UserSource } from './user-source.ts'
import { viewSource } from './view-source.ts'

/** A source of users that is ready. */
export interface OpenSource {
  /** Undefined where users are those of the server. */
  readonly source: UserSource | undefined
  close(): Promise<void>
}

const nothing = async (): Promise<void> => undefined

/** Opens where users come from. Throws a `StartError` that says what is wrong with it; nothing stays open then. */
export const openSource = async (settings: Settings): Promise<OpenSource> => {
  const { userSource, userView, userEndpoint, userEndpointSecret: secret = '', now, log } = settings
  if (userEndpoint !== undefined) {
    const endpoint = userEndpoint.replace(/\/$/, '')
    return { source: new EndpointSource({ endpoint, secret, now, log }), close: nothing }
  }
  if (userView === undefined) return { source: userSource, close: nothing }
  const database = await openUserDatabase(settings)
  try {
    return { source: await viewSource(database, userView, log), close: () => database.close() }
  } catch (thrown) {
    await database.close()
    throw thrown
  }
}
