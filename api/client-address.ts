// From which network a request came. Behind a proxy that the operator trusts it is what the proxy
// says (X-Forwarded-For, from the right); from anybody else the header is only a claim and counts
// for nothing. Addresses are used to count and to hash, never kept.
import { BlockList, isIP } from 'node:net'
import type { Context } from 'hono'

/** Networks as addresses or CIDR blocks. They have been parsed before (config-urls.ts). */
export function networksOf(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits] = block.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** Where a request came from: the address of its socket, and what a proxy says of it. */
export interface Origin {
  peer: string | undefined
  forwarded: string | undefined
}

export function originOf(c: Context): Origin {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined
  return {
    peer: env?.incoming?.socket?.remoteAddress,
    forwarded: c.req.header('X-Forwarded-For'),
  }
}

/**
 * An IPv4 address, or the /64 of an IPv6 address: what one household or one host has. 'none'
 * when there is no socket.
 */
export const clientNetwork = ({ peer, forwarded }: Origin, trusted: BlockList): string =>
  networkOf(behind(plain(peer ?? ''), forwarded, trusted))

/** The address next to the last proxy that is trusted. */
function behind(peer: string, forwarded: string | undefined, trusted: BlockList): string {
  let address = peer
  const hops = (forwarded ?? '').slice(-1000).split(',').reverse()
  for (const hop of hops) {
    if (isIP(address) === 0 || !trusted.check(address, family(address))) break
    const next = plain(hop.trim())
    if (isIP(next) === 0) break
    address = next
  }
  return address
}

export function networkOf(address: string): string {
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : 'none'
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    const given = groups.length + rest.length + (tail.includes('.') ? 1 : 0)
    groups.push(...Array<string>(Math.max(0, 8 - given)).fill('0'), ...rest)
  }
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${prefix.join(':')}::/64`
}

/** IPv4 within IPv6 is IPv4 (RFC 4291 §2.5.5.2). */
const plain = (address: string): string =>
  /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
