import type { RedisScript } from './redis-script.ts'

/**
 * What the store asks of a driver.
 *
 * node-redis, made with `disableOfflineQueue: true`: `{ command: (args) => client.sendCommand([...args]) }`.
 * ioredis, made with `enableOfflineQueue: false`: `{ command: ([name = '', ...args]) => client.call(name, ...args) }`.
 * A cluster of node-redis: `{ command: (args) => cluster.sendCommand(args.find((arg) => arg.startsWith('{')), false, [...args]) }`.
 */
export interface RedisConnection {
  /**
   * Sends one command and gives the answer, with text as strings. An error of Redis or of the connection rejects, with the words of Redis as
   * the message. Where there is no connection, let it fail rather than wait for one.
   */
  command(args: readonly string[]): Promise<unknown>
}

/** The keys of one realm. All begin with the same words in braces, so that a cluster keeps them on one node. */
export interface RedisRealm {
  /** Runs a script. It gets `given` by the names of its members; undefined ones are left out. */
  run(script: RedisScript, given: object): Promise<unknown>
  /** Sends a command for one key of the realm. */
  send(command: string, key: string, ...args: readonly string[]): Promise<unknown>
}

/** A script may not fail halfway, because Redis does not roll back: so what it could not compute with is refused before. */
const requireFinite = (name: string, value: unknown): unknown => {
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  throw new TypeError(`${name} has to be a finite number.`)
}

const isUnknownScript = (thrown: unknown): boolean => thrown instanceof Error && thrown.message.startsWith('NOSCRIPT')

/** The realm with this name. */
export const redisRealm = (connection: RedisConnection, prefix: string, realm: string): RedisRealm => {
  const base = `{${prefix}:${encodeURIComponent(realm)}}`
  return {
    async run({ text, sha1 }, given) {
      const args = ['1', base, JSON.stringify(given, requireFinite)]
      try {
        return await connection.command(['EVALSHA', sha1, ...args])
      } catch (thrown) {
        if (!isUnknownScript(thrown)) throw thrown
        return connection.command(['EVAL', text, ...args]) // from then on it is known
      }
    },
    send: (command, key, ...args) => connection.command([command, `${base}:${key}`, ...args]),
  }
}
