import { promises as dns } from 'node:dns'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import type { Exchange, ExchangeAnswer, ResolveHost } from '../core/exchange.ts'

const systemResolver: ResolveHost = async (hostname) =>
  (await dns.lookup(hostname, { all: true })).map(({ address }) => address)

/** Resolves a name once, for one connection: the addresses that are looked at are those that are connected to. */
const guardedLookup =
  ({
    resolveHost = systemResolver,
    requireAddress,
  }: Pick<Exchange, 'resolveHost' | 'requireAddress'>): LookupFunction =>
  (hostname, options, done) => {
    const find = async () => {
      const addresses = await resolveHost(hostname)
      addresses.forEach(requireAddress)
      return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    }
    find().then(
      (found) => {
        const [first] = found
        if (first === undefined) done(new Error(`${hostname} has no address`), '')
        else if (options.all === true) done(null, found)
        else done(null, first.address, first.family)
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ''), // the callback wants a narrower type than it needs
    )
  }

const answerOf = (message: IncomingMessage): ExchangeAnswer | Error => {
  const encoding = message.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return new Error(`the answer is encoded as ${encoding}, which was not asked for`)
  return {
    status: message.statusCode ?? 0,
    headers: { get: (name) => message.headersDistinct[name.toLowerCase()]?.join(', ') },
    body: message,
  }
}

/**
 * Sends one request over a connection of its own; proxies of the environment are not used. Every address is checked before a connection is
 * made to it, so that a name cannot point elsewhere between check and use. Rejects where there is no answer.
 */
export const exchange = (given: Exchange): Promise<ExchangeAnswer> =>
  new Promise((resolve, reject) => {
    const { url, method, body, signal } = given
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const headers = { ...given.headers, 'accept-encoding': 'identity' }
    const request = send(url, { method, headers, signal, agent: false, lookup: guardedLookup(given) })
    request.on('error', reject)
    request.on('response', (message) => {
      message.on('error', reject) // one that is aborted before it is read
      const answer = answerOf(message)
      if (answer instanceof Error) {
        message.destroy()
        reject(answer)
      } else resolve(answer)
    })
    request.end(body)
  })
