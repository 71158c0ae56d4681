import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Writes what is in a file or a folder to the disk. */
export const sync = (path: string): void => {
  const opened = openSync(path, 'r')
  fsyncSync(opened)
  closeSync(opened)
}
