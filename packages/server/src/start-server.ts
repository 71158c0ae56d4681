import { Server, signedTokenGenerator, StoreValidator, type SigningKeyRow, type TokenGenerator } from 'grantry'
import { guardAccounts } from './accounts/guarded-accounts.ts'
import { LoginLimiter } from './accounts/login-limiter.ts'
import { createDevelopmentAccess, signingKey, type FirstStart } from './bootstrap.ts'
import { openData, type Data } from './data.ts'
import { createApp } from './http/app.ts'
import { makeCookie } from './http/cookies.ts'
import { listen, type Listener } from './http/listen.ts'
import type { PageHandler } from './http/page-response.ts'
import { KeyEncryption, keysOfFolder } from './key-encryption.ts'
import { eventsTo } from './log.ts'
import { readiness } from './readiness.ts'
import { parseIssuer, resolveSettings, type Issuer, type ServerOptions, type Settings } from './settings.ts'
import { startSweeper } from './sweeper.ts'

/** A server that answers requests. */
export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  readonly issuer: string
  /** The folder of its SQLite database, or of `grantry.keys`. */
  readonly data: string
  /** Its PostgreSQL database, without password; undefined where it runs on SQLite. */
  readonly database: string | undefined
  /** Whether the issuer is on localhost, so that there are a client and a user for development. */
  readonly isLocal: boolean
  /** Secrets made by this start; undefined where nothing was made. */
  readonly firstStart: FirstStart | undefined
  /** Takes no new request, finishes those in flight and closes the database. */
  close(): Promise<void>
}

/** Undefined stands for the toolkit's own, which makes opaque tokens. */
const makeGenerator = (
  { tokenFormat }: Settings,
  { url }: Issuer,
  { keyId, algorithm, privateKey }: SigningKeyRow,
): TokenGenerator | undefined => {
  if (tokenFormat === 'opaque') return undefined
  return signedTokenGenerator(privateKey, { issuer: url, audience: url, profile: 'at+jwt', algorithm, keyId })
}

const makeApp = async (settings: Settings, issuer: Issuer, data: Data): Promise<PageHandler> => {
  const { log, now, resources } = settings
  const { store, accounts } = data
  const keys = new KeyEncryption(settings.keyEncryptionKeys ?? keysOfFolder(settings.data))
  const key = await signingKey(data, keys, now)
  const server = new Server(new StoreValidator(store), {
    issuer: issuer.url,
    resources,
    events: eventsTo(log),
    now,
    tokenGenerator: makeGenerator(settings, issuer, key),
  })
  const cookies = {
    session: makeCookie('grantry-session', issuer.isSecure),
    login: makeCookie('grantry-login', issuer.isSecure),
  }
  const isReady = readiness(store, key.keyId, log)
  const limiter = new LoginLimiter()
  return createApp({ server, issuer, accounts: guardAccounts(accounts), limiter, cookies, now, log, isReady })
}

const run = async (settings: Settings, data: Data, listener: Listener): Promise<RunningServer> => {
  const issuer = settings.issuer ?? parseIssuer(`http://localhost:${listener.port}`)
  const app = await makeApp(settings, issuer, data)
  const firstStart = issuer.isLocal ? await createDevelopmentAccess(data, settings.now) : undefined
  const stopSweeper = startSweeper(data, settings)
  listener.serve(app)
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${listener.port}`,
    issuer: issuer.url,
    data: settings.data,
    database: settings.database === undefined ? undefined : data.name,
    isLocal: issuer.isLocal,
    firstStart,
    close: async () => {
      const swept = stopSweeper()
      await listener.close()
      await swept
      await data.close()
    },
  }
}

/**
 * Starts a server: opens the database, which it waits for, listens, and makes what the first start needs. Throws a `StartError` or a
 * `StoreError` whose message says what to change; nothing stays open then.
 */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const settings = resolveSettings(options)
  const data = await openData({ ...settings, create: true })
  try {
    const listener = await listen(settings)
    return await run(settings, data, listener).catch(async (thrown: unknown) => {
      await listener.close()
      throw thrown
    })
  } catch (thrown) {
    await data.close()
    throw thrown
  }
}
