/** Networks that are no part of the public Internet (IANA special-purpose registry, RFC 6890), and one that clouds keep for themselves. */
const specialIpv4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by a carrier
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // host of Azure machines
  ['169.254.0.0', 16], // link-local, cloud metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 3], // multicast, reserved, broadcast
]

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const isInNetwork = (address: number, network: number, bits: number): boolean =>
  Math.floor(address / 2 ** (32 - bits)) === Math.floor(network / 2 ** (32 - bits))

const isPublicIpv4 = (address: number): boolean =>
  !specialIpv4.some(([network, bits]) => isInNetwork(address, numberOf(network), bits))

/** The eight groups of an address as the URL parser writes it: small hexadecimal numbers, one `::` at most. */
const groupsOf = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::')
  const parse = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  const [first, last] = [parse(head), parse(tail ?? '')]
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last]
}

/** Forms that carry an IPv4 address in their last 32 bits: IPv4-mapped (RFC 4291 §2.5.5.2), NAT64 (RFC 6052 §2.1). */
const carriers: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
]

const isPublicIpv6 = (address: string): boolean => {
  const groups = groupsOf(address)
  const [first = 0, second = 0, , , , , high = 0, low = 0] = groups
  if (carriers.some((prefix) => prefix.every((group, index) => groups[index] === group)))
    return isPublicIpv4(high * 65536 + low)
  if (first >> 13 !== 1) return false // outside of 2000::/3: loopback, unique local, link-local, multicast, unassigned
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8 // protocol assignments with Teredo, documentation
  return first !== 0x2002 && first >> 4 !== 0x3ff // 6to4; 3ff0::/12 with documentation
}

/** An IP address in the one spelling of URLs; undefined for anything else, zones (`fe80::1%eth0`) included. */
const canonical = (address: string): string | undefined => {
  const url = `http://${address.includes(':') ? `[${address}]` : address}/`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

/** Whether the host of a URL is an address, not a name. */
export const isAddress = (hostname: string): boolean => hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname)

/**
 * Whether an IP address, in any spelling that URLs know, is one of the public Internet: not private, loopback, link-local, multicast,
 * for documentation or otherwise special (RFC 6890). False for what is no address.
 */
export const isPublicAddress = (address: string): boolean => {
  const host = canonical(address.replace(/^\[(.*)\]$/, '$1'))
  if (host === undefined || !isAddress(host)) return false
  return host.startsWith('[') ? isPublicIpv6(host.slice(1, -1)) : isPublicIpv4(numberOf(host))
}
