import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartError, systemCode } from './errors.ts'

const mostBytes = 512 * 1024

/** Reads a file that a setting names. Throws a `StartError` for one that cannot be read or is larger than 512 KiB. */
export const readBytes = (setting: string, path: string): Buffer => {
  try {
    const bytes = readFileSync(resolve(path))
    if (bytes.length <= mostBytes) return bytes
  } catch (thrown) {
    throw new StartError(
      `${setting}: the file "${path}" cannot be read (${systemCode(thrown) ?? 'unknown'}).`,
      2,
      thrown,
    )
  }
  throw new StartError(`${setting}: the file "${path}" is larger than ${mostBytes / 1024} KiB.`, 2)
}

/** The same for text. Throws a `StartError` for what is not UTF-8. */
export const readUtf8 = (setting: string, path: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readBytes(setting, path))
  } catch (thrown) {
    if (thrown instanceof StartError) throw thrown
    throw new StartError(`${setting}: the file "${path}" is not text in UTF-8.`, 2, thrown)
  }
}
