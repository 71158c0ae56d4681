import type { RedisConnection } from './redis-connection.ts'
import { text } from './redis-rows.ts'
import { StoreError } from './store-error.ts'
import { allStoreFeatures } from './store-features.ts'
import type { StoreCapabilities, StoreFeature } from './store.ts'

/**
 * What Redis keeps on disk. `always`: each write is there before it is answered. `everysec`: the last second may be lost. `none`: it
 * forgets, or comes back as it was some time ago.
 */
export type RedisPersistence = 'always' | 'everysec' | 'none'

/** What a Redis can be trusted with, by the settings that matter. */
interface RedisSettings {
  readonly persistence: RedisPersistence
  /** `maxmemory-policy`. */
  readonly evictionPolicy: string
}

const oldest = [6, 2] as const

/** The fields of INFO: lines of `name:value`. */
const readInfo = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info.split('\r\n').flatMap((line) => {
      const [name = '', ...value] = line.split(':')
      return value.length === 0 ? [] : [[name, value.join(':')] as const]
    }),
  )

const requireVersion = (version: string): void => {
  const [major = NaN, minor = NaN] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  const found = version === '' ? 'This one does not say its version' : `This one is ${version}`
  throw new StoreError(
    'unopenable',
    `RedisStore needs Redis ${oldest.join('.')} or later. ${found}. It was left as it is.`,
  )
}

/** Managed services forbid CONFIG, in words of their own. Anything else, such as a lost connection, is a failure. */
const isForbidden = (thrown: unknown): boolean => thrown instanceof Error && /^(ERR|NOPERM)\b/.test(thrown.message)

/** How often it writes to disk. Where that may not be asked: `everysec`, which is what Redis does unless it is told otherwise. */
const askHowOften = async (connection: RedisConnection): Promise<RedisPersistence> => {
  let reply: unknown
  try {
    reply = await connection.command(['CONFIG', 'GET', 'appendfsync'])
  } catch (thrown) {
    if (isForbidden(thrown)) return 'everysec'
    throw thrown
  }
  // a list of name and value, or a map of them in the newer protocol
  const values: readonly unknown[] = reply instanceof Map ? [...reply.values()] : Object.values(reply ?? {})
  const appendfsync = values.at(-1)
  return appendfsync === 'always' || appendfsync === 'everysec' ? appendfsync : 'none'
}

/** Asks a Redis what it can be trusted with. Throws a `StoreError` for one that is too old. */
export const askSettings = async (
  connection: RedisConnection,
  stated: RedisPersistence | undefined,
): Promise<RedisSettings> => {
  const info = readInfo(text(await connection.command(['INFO'])))
  requireVersion(info.get('redis_version') ?? '')
  const hasLog = info.get('aof_enabled') === '1'
  return {
    persistence: stated ?? (hasLog ? await askHowOften(connection) : 'none'),
    evictionPolicy: info.get('maxmemory_policy') ?? 'noeviction',
  }
}

const persistenceReason =
  'after a restart Redis forgets what it answered, or comes back with an older state in which used and revoked tokens work again. ' +
  'Set `appendonly yes` and `appendfsync always` (or `everysec`), or keep them in a database: composeStores'

const evictionReason = (policy: string): string =>
  `maxmemory-policy is ${policy}: Redis drops rows that are needed when memory is short, and what was used or revoked works again. ` +
  'Set `maxmemory-policy noeviction`'

/** Losing a ticket or a count of attempts refuses or delays somebody; losing anything else lets something happen twice, or not at all. */
const mayBeDropped: readonly StoreFeature[] = ['tickets', 'attempts']

/** What a store over such a Redis offers, and why not the rest. */
export const redisCapabilities = ({ persistence, evictionPolicy }: RedisSettings): StoreCapabilities => {
  const isEvicting = evictionPolicy !== 'noeviction'
  const reasonAgainst = (feature: StoreFeature): string | undefined => {
    if (isEvicting && !mayBeDropped.includes(feature)) return evictionReason(evictionPolicy)
    return feature === 'refresh_tokens' && persistence === 'none' ? persistenceReason : undefined
  }
  const judged = allStoreFeatures.map((feature) => [feature, reasonAgainst(feature)] as const)
  return {
    name: 'RedisStore',
    features: judged.flatMap(([feature, reason]) => (reason === undefined ? [feature] : [])),
    reasons: Object.fromEntries(judged.filter(([, reason]) => reason !== undefined)),
    isDurable: persistence === 'always' && !isEvicting,
    isShared: true,
  }
}
