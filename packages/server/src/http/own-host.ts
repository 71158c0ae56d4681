import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { HttpResponse } from 'grantry'
import type { Settings } from '../settings.ts'

/** Judges the name in a `Host` header, without its port, in small letters. */
export type HostJudge = (name: string) => boolean

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host)

/**
 * Judges by which names a server may be asked that is meant for this machine alone: localhost, addresses, and those that are listed. A site that
 * a user looks at can have its own name lead here, and would read what a server without a login says (DNS rebinding); no site can have an
 * address or localhost as its name.
 */
const onlyOf =
  (names: readonly string[]): HostJudge =>
  (name) =>
    /^(?:.+\.)?localhost$/.test(name) || isIP(name) !== 0 || names.includes(name)

const everyName: HostJudge = () => true

/** By which names the server may be asked: by every one, unless its issuer is on localhost, so that it is there for development. */
export const hostJudge = ({ issuer, host, allowHosts }: Pick<Settings, 'issuer' | 'host' | 'allowHosts'>): HostJudge =>
  issuer?.isLocal === false ? everyName : onlyOf([host.toLowerCase(), ...allowHosts])

/** By which names metrics may be asked for: by every one, unless only this machine can ask. */
export const metricsHostJudge = ({
  metricsHost,
  allowHosts,
}: Pick<Settings, 'metricsHost' | 'allowHosts'>): HostJudge =>
  isLoopback(metricsHost) ? onlyOf(allowHosts) : everyName

/** By which names administration may be asked for: by those that it was given. */
export const adminHostJudge = ({
  adminHost,
  adminUrl,
  allowHosts,
}: Pick<Settings, 'adminHost' | 'adminUrl' | 'allowHosts'>): HostJudge =>
  onlyOf([adminHost.toLowerCase(), ...(adminUrl === undefined ? [] : [new URL(adminUrl).hostname]), ...allowHosts])

const nameIn = (host: string): string | undefined => {
  const [, address, name] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::\d{0,5})?$/i.exec(host) ?? []
  return (address ?? name)?.toLowerCase()
}

const refuse = (status: 400 | 421, body: string): HttpResponse => ({
  status,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  },
  body,
})

/**
 * The refusal of a request that has more than one `Host` (RFC 9112 §3.2), or one that is not for this server (421, RFC 9110 §15.5.20). Programs
 * that send none are no browsers, and may.
 */
export const refuseHost = (
  { url = '', headersDistinct: { host: hosts = [] } }: Pick<IncomingMessage, 'url' | 'headersDistinct'>,
  isOwn: HostJudge,
): HttpResponse | undefined => {
  if (hosts.length > 1) return refuse(400, 'There is more than one Host header.\n')
  const host = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? hosts[0] // RFC 9112 §3.2.2
  const name = host === undefined ? '' : nameIn(host)
  if (host === undefined || (name !== undefined && isOwn(name))) return undefined
  return refuse(
    421,
    'This server is for its own machine, and goes by another name. --allow-host lets it go by this one.\n',
  )
}

/** The path and query of a URL that was sent with scheme and host (RFC 9112 §3.2.2). */
export const originForm = (url: string): string => {
  if (!/^https?:\/\//i.test(url)) return url
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}
