import type { Settings } from './settings.ts'

const loopbackHost = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/

/** Whether only this machine reaches a host. */
export const isLoopback = (host: string): boolean => loopbackHost.test(host)

/** Whether the issuer is on localhost, as it is where none is set. */
export const hasLocalIssuer = ({ issuer }: Pick<Settings, 'issuer'>): boolean => issuer?.isLocal ?? true

/**
 * Whether a server is for development: it makes a client and a user, and starts with settings that are refused otherwise. So it is where nobody
 * else can reach it, unless `dev` says something else.
 */
export const isDevelopment = (settings: Pick<Settings, 'dev' | 'issuer' | 'host'>): boolean =>
  hasLocalIssuer(settings) && (settings.dev ?? isLoopback(settings.host))
