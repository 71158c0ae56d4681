import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { StartError, systemCode } from './errors.ts'

const why = (folder: string, thrown: unknown): string => {
  const code = systemCode(thrown)
  if (code === 'ENOTDIR' || code === 'EEXIST') return `--data: ${folder} is a file or lies below one. Name a folder.`
  if (code === 'ENOENT') return `--data: there is no folder ${folder}. "grantry-server start" makes one.`
  return `--data: the folder ${folder} is not writable (${code ?? String(thrown)}). Change its permissions or name another.`
}

/** Throws a `StartError` where a folder cannot be written to; `create` makes it, for its owner only. */
export const requireFolder = (folder: string, { create }: { readonly create: boolean }): void => {
  try {
    if (create) mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (thrown) {
    throw new StartError(why(folder, thrown), 1, thrown)
  }
}
