import { BlockList, isIP } from 'node:net'

/** IANA special-purpose registries: what is not a server on the public internet. */
const privateRanges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

const blocked = listOf(privateRanges)
const loopback = listOf([
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
])
/** Link-local (RFC 3927, RFC 4291 §2.5.6), and the unique local addresses of Amazon's metadata services. */
const near = listOf([
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::', 32, 'ipv6'],
])
/** IPv6 forms that carry an IPv4 address in their last 32 bits: mapped, compatible, and NAT64 (RFC 6052). */
const carriers = listOf([
  ['::ffff:0:0', 96, 'ipv6'],
  ['::', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
])

/** Whether an IP address is loopback, private, link-local, multicast, unspecified or otherwise not public; an IPv4 address inside an IPv6 one counts. */
export function isPrivateAddress(address: string): boolean {
  return within(blocked, address) || within(blocked, carriedIpv4(address))
}

/**
 * Whether a URL's host (as `URL.hostname` gives it: octal, hexadecimal and Unicode forms of an address are canonical there)
 * stands for a private address by its letters. Other names are judged when they are resolved.
 */
export function isPrivateHost(host: string): boolean {
  const name = bareHost(host)
  return isPrivateAddress(name) || isLocalName(name) || name === 'metadata.google.internal'
}

/** Whether a URL's host is this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = bareHost(host)
  return isLocalName(name) || within(loopback, name)
}

/**
 * Whether a URL's host is this machine, or something that answers this machine by who it is, as metadata services do: a proxy
 * would be told the secrets of its own machine, and be shown ours.
 */
export function isNearHost(host: string): boolean {
  const name = bareHost(host)
  return isLoopbackHost(host) || within(near, name) || name === 'metadata.google.internal'
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/** RFC 6761 §6.3 */
function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function within(list: BlockList, address: string | undefined): boolean {
  const family = isIP(address ?? '')
  return address !== undefined && family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

function carriedIpv4(address: string): string | undefined {
  if (isIP(address) !== 6 || !within(carriers, address)) return undefined
  const [high = '0', low = '0'] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':').slice(-2)
  const value = (Number.parseInt(high || '0', 16) << 16) | Number.parseInt(low || '0', 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
}

function listOf(ranges: typeof privateRanges): BlockList {
  const list = new BlockList()
  for (const [network, bits, family] of ranges) list.addSubnet(network, bits, family)
  return list
}
