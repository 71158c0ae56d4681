import { Server, signedTokenGenerator, StoreValidator, type TokenGenerator } from 'grantry'
import { LoginLimiter } from './accounts/login-limiter.ts'
import { createDevelopmentAccess, signingKey, type FirstStart } from './bootstrap.ts'
import { openData, type Data } from './data.ts'
import { createApp } from './http/app.ts'
import { makeCookie } from './http/cookies.ts'
import { listen, type Listener } from './http/listen.ts'
import type { PageHandler } from './http/page-response.ts'
import { KeyEncryption, keysOfFolder } from './key-encryption.ts'
import { eventsTo } from './log.ts'
import { parseIssuer, resolveSettings, type Issuer, type ServerOptions, type Settings } from './settings.ts'
import { startSweeper } from './sweeper.ts'

/** A server that answers requests. */
export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  readonly issuer: string
  /** The folder of its database. */
  readonly data: string
  /** Whether the issuer is on localhost, so that there are a client and a user for development. */
  readonly isLocal: boolean
  /** Secrets made by this start; undefined where nothing was made. */
  readonly firstStart: FirstStart | undefined
  /** Takes no new request, finishes those in flight and closes the database. */
  close(): Promise<void>
}

/** Undefined stands for the toolkit's own, which makes opaque tokens. */
const makeGenerator = async (
  { tokenFormat, now, keyEncryptionKeys, data: folder }: Settings,
  { url }: Issuer,
  data: Data,
): Promise<TokenGenerator | undefined> => {
  const keys = new KeyEncryption(keyEncryptionKeys ?? keysOfFolder(folder))
  const { keyId, algorithm, privateKey } = await signingKey(data, keys, now())
  if (tokenFormat === 'opaque') return undefined
  return signedTokenGenerator(privateKey, { issuer: url, audience: url, profile: 'at+jwt', algorithm, keyId })
}

const makeApp = async (settings: Settings, issuer: Issuer, data: Data): Promise<PageHandler> => {
  const { log, now, resources } = settings
  const { store, accounts } = data
  const server = new Server(new StoreValidator(store), {
    issuer: issuer.url,
    resources,
    events: eventsTo(log),
    now,
    tokenGenerator: await makeGenerator(settings, issuer, data),
  })
  const isReady = (): boolean => {
    try {
      return store.findSigningKeys().length > 0
    } catch (cause) {
      log({ type: 'store.failed', cause })
      return false
    }
  }
  const cookies = {
    session: makeCookie('grantry-session', issuer.isSecure),
    login: makeCookie('grantry-login', issuer.isSecure),
  }
  return createApp({ server, issuer, accounts, limiter: new LoginLimiter(), cookies, now, log, isReady })
}

const run = async (settings: Settings, data: Data, listener: Listener): Promise<RunningServer> => {
  const issuer = settings.issuer ?? parseIssuer(`http://localhost:${listener.port}`)
  const app = await makeApp(settings, issuer, data)
  const firstStart = issuer.isLocal ? await createDevelopmentAccess(data, settings.now()) : undefined
  const stopSweeper = startSweeper(data, settings)
  listener.serve(app)
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${listener.port}`,
    issuer: issuer.url,
    data: settings.data,
    isLocal: issuer.isLocal,
    firstStart,
    close: async () => {
      stopSweeper()
      await listener.close()
      data.close()
    },
  }
}

/**
 * Starts a server: opens the database, listens, and makes what the first start needs. Throws a `StartError` or a `StoreError` whose
 * message says what to change; nothing stays open then.
 */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const settings = resolveSettings(options)
  const data = openData(settings.data, { create: true })
  try {
    const listener = await listen(settings)
    return await run(settings, data, listener).catch(async (thrown: unknown) => {
      await listener.close()
      throw thrown
    })
  } catch (thrown) {
    data.close()
    throw thrown
  }
}
