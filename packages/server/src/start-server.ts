import { setTimeout } from 'node:timers/promises'
import { AccountLimits } from './accounts/account-limits.ts'
import { guardAccounts, guardConsents, unavailable } from './accounts/guarded-accounts.ts'
import { OneTimeLinks } from './accounts/one-time-links.ts'
import { ResetTickets } from './accounts/reset-tickets.ts'
import { Passkeys } from './accounts/passkeys.ts'
import { SecondFactors } from './accounts/second-factors.ts'
import { AppAccess } from './accounts/app-access.ts'
import { SessionLinks } from './accounts/session-links.ts'
import { LoginLimits } from './accounts/login-limits.ts'
import { PasswordLogin } from './accounts/password-login.ts'
import { PasswordPool } from './accounts/password-pool.ts'
import { startAuditDelivery } from './audit/audit-delivery.ts'
import { reconcileClients } from './config/reconcile-clients.ts'
import { saveConsoleClient } from './console/console-client.ts'
import { createDevelopmentAccess } from './bootstrap.ts'
import { noteUse } from './client-use.ts'
import type { Data } from './data.ts'
import { isDevelopment } from './development.ts'
import { requireSafeSettings } from './doctor/require-safe.ts'
import { createApp, type App } from './http/app.ts'
import { makeCookie } from './http/cookies.ts'
import { createAdminApp } from './http/admin-app.ts'
import { openListeners, type Listeners, type Served } from './http/listeners.ts'
import { KnownDevices } from './http/known-devices.ts'
import { PendingLogin } from './http/pending-login.ts'
import { KeyEncryption, keysOfFolder } from './key-encryption.ts'
import { ClientLimits } from './limits/client-limits.ts'
import { admitClient } from './limits/limits.ts'
import { RequestLimits } from './limits/request-limits.ts'
import { startLogoutDelivery } from './logout-delivery.ts'
import { makeServer, makeValidator } from './make-server.ts'
import type { Rounds } from './rounds.ts'
import { startResetDelivery } from './reset-delivery.ts'
import { readiness } from './readiness.ts'
import type { RunningNode, RunningServer } from './running-server.ts'
import { parseIssuer, type Issuer } from './issuer.ts'
import { resolveSettings, type ServerOptions, type Settings } from './settings.ts'
import { serverSecrets } from './server-secret.ts'
import { startKeyRotator } from './key-rotator.ts'
import { keyRotation, openKeyRing } from './signing-keys.ts'
import { startSweeper } from './sweeper.ts'
import { startTelemetry, type Telemetry } from './telemetry/telemetry.ts'
import { openWatched, type OpenData } from './watched-data.ts'
import { documentFinder, outboundOf } from './self-registration.ts'
import { Upstreams, type UpstreamsParts } from './upstreams/upstreams.ts'
import { LocalUsers } from './users/local-users.ts'
import { Users, type UsersParts } from './users/users.ts'

/** The server while it runs. */
interface RunningApp extends App, Pick<Served, 'admin'> {
  isReady(): Promise<boolean>
  /** It is not ready from now on; resolves when those who watch had time to see it. */
  noteStop(): Promise<unknown>
  /** Starts what it does beside requests, and returns the function that stops it, which resolves when that is done. */
  start(): () => Promise<unknown>
  /** Ends what only requests needed. */
  close(): Promise<void>
}

/** Everyone who can log in: the users of the database, or those of a source. */
const usersOf = (
  { accounts, hashes, outside, users: directory }: Data,
  { now, log }: Settings,
  { source, pool, links }: Pick<UsersParts, 'source'> & { readonly pool: PasswordPool; readonly links: SessionLinks },
): Users =>
  new Users({
    ...{ local: new LocalUsers({ accounts, hashes, pool, now }), source, accounts, outside, directory },
    ...{ links, now, log },
  })

/** The providers that users log in at. */
const upstreamsOf = (
  { identities, store }: Data,
  settings: Settings,
  parts: Pick<UpstreamsParts, 'issuer' | 'secret' | 'keys'>,
): Upstreams => {
  const { upstreams = [], now } = settings
  return new Upstreams({ ...parts, settings: upstreams, identities, store, outbound: outboundOf(settings), now })
}

const makeApp = async (
  settings: Settings,
  issuer: Issuer,
  data: OpenData,
  adminUrl: string | undefined,
): Promise<RunningApp> => {
  const { log, now } = settings
  const encryption = new KeyEncryption(settings.keyEncryptionKeys ?? keysOfFolder(settings.data, { create: true }))
  const keys = await openKeyRing(data, encryption, settings)
  const secrets = await serverSecrets(data, encryption, now)
  const { pairwiseSalt, pages: pageSecret, console: consoleSecret, nonces: nonceSecret } = secrets
  const accounts = guardAccounts(data.accounts)
  let delivery: Rounds | undefined
  const links = new SessionLinks(data, now, () => delivery?.wake())
  const oneTimeLinks = new OneTimeLinks({ store: data.store, now })
  const resetTickets = new ResetTickets(oneTimeLinks)
  let resets: Rounds | undefined
  const pool = new PasswordPool({ threads: settings.passwordThreads })
  const users = usersOf(data, settings, { source: data.source, pool, links })
  const limits = { requests: new RequestLimits(settings), clients: new ClientLimits(data.store, now) }
  const validator = makeValidator(settings, { store: data.store, users, admit: admitClient(limits) })
  const server = makeServer(settings, issuer, { store: data.store, validator, keys, pairwiseSalt, nonceSecret, limits })
  const ready = readiness(keys, log)
  let isStopping = false
  const isReady = async (): Promise<boolean> => !isStopping && (await ready())
  const noteStop = (): Promise<unknown> => {
    isStopping = true
    return setTimeout(settings.stopDelay * 1000)
  }
  const rotation = keyRotation(data, encryption, { now, days: settings.keyRotation })
  const app = createApp({
    ...{ server, validator, issuer, accounts, users, links, pageSecret, now, log },
    consents: guardConsents(data.consents),
    factors: new SecondFactors({ totp: data.totp, store: data.store, encryption, now }),
    passkeys: new Passkeys({ passkeys: data.passkeys, store: data.store, issuer, secret: pageSecret, now }),
    secondFactor: new PendingLogin({ secret: pageSecret, isSecure: issuer.isSecure, now }),
    limits: new LoginLimits(data.store, now),
    requestLimits: limits.requests,
    devices: new KnownDevices({ secret: pageSecret, isSecure: issuer.isSecure }),
    passwords: new PasswordLogin({ users, pool }),
    upstreams: upstreamsOf(data, settings, { issuer, secret: pageSecret, keys }),
    localLogin: settings.localLogin !== 'off',
    apps: new AppAccess({ ...data, findDocument: documentFinder(server, settings) }, now),
    ...{ accountSettings: settings, accountLimits: new AccountLimits(data.store, now), oneTimeLinks, resetTickets },
    requestReset: async (request) => {
      await data.resetRequests.add(request).catch(unavailable)
      resets?.wake()
    },
    cookies: {
      session: makeCookie('grantry-session', issuer.isSecure),
      login: makeCookie('grantry-login', issuer.isSecure),
    },
    ...{ theme: settings.theme, passwordChangeUri: settings.passwordChangeUri },
    scopeDescriptions: settings.scopeDescriptions,
    detailTypes: settings.authorizationDetails,
    showsClientLogos: settings.profile === 'openid',
    sendsErrorsToStrangers: settings.profile === 'openid',
    noteUse: (client) => noteUse(data.store, client, now()),
    isReady,
  })
  const hashPassword = (password: string): Promise<string> => pool.hash(password)
  const secret = { pageSecret, consoleSecret, nonceSecret }
  const administration = { data, links, validator, server, keys, encryption, hashPassword, ...secret }
  if (adminUrl !== undefined) await saveConsoleClient(data.store, adminUrl, consoleSecret)
  const admin =
    adminUrl === undefined ? undefined : createAdminApp(settings, issuer, { ...administration, url: adminUrl })
  const start = () => {
    const rotator = { store: data.store, ring: keys, rotation }
    const telling = (delivery = startLogoutDelivery(server, data.sessionClients, settings))
    const stops = [startSweeper(data, settings), startKeyRotator(rotator, settings), telling.stop]
    const { auditWebhook } = settings
    if (auditWebhook !== undefined)
      stops.push(startAuditDelivery(data.audit, { ...settings, auditWebhook, outbound: outboundOf(settings) }).stop)
    const { passwordResetWebhook } = settings
    if (passwordResetWebhook !== undefined) {
      resets = startResetDelivery({ ...data, tickets: resetTickets }, { ...settings, issuer, passwordResetWebhook })
      stops.push(resets.stop)
    }
    return () => Promise.all(stops.map((stop) => stop()))
  }
  return { ...app, admin, isReady, noteStop, start, close: () => pool.close() }
}

const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

const run = async ({ settings, prometheus }: Telemetry, data: OpenData, listeners: Listeners): Promise<RunningNode> => {
  const issuer = settings.issuer ?? parseIssuer(`http://localhost:${listeners.port}`)
  const { adminPort } = listeners
  const adminUrl = adminPort === undefined ? undefined : (settings.adminUrl ?? `http://localhost:${adminPort}`)
  const app = await makeApp(settings, issuer, data, adminUrl)
  if (settings.clients !== undefined) await reconcileClients(data.store, settings.clients, settings)
  const firstStart = isDevelopment(settings) ? await createDevelopmentAccess(data, settings) : undefined
  const stop = app.start()
  listeners.serve({ ...app, issuerPath: issuer.path })
  const end = async (how: 'stop' | 'retire'): Promise<void> => {
    listeners.drain()
    if (how === 'stop') await app.noteStop()
    const stopped = stop()
    await listeners.close(how)
    await app.close()
    await stopped
    await data.close()
  }
  let closed: Promise<void> | undefined
  return {
    url: urlOf(settings.host, listeners.port),
    issuer: issuer.url,
    adminUrl,
    metricsUrl: listeners.metricsPort === undefined ? undefined : urlOf(settings.metricsHost, listeners.metricsPort),
    data: settings.data,
    database: settings.database === undefined ? undefined : data.name,
    registration: settings.registration,
    isDevelopment: isDevelopment(settings),
    firstStart,
    close: () => (closed ??= end('stop')),
    retire: () => (closed ??= end('retire')),
    isReady: () => app.isReady(),
    metrics: async () => (await prometheus?.json()) ?? [],
  }
}

/**
 * Starts a server: opens the database, which it waits for, listens, and makes what the first start needs. Throws a `StartError` or a
 * `StoreError` whose message says what to change; nothing stays open then.
 */
export const startServer = (options: ServerOptions = {}): Promise<RunningServer> =>
  startNode(options, { isAlone: true })

/** The same; where it is not alone, metrics are at a port of somebody else. */
export const startNode = async (
  options: ServerOptions,
  { isAlone }: { readonly isAlone: boolean },
): Promise<RunningNode> => {
  const given = resolveSettings(options)
  requireSafeSettings(given)
  const telemetry = await startTelemetry(given)
  if (isAlone) telemetry.metrics.watchWorkers(() => 1)
  const data = await openWatched(telemetry)
  try {
    const listeners = await openListeners(telemetry, { hasMetrics: isAlone })
    return await run(telemetry, data, listeners).catch(async (thrown: unknown) => {
      await listeners.close()
      throw thrown
    })
  } catch (thrown) {
    await data.close()
    throw thrown
  }
}
