import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteStore } from 'grantry/storage/sqlite'
import { AccountStore } from './accounts/account-store.ts'
import { StartError, systemCode } from './errors.ts'

/** The open database of a server. */
export interface Data {
  readonly store: SqliteStore
  readonly accounts: AccountStore
  close(): void
}

const why = (folder: string, thrown: unknown): string => {
  const code = systemCode(thrown)
  if (code === 'ENOTDIR' || code === 'EEXIST') return `--data: ${folder} is a file or lies below one. Name a folder.`
  if (code === 'ENOENT') return `--data: there is no folder ${folder}. "grantry-server start" makes one.`
  return `--data: the folder ${folder} is not writable (${code ?? String(thrown)}). Change its permissions or name another.`
}

const requireFolder = (folder: string, create: boolean): void => {
  try {
    if (create) mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (thrown) {
    throw new StartError(why(folder, thrown), 1, thrown)
  }
}

/**
 * Opens `grantry.db` in a folder; `create` makes the folder, for its owner only. Throws a `StartError` or a `StoreError` that says what
 * is wrong with either.
 */
export const openData = (folder: string, options: { readonly create: boolean }): Data => {
  requireFolder(folder, options.create)
  const path = join(folder, 'grantry.db')
  const store = new SqliteStore(path)
  try {
    const accounts = new AccountStore(path)
    const close = (): void => {
      accounts.close()
      store.close()
    }
    return { store, accounts, close }
  } catch (thrown) {
    store.close()
    throw thrown
  }
}
