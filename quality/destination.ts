// Where messages may go. Whoever may set a webhook must not reach through it what only this server
// can reach (server-side request forgery, CWE-918): https only, and no address of this machine, its
// networks or the cloud's metadata service, judged after the name was looked up and used as judged.
// The operator names the exceptions.
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export type AllowedHosts = ReadonlySet<string>

/** Why nothing may be sent there; undefined when it may, as far as the URL tells. */
export function refuseUrl(text: string, allowed: AllowedHosts): string | undefined {
  if (!URL.canParse(text)) return 'is no URL'
  const url = new URL(text)
  const host = hostOf(url)
  const known = allowed.has(host)
  if (url.protocol !== 'https:' && !(known && url.protocol === 'http:'))
    return known ? 'want https:// or http://' : 'want https://'
  if (url.username !== '' || url.password !== '') return 'must hold no user and password'
  if (url.hash !== '') return 'must have no fragment'
  if (!known && isIP(host) !== 0 && isInside(host)) return insideReason(host)
  return undefined
}

/**
 * A look-up that answers only addresses that may be reached: the socket connects to these and looks
 * up nothing again, so that a name that changes between the two (DNS rebinding) gains nothing.
 * `ask`: who knows addresses.
 */
export const guardedLookup = (allowed: AllowedHosts, ask: Ask = lookup): LookupFunction =>
  ((host: string, options: LookupOptions, found: Found) => {
    ask(host, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error)
      const inside = allowed.has(host) ? undefined : addresses.find((one) => isInside(one.address))
      // One private address among public ones is a trick, not a choice.
      if (inside) return found(new Error(insideReason(host)))
      if (options.all) return found(null, addresses)
      const [first] = addresses
      return first
        ? found(null, first.address, first.family)
        : found(new Error(`${host} has no address`))
    })
  }) as LookupFunction

/** Of this machine, a private network or none that the world can reach (IANA special-purpose). */
export const isInside = (address: string): boolean => {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  return special[family].check(address, family)
}

type Ask = (
  host: string,
  options: LookupOptions & { all: true },
  found: (error: Error | null, addresses: LookupAddress[]) => void,
) => void
type Found = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

const insideReason = (host: string): string =>
  `${host} is an address of this machine or of a private network; the operator may allow it`

/** As names are looked up: without the brackets of an IPv6 address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

// Two lists: in one, the IPv4 addresses written in IPv6 would stand for all of IPv4.
const special = { ipv4: new BlockList(), ipv6: new BlockList() }
const specialNets: [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  // What is written in IPv6 and reaches IPv4: mapped, translated, 6to4, Teredo.
  ['::ffff:0:0', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
  ['5f00::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]
for (const [net, prefix, family] of specialNets) special[family].addSubnet(net, prefix, family)
