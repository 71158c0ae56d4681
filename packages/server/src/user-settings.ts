import { StartError } from './errors.ts'
import type { UserSource } from './users/user-source.ts'
import type { UserView } from './users/user-view.ts'

/** Where users come from, if not from the database of the server. One of the sources at most. */
export interface UserSettings {
  /** Users of a program. Default: none. */
  readonly userSource?: UserSource | undefined
  /** Users of a table or view. Default: none. */
  readonly userView?: UserView | undefined
  /** The database that `userView` is in, as the URL of a PostgreSQL or the path of an SQLite file. Default: that of the server. */
  readonly userDatabase?: string | undefined
  /** Where users from elsewhere change their passwords: an https URL. Default: the page of the account says that it is not here. */
  readonly passwordChangeUri?: string | undefined
}

/** The same; undefined for what is not there. */
export type ResolvedUserSettings = { readonly [Name in keyof Required<UserSettings>]: UserSettings[Name] }

const requireOneSource = ({ userSource, userView, userDatabase }: UserSettings): void => {
  if (userSource !== undefined && userView !== undefined)
    throw new StartError('userSource and userView are both set. Users come from one of them.', 2)
  if (userDatabase !== undefined && userView === undefined)
    throw new StartError('--user-database is set and userView is not, which names the table.', 2)
}

/** Fills in the defaults. Throws a `StartError` for settings that contradict each other. */
export const resolveUsers = (options: UserSettings): ResolvedUserSettings => {
  requireOneSource(options)
  const { userSource, userView, userDatabase, passwordChangeUri } = options
  return { userSource, userView, userDatabase, passwordChangeUri }
}

/** Whether users are those of the database of the server. */
export const hasOwnUsers = ({ userSource, userView }: UserSettings): boolean =>
  userSource === undefined && userView === undefined
