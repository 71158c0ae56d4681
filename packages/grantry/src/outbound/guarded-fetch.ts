import { exchange } from '#platform'
import type { ExchangeAnswer, ResolveHost } from '../core/exchange.ts'
import { OutboundError, type OutboundProblem } from './outbound-error.ts'
import { isAddress, isPublicAddress } from './public-address.ts'
import { readText } from './read-text.ts'

/** Where a server may send requests to, and how long it waits. */
export interface OutboundOptions {
  /**
   * Hosts, with a port or for all ports (`localhost:8080`, `jwks.corp.example`), that may be at any address and speak http. Who can name a URL
   * there can make this server ask it. Default: none; https to public addresses only.
   */
  readonly allowPrivateHosts?: readonly string[] | undefined
  /** How long a request may take, from the look-up of the name to the last byte, in milliseconds. Default: 2500. */
  readonly timeoutMs?: number | undefined
  /** Finds the addresses of a name, on Node only. Default: the resolver of the machine. */
  readonly resolveHost?: ResolveHost | undefined
  /** Told of each request when it is over: how long it took, and the problem where it gave nothing. It must not throw. */
  readonly onDone?: ((done: OutboundDone) => void) | undefined
}

/** A request that is over. */
export interface OutboundDone {
  /** With the port, where the URL has one. Empty where there was no URL. */
  readonly host: string
  readonly ms: number
  readonly problem: OutboundProblem | undefined
}

/** What to ask for. */
export interface OutboundRequest {
  /** Media types of answers that are read, without parameters; `application/*+json` is all that end so. None: the body is not read. */
  readonly accepts: readonly string[]
  /** Largest body in bytes, decoded. Default: 65536. */
  readonly maxBytes?: number | undefined
  /** Redirects to follow, each checked as the first URL was. Only for a GET. Default: 0. */
  readonly maxRedirects?: number | undefined
  /** Parameters to POST. Default: a GET. */
  readonly form?: Readonly<Record<string, string>> | undefined
  /** Text to POST, with its media type; instead of a form. */
  readonly content?: { readonly type: string; readonly text: string } | undefined
  /** Further headers. Never a secret where somebody else chose the URL. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A successful answer. */
export interface OutboundAnswer {
  /** Where it came from, after redirects. */
  readonly url: string
  readonly status: number
  readonly text: string
  /** The `Cache-Control` header. */
  readonly cacheControl: string
}

/** Names that are never public, also where the platform does not let one look at addresses (RFC 6761, RFC 6762, RFC 8375). */
const localName = /^[^.]+$|(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|onion|test|invalid)$/

/** The URL to ask, if it may be asked. Throws an `OutboundError`. */
const requireUrl = (text: string, allowed: readonly string[]): URL => {
  const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw new OutboundError('url', 'it is not an absolute URL of at most 2048 characters')
  if (url.username !== '' || url.password !== '') throw new OutboundError('url', 'it has credentials in it')
  if (isAllowed(url, allowed)) {
    if (url.protocol === 'https:' || url.protocol === 'http:') return url
  } else if (url.protocol === 'https:') {
    requirePublicHost(url.hostname)
    return url
  }
  throw new OutboundError('url', `${url.protocol} is not https`)
}

/** Whether a URL is on one of the hosts that may be anywhere and speak http. */
export const isAllowed = ({ host, hostname }: URL, allowed: readonly string[]): boolean =>
  allowed.includes(host) || allowed.includes(hostname)

const requirePublicHost = (hostname: string): void => {
  const isPublic = isAddress(hostname) ? isPublicAddress(hostname) : !localName.test(hostname.replace(/\.$/, ''))
  if (!isPublic) throw new OutboundError('address', `${hostname} is not public`)
}

/** What is posted; undefined for a GET. */
const contentOf = ({ form, content }: OutboundRequest): OutboundRequest['content'] =>
  form === undefined
    ? content
    : { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() }

const redirects = [301, 302, 303, 307, 308]

const send = async (url: URL, request: OutboundRequest, options: OutboundOptions, signal: AbortSignal) => {
  const { allowPrivateHosts = [], resolveHost } = options
  const mayBePrivate = isAllowed(url, allowPrivateHosts)
  const requireAddress = (address: string): void => {
    if (mayBePrivate || isPublicAddress(address)) return
    throw new OutboundError('address', `${url.hostname} leads to ${address}, which is not public`)
  }
  const posted = contentOf(request)
  const headers = {
    ...request.headers,
    accept: request.accepts.join(', ') || '*/*',
    ...(posted && { 'content-type': posted.type }),
  }
  const method = posted === undefined ? 'GET' : 'POST'
  return exchange({ method, url, headers, body: posted?.text, signal, requireAddress, resolveHost })
}

/** The next URL of a redirect; undefined for an answer that is none. */
const redirectOf = (url: URL, { status, headers }: ExchangeAnswer): string | undefined => {
  const location = redirects.includes(status) ? headers.get('location') : undefined
  return location && URL.canParse(location, url.href) ? new URL(location, url).href : undefined
}

const anyJson = 'application/*+json'

const requireSuccess = ({ status, headers }: ExchangeAnswer, accepts: readonly string[]): void => {
  if (status < 200 || status > 299) throw new OutboundError('status', `the answer is ${status}`, { status })
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const name = /^application\/[^/]+\+json$/.test(type) && accepts.includes(anyJson) ? anyJson : type
  if (accepts.length > 0 && !accepts.includes(name))
    throw new OutboundError('content_type', `the answer is ${type || 'of no type'}`, { status })
}

const ask = async (
  text: string,
  request: OutboundRequest,
  options: OutboundOptions,
  signal: AbortSignal,
): Promise<OutboundAnswer> => {
  const { accepts, maxBytes = 65_536, maxRedirects = 0 } = request
  const url = requireUrl(text, options.allowPrivateHosts ?? [])
  const answer = await send(url, request, options, signal)
  const next = redirectOf(url, answer)
  if (next !== undefined && contentOf(request) === undefined && maxRedirects > 0)
    return ask(next, { ...request, maxRedirects: maxRedirects - 1 }, options, signal)
  if (redirects.includes(answer.status))
    throw new OutboundError('redirect', 'the answer is a redirect', { status: answer.status })
  requireSuccess(answer, accepts)
  return {
    url: url.href,
    status: answer.status,
    text: accepts.length === 0 ? '' : await readText(answer, maxBytes),
    cacheControl: answer.headers.get('cache-control') ?? '',
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '')

const asOutboundError = (thrown: unknown): OutboundError =>
  thrown instanceof OutboundError ? thrown : new OutboundError('network', 'there was no answer', { cause: thrown })

/**
 * Asks another server, safely where a stranger chose the URL (RFC 9700, RFC 6890): https only, public addresses only, checked on Node when the
 * connection is made and for the address that is used; no redirects unless asked for; no cookies, no credentials; limits for time and
 * size. Throws an `OutboundError` for everything but a success.
 */
export const guardedFetch = async (
  url: string,
  { timeoutMs = 2500, ...options }: OutboundOptions & OutboundRequest,
): Promise<OutboundAnswer> => {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new OutboundError('timeout', `there was no whole answer within ${timeoutMs} ms`)
    timer = setTimeout(() => reject(error), timeoutMs)
  })
  const start = performance.now()
  let problem: OutboundProblem | undefined
  try {
    return await Promise.race([ask(url, options, options, controller.signal), late])
  } catch (thrown) {
    const error = asOutboundError(thrown)
    problem = error.problem
    throw error
  } finally {
    clearTimeout(timer)
    options.onDone?.({ host: hostOf(url), ms: performance.now() - start, problem })
    controller.abort() // ends what is still under way; of no effect on an answer that was read
  }
}
