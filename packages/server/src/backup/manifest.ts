import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { StartError, systemCode } from '../errors.ts'

const count = z.int().min(0)

const manifestSchema = z.object({
  format: z.literal('grantry-backup'),
  /** Grows when an older version could not read it. */
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  /** The version of grantry-server that made it. */
  madeBy: z.string(),
  files: z.record(z.string(), z.object({ bytes: count, sha256: z.string() })),
  /** The newest step of each set of migrations. */
  schema: z.record(z.string(), count),
  /** How many rows each table has. */
  rows: z.record(z.string(), count),
  /** The ids of the key-encryption keys that sealed what is in it; not the keys. */
  sealedBy: z.array(z.string()),
})

/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifestSchema>

/** The database in a backup. */
export const databaseFile = 'grantry.db'
/** The key-encryption keys in a backup that was made with them. */
export const keysFile = 'grantry.keys'
/** The file with the manifest. */
export const manifestFile = 'manifest.json'

const isKnownFile = (name: string): boolean => name === databaseFile || name === keysFile

/** Size and checksum of a file. */
export const fingerprint = async (path: string): Promise<Manifest['files'][string]> => {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length
      hash.update(chunk)
    }
  })
  return { bytes, sha256: hash.digest('hex') }
}

/** Reads the manifest of a backup. Throws a `StartError` where there is none that this version reads. */
export const readManifest = (folder: string): Manifest => {
  const path = join(folder, manifestFile)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    const why = systemCode(thrown) === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw new StartError(`${path} ${why}. Name a folder that "grantry-server backup" made.`, 1, thrown)
  }
  const { data, success } = manifestSchema.safeParse(value)
  if (success && databaseFile in data.files && Object.keys(data.files).every(isKnownFile)) return data
  throw new StartError(`${path} is not a manifest that this version of Grantry reads. Use the version that made it.`)
}

/** Throws a `StartError` where a file of a backup is not the one that the manifest names. */
export const requireFiles = async (folder: string, { files }: Manifest): Promise<void> => {
  for (const [name, { sha256 }] of Object.entries(files)) {
    const path = join(folder, name)
    const found = await fingerprint(path).catch((thrown: unknown) => {
      throw new StartError(`${path} cannot be read (${systemCode(thrown) ?? String(thrown)}).`, 1, thrown)
    })
    if (found.sha256 === sha256) continue
    throw new StartError(`${path} is damaged: it is not the file that was backed up. Use another backup.`)
  }
}
