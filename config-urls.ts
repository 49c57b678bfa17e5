// Where the stores are, as one URL each. Secrets may stand in them, so no error here shows more
// than the name of the setting and the part that is wrong.
import { isIP } from 'node:net'
import { checkDigit } from './domain/gs1/linters.ts'
import { OperatorError } from './domain/refusal.ts'

export type Role = 'broker' | 'record' | 'detect' | 'api'

export const roles: readonly Role[] = ['broker', 'record', 'detect', 'api']

export type LogSetting = { kind: 'lmdb' } | ({ kind: 'nats' } & NatsSetting)

export interface NatsSetting {
  /** host:port */
  servers: string[]
  user?: string
  password?: string
  token?: string
  prefix: string
  replicas: 1 | 3 | 5
  partitions: number
}

export type SeriesSetting = { kind: 'duckdb' } | ({ kind: 'influxdb' } & InfluxSetting)

export interface InfluxSetting {
  /** http:// or https://, without credentials. */
  url: string
  /** The database of 1.x and 3.x, the bucket of 2.x. */
  bucket: string
  /** 2.x only. */
  org?: string
  token?: string
  user?: string
  password?: string
  /** Asked of the server when absent. */
  version?: 1 | 2 | 3
}

export type LedgerSetting = { kind: 'sqlite' } | { kind: 'postgres'; url: string }

export interface UpstreamSetting {
  /** mqtt:// or mqtts://, with user and password. */
  url: string
  /** Name of the shared subscription. */
  share: string
  /** Tenants whose topics this broker may carry. */
  tenants: string[]
}

export interface SmtpSetting {
  host: string
  port: number
  user?: string
  password?: string
  /** Address of the sender. */
  from: string
  /** implicit: from the first byte on. starttls: or nothing is sent. none: in clear. */
  tls: 'implicit' | 'starttls' | 'none'
}

const nameShape = /^[A-Za-z0-9_-]{1,40}$/

/** Throws OperatorError. */
export function parseLogUrl(name: string, text: string): LogSetting {
  if (text === 'lmdb:') return { kind: 'lmdb' }
  // A URL names one host; NATS clusters are given with several, which URL would not parse.
  const [, first, others] = /^(nats:\/\/[^/?,]+)((?:,[^/?,]+)*)/.exec(text) ?? []
  if (!first) throw wrong(name, 'lmdb: or nats://host:4222[,host2:4222]?replicas=3&partitions=8')
  const url = parseUrl(name, first + text.slice(first.length + others!.length), '4222')
  const query = readQuery(name, url, ['replicas', 'partitions', 'prefix'])
  const replicas = wholeNumber(name, 'replicas', query.replicas ?? '1', [1, 3, 5])
  const partitions = wholeNumber(name, 'partitions', query.partitions ?? '8', [1, 2, 4, 8, 16, 32])
  const prefix = query.prefix ?? 'isotherm'
  if (!nameShape.test(prefix)) throw wrong(name, 'a prefix of letters, digits, - and _')
  const servers = [url.host, ...others!.split(',').filter((host) => host !== '')]
  const { user, password } = url
  return {
    kind: 'nats',
    servers: servers.map((host) => (/:\d+$/.test(host) ? host : `${host}:4222`)),
    ...(user !== '' && password === '' ? { token: user } : {}),
    ...(user !== '' && password !== '' ? { user, password } : {}),
    prefix,
    replicas: replicas as 1 | 3 | 5,
    partitions,
  }
}

/** Throws OperatorError. */
export function parseSeriesUrl(name: string, text: string): SeriesSetting {
  if (text === 'duckdb:') return { kind: 'duckdb' }
  if (!/^influxdbs?:\/\//.test(text))
    throw wrong(name, 'duckdb: or influxdb://user:password@host:8086/database')
  const url = parseUrl(name, text, '8086')
  const query = readQuery(name, url, ['version', 'org'])
  const bucket = decodeURIComponent(url.path.replace(/^\//, ''))
  if (bucket === '') throw wrong(name, 'a path that names the database or bucket: …:8086/isotherm')
  const version = query.version === undefined ? undefined : Number(query.version)
  if (version !== undefined && ![1, 2, 3].includes(version)) throw wrong(name, 'version=1, 2 or 3')
  const { user, password } = url
  return {
    kind: 'influxdb',
    url: `${text.startsWith('influxdbs:') ? 'https' : 'http'}://${url.host}`,
    bucket,
    ...(query.org !== undefined && { org: query.org }),
    ...(user !== '' && password === '' ? { token: user } : {}),
    ...(user !== '' && password !== '' ? { user, password } : {}),
    ...(version !== undefined && { version: version as 1 | 2 | 3 }),
  }
}

/** Throws OperatorError. */
export function parseLedgerUrl(name: string, text: string): LedgerSetting {
  if (text === 'sqlite:') return { kind: 'sqlite' }
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw wrong(name, 'sqlite: or postgres://user:password@host:5432/database')
  return { kind: 'postgres', url: text }
}

/** Throws OperatorError. */
export function parseUpstreamUrl(name: string, text: string): UpstreamSetting | undefined {
  if (text === '') return undefined
  if (!/^mqtts?:\/\//.test(text))
    throw wrong(name, 'mqtt://user:password@host:1883?share=isotherm&tenants=default')
  const url = parseUrl(name, text, text.startsWith('mqtts:') ? '8883' : '1883')
  const query = readQuery(name, url, ['share', 'tenants'])
  const share = query.share ?? 'isotherm'
  const tenants = (query.tenants ?? 'default').split(',')
  if (!nameShape.test(share)) throw wrong(name, 'a share of letters, digits, - and _')
  if (!tenants.every((tenant) => nameShape.test(tenant)))
    throw wrong(name, 'tenants of letters, digits, - and _, separated by commas')
  return { url: text.replace(/\?.*$/, ''), share, tenants }
}

/** Throws OperatorError. */
export function parseOtlpUrl(name: string, text: string): string | undefined {
  if (text === '') return undefined
  if (!/^https?:\/\//.test(text)) throw wrong(name, 'http://host:4318')
  parseUrl(name, text, '4318')
  return text
}

/**
 * `smtps://` from the first byte, `smtp://` with STARTTLS; in clear only to this machine, or when
 * `tls=none` says so. Throws OperatorError.
 */
export function parseSmtpUrl(name: string, text: string): SmtpSetting | undefined {
  if (text === '') return undefined
  if (!/^smtps?:\/\//.test(text))
    throw wrong(name, 'smtp://user:password@host:587?from=isotherm@example.com')
  const implicit = text.startsWith('smtps:')
  const url = parseUrl(name, text, implicit ? '465' : '587')
  const { from, tls = 'required' } = readQuery(name, url, ['from', 'tls'])
  if (from === undefined || !/^[^\s<>@,;:"]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(from))
    throw wrong(name, 'the address of the sender: …?from=isotherm@example.com')
  if (tls !== 'required' && tls !== 'none') throw wrong(name, 'tls=required or tls=none')
  const { user, password } = url
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(url.host) ?? []
  const loopback = /^(localhost|127(\.\d+){3}|::1)$/.test(host)
  return {
    ...{ host, port: Number(port), from },
    ...(user !== '' && { user, password }),
    tls: implicit ? 'implicit' : loopback || tls === 'none' ? 'none' : 'starttls',
  }
}

/** Throws OperatorError. All of them when nothing is said. */
export function parseRoles(name: string, text: string): ReadonlySet<Role> {
  if (text === '') return new Set(roles)
  const named = text.split(',').map((role) => role.trim())
  if (!named.every((role) => (roles as readonly string[]).includes(role)))
    throw wrong(name, `a comma-separated list of ${roles.join(', ')}`)
  return new Set(named as Role[])
}

/** Host names and addresses without port. Throws OperatorError. */
export function parseHosts(name: string, text: string): ReadonlySet<string> {
  const hosts = text.split(',').flatMap((host) => host.trim() || [])
  const asUrl = (host: string): string => `http://${host.includes(':') ? `[${host}]` : host}/`
  return new Set(
    hosts.map((host) => {
      const url = URL.canParse(asUrl(host)) ? new URL(asUrl(host)) : undefined
      const bare = url?.hostname.replace(/^\[|\]$/g, '')
      if (!bare || bare !== host.toLowerCase())
        throw wrong(name, 'a comma-separated list of host names and addresses, without ports')
      return bare
    }),
  )
}

/** Addresses and CIDR blocks, comma-separated. Throws OperatorError. */
export function parseNetworks(name: string, text: string): string[] {
  const blocks = text.split(',').flatMap((block) => block.trim() || [])
  for (const block of blocks) {
    const [address = '', bits, ...rest] = block.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
    if (isIP(address) === 0 || !fits || rest.length > 0)
      throw wrong(name, 'a comma-separated list of addresses or blocks such as 10.0.0.0/8')
  }
  return blocks
}

/** A web address without query, without a slash at its end; undefined when empty. */
export function parseRoot(name: string, text: string): string | undefined {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username === ''
  if (!plain) throw wrong(name, 'an address such as https://id.example.com')
  return text.replace(/\/+$/, '')
}

/** What a person can call, write to or open; undefined when empty. */
export function parseContact(name: string, text: string): string | undefined {
  if (text === '') return undefined
  const known = /^(?:tel:\+?[\d().-]{3,30}|mailto:[^\s"<>&?]{3,200}|https:\/\/[^\s"<>]{3,300})$/
  if (!known.test(text) || !URL.canParse(text)) throw wrong(name, 'tel:+41…, mailto:… or https://…')
  return text
}

/** 13 digits with their check digit; undefined when empty. */
export function parseGln(name: string, text: string): string | undefined {
  if (text === '') return undefined
  if (!/^\d{13}$/.test(text) || checkDigit(text.slice(0, 12)) !== text[12])
    throw wrong(name, 'a GLN of 13 digits')
  return text
}

/**
 * Embedded stores have one owner: what they hold cannot be seen by another process. Throws
 * OperatorError.
 */
export function refuseLonelyRoles(config: {
  roles: ReadonlySet<Role>
  log: LogSetting
  series: SeriesSetting
  ledger: LedgerSetting
}): void {
  if (config.roles.size === roles.length) return
  const embedded = [
    config.log.kind === 'lmdb' ? 'ISOTHERM_LOG_URL=nats://…' : '',
    config.series.kind === 'duckdb' ? 'ISOTHERM_SERIES_URL=influxdb://…' : '',
    config.ledger.kind === 'sqlite' ? 'ISOTHERM_LEDGER_URL=postgres://…' : '',
  ].filter((setting) => setting !== '')
  if (embedded.length > 0)
    throw new OperatorError(
      'ISOTHERM_ROLES names some roles only, and embedded stores cannot be shared by processes',
      `set ${embedded.join(' and ')}, or unset ISOTHERM_ROLES`,
    )
}

interface ParsedUrl {
  /** host:port */
  host: string
  path: string
  user: string
  password: string
  query: URLSearchParams
}

function parseUrl(name: string, text: string, defaultPort: string): ParsedUrl {
  // Schemes that URL does not know are parsed without their host's port and letter case rules.
  const plain = text.replace(/^[a-z]+:\/\//, 'http://')
  if (!URL.canParse(plain)) throw wrong(name, 'scheme://user:password@host:port')
  const url = new URL(plain)
  const hasPort = /:\d+$/.test(/^http:\/\/(?:[^@/?]*@)?([^/?]*)/.exec(plain)?.[1] ?? '')
  return {
    host: `${url.hostname}:${hasPort ? url.port || '80' : defaultPort}`,
    path: url.pathname,
    user: decodeCredential(name, url.username),
    password: decodeCredential(name, url.password),
    query: url.searchParams,
  }
}

function decodeCredential(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong(name, 'a URL with %25 for each % in its user and password')
  }
}

function readQuery<K extends string>(
  name: string,
  url: ParsedUrl,
  known: readonly K[],
): Partial<Record<K, string>> {
  const found: Partial<Record<string, string>> = {}
  for (const [key, value] of url.query) {
    if (!(known as readonly string[]).includes(key))
      throw wrong(name, `no other parameters than ${known.join(', ')}`)
    found[key] = value
  }
  return found as Partial<Record<K, string>>
}

function wholeNumber(name: string, key: string, text: string, allowed: readonly number[]): number {
  const value = Number(text)
  if (!allowed.includes(value)) throw wrong(name, `${key} as one of ${allowed.join(', ')}`)
  return value
}

const wrong = (name: string, want: string): OperatorError =>
  new OperatorError(`${name} is not as it should be`, `set ${name} to ${want}`)
