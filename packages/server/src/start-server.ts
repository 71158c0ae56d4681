import { guardAccounts, guardConsents } from './accounts/guarded-accounts.ts'
import { AppAccess } from './accounts/app-access.ts'
import { SessionLinks } from './accounts/session-links.ts'
import { LoginLimiter } from './accounts/login-limiter.ts'
import { reconcileClients } from './config/reconcile-clients.ts'
import { createDevelopmentAccess, type FirstStart } from './bootstrap.ts'
import { noteUse } from './client-use.ts'
import { openData, type Data } from './data.ts'
import { createApp } from './http/app.ts'
import { makeCookie } from './http/cookies.ts'
import { listen, type Listener } from './http/listen.ts'
import type { RequestHandler } from './http/page-response.ts'
import { KeyEncryption, keysOfFolder } from './key-encryption.ts'
import { LogoutDelivery } from './logout-delivery.ts'
import { makeServer } from './make-server.ts'
import { readiness } from './readiness.ts'
import type { RegistrationMode } from './registration-settings.ts'
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
  /** Whether clients may register themselves. */
  readonly registration: RegistrationMode
  /** Whether the issuer is on localhost, so that there are a client and a user for development. */
  readonly isLocal: boolean
  /** Secrets made by this start; undefined where nothing was made. */
  readonly firstStart: FirstStart | undefined
  /** Takes no new request, finishes those in flight and closes the database. The same again for who calls it twice. */
  close(): Promise<void>
}

/** The server while it runs. */
interface App {
  readonly handle: RequestHandler
  /** Starts what it does beside requests, and returns the function that stops it, which resolves when that is done. */
  start(): () => Promise<unknown>
}

const makeApp = async (settings: Settings, issuer: Issuer, data: Data): Promise<App> => {
  const { log, now } = settings
  const encryption = new KeyEncryption(settings.keyEncryptionKeys ?? keysOfFolder(settings.data, { create: true }))
  const keys = await openKeyRing(data, encryption, settings)
  const { pairwiseSalt, pages: pageSecret } = await serverSecrets(data, encryption, now)
  const accounts = guardAccounts(data.accounts)
  const server = makeServer(settings, issuer, { store: data.store, accounts, keys, pairwiseSalt })
  const delivery = new LogoutDelivery(server, data.sessionClients, settings)
  const rotation = keyRotation(data, encryption, { now, days: settings.keyRotation })
  const handle = createApp({
    ...{ server, issuer, accounts, pageSecret, now, log },
    consents: guardConsents(data.consents),
    apps: new AppAccess(data, now),
    links: new SessionLinks(data, now, () => delivery.wake()),
    limiter: new LoginLimiter(),
    cookies: {
      session: makeCookie('grantry-session', issuer.isSecure),
      login: makeCookie('grantry-login', issuer.isSecure),
    },
    theme: settings.theme,
    showsClientLogos: settings.profile === 'openid',
    noteUse: (client) => noteUse(data.store, client, now()),
    isReady: readiness(keys, log),
  })
  const start = () => {
    const rotator = { store: data.store, ring: keys, rotation }
    const stops = [startSweeper(data, settings), startKeyRotator(rotator, settings), delivery.start()]
    return () => Promise.all(stops.map((stop) => stop()))
  }
  return { handle, start }
}

const run = async (settings: Settings, data: Data, listener: Listener): Promise<RunningServer> => {
  const issuer = settings.issuer ?? parseIssuer(`http://localhost:${listener.port}`)
  const app = await makeApp(settings, issuer, data)
  if (settings.clients !== undefined) await reconcileClients(data.store, settings.clients, settings)
  const firstStart = issuer.isLocal ? await createDevelopmentAccess(data, settings.now) : undefined
  const stop = app.start()
  listener.serve(app.handle)
  const close = async (): Promise<void> => {
    const stopped = stop()
    await listener.close()
    await stopped
    await data.close()
  }
  let closed: Promise<void> | undefined
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${listener.port}`,
    issuer: issuer.url,
    data: settings.data,
    database: settings.database === undefined ? undefined : data.name,
    registration: settings.registration,
    isLocal: issuer.isLocal,
    firstStart,
    close: () => (closed ??= close()),
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
