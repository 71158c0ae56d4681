import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from './errors.ts'
import { KeyEncryption, readKeys } from './key-encryption.ts'

/** The key-encryption keys of a folder; none where it has no `grantry.keys`. */
export const keysIn = (folder: string): readonly string[] => {
  const path = join(folder, 'grantry.keys')
  return existsSync(path) ? readKeys(path) : []
}

/** Throws a `StartError` where something sealed could not be opened any more. `what` is how the message calls it. */
export const requireKeys = (keys: readonly string[], sealedBy: readonly string[], what: string): void => {
  const encryption = keys.length === 0 ? undefined : new KeyEncryption(keys)
  const missing = sealedBy.filter((id) => encryption?.has(id) !== true)
  if (missing.length === 0) return
  throw new StartError(
    `The ${what} is sealed by the key-encryption key ${missing.join(', ')}, which is not there. ` +
      'Add it to GRANTRY_KEY_ENCRYPTION_KEYS, or put the grantry.keys that has it into the folder of --data.',
  )
}
