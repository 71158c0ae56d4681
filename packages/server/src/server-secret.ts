import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from 'grantry'
import type { Data } from './data.ts'
import type { KeyEncryption } from './key-encryption.ts'

const name = 'server'
const purpose = 'server secret'

/** What the one secret of the nodes is used for. */
export interface ServerSecrets {
  /** Users are known to pairwise clients by ids made with it. It never changes. */
  readonly pairwiseSalt: string
  /** Signs the nonces of DPoP proofs. */
  readonly nonces: string
  /** Signs what pages give to the browser to bring back. */
  readonly pages: string
  /** The secret of the console, as a client of the server. */
  readonly console: string
}

const find = async ({ secrets }: Data): Promise<string> => {
  const stored = await secrets.find(name)
  if (stored === undefined) throw new Error('The secret of the server was saved and is not there.')
  return stored
}

/** Reads the secret that all nodes of a database have in common; made on the first start, sealed as the signing keys are. */
export const serverSecrets = async (data: Data, keys: KeyEncryption, now: Clock): Promise<ServerSecrets> => {
  if ((await data.secrets.find(name)) === undefined)
    await data.secrets.create(name, await keys.seal(randomBytes(32).toString('base64url'), purpose), now())
  const stored = await find(data)
  const secret = await keys.open(stored, purpose)
  if (!keys.isCurrent(stored)) await data.secrets.reseal(name, await keys.seal(secret, purpose))
  const derive = (use: string): string => createHmac('sha256', secret).update(use).digest('base64url')
  return {
    ...{ pairwiseSalt: derive('pairwise'), nonces: derive('dpop nonces') },
    ...{ pages: derive('pages'), console: derive('console') },
  }
}
