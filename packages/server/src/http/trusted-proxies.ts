import { BlockList, isIP } from 'node:net'

/** Judges whether an address is that of a proxy whose word counts. */
export type TrustJudge = (address: string) => boolean

/** An IPv4 address that came in over an IPv6 socket, as IPv4; every other address as it is. */
export const plainAddress = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined => {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

const add = (known: BlockList, text: string): boolean => {
  const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = familyOf(address)
  if (family === undefined) return false
  const whole = family === 'ipv4' ? 32 : 128
  const prefix = bits === undefined ? whole : Number(bits)
  if (prefix > whole || prefix === 0) return false // everyone is no list of proxies
  known.addSubnet(address, prefix, family)
  return true
}

/** Which text is neither an address nor a range of addresses; undefined where all are. */
export const wrongProxy = (proxies: readonly string[]): string | undefined =>
  proxies.find((text) => !add(new BlockList(), text))

/** Judges by a list of addresses and ranges (`10.0.0.0/8`, `fd00::/8`); what is neither is passed over. */
export const trustJudge = (proxies: readonly string[]): TrustJudge => {
  const known = new BlockList()
  for (const proxy of proxies) add(known, proxy)
  return (address) => {
    const plain = plainAddress(address)
    const family = familyOf(plain)
    return family !== undefined && known.check(plain, family)
  }
}
