import { guardAccounts, guardConsents } from './accounts/guarded-accounts.ts'
import { LoginLimiter } from './accounts/login-limiter.ts'
import { createDevelopmentAccess, type FirstStart } from './bootstrap.ts'
import { openData, type Data } from './data.ts'
import { createApp } from './http/app.ts'
import { makeCookie } from './http/cookies.ts'
import { listen, type Listener } from './http/listen.ts'
import type { PageHandler } from './http/page-response.ts'
import { KeyEncryption, keysOfFolder } from './key-encryption.ts'
import { makeServer } from './make-server.ts'
import { readiness } from './readiness.ts'
import { parseIssuer, resolveSettings, type Issuer, type ServerOptions, type Settings } from './settings.ts'
import { serverSecrets } from './server-secret.ts'
import { startKeyRotator } from './key-rotator.ts'
import { keyRotation, openKeyRing } from './signing-keys.ts'
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

/** The pages, and what works beside them once the server does. */
interface App {
  readonly handler: PageHandler
  /** Returns the function that stops it. */
  readonly startRotator: () => () => Promise<void>
}

const makeApp = async (settings: Settings, issuer: Issuer, data: Data): Promise<App> => {
  const { log, now } = settings
  const encryption = new KeyEncryption(settings.keyEncryptionKeys ?? keysOfFolder(settings.data, { create: true }))
  const keys = await openKeyRing(data, encryption, settings)
  const secrets = await serverSecrets(data, encryption, now)
  const accounts = guardAccounts(data.accounts)
  const { pairwiseSalt } = secrets
  const handler = createApp({
    server: makeServer(settings, issuer, { store: data.store, accounts, keys, pairwiseSalt }),
    issuer,
    accounts,
    consents: guardConsents(data.consents),
    limiter: new LoginLimiter(),
    cookies: {
      session: makeCookie('grantry-session', issuer.isSecure),
      login: makeCookie('grantry-login', issuer.isSecure),
    },
    pageSecret: secrets.pages,
    now,
    log,
    isReady: readiness(keys, log),
  })
  const rotation = keyRotation(data, encryption, { now, days: settings.keyRotation })
  return { handler, startRotator: () => startKeyRotator({ store: data.store, ring: keys, rotation }, settings) }
}

const run = async (settings: Settings, data: Data, listener: Listener): Promise<RunningServer> => {
  const issuer = settings.issuer ?? parseIssuer(`http://localhost:${listener.port}`)
  const { handler, startRotator } = await makeApp(settings, issuer, data)
  const firstStart = issuer.isLocal ? await createDevelopmentAccess(data, settings.now) : undefined
  const stops = [startSweeper(data, settings), startRotator()]
  listener.serve(handler)
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${listener.port}`,
    issuer: issuer.url,
    data: settings.data,
    database: settings.database === undefined ? undefined : data.name,
    isLocal: issuer.isLocal,
    firstStart,
    close: async () => {
      const stopped = stops.map((stop) => stop())
      await listener.close()
      await Promise.all(stopped)
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
