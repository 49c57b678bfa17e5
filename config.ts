// Every setting, parsed once, and the bounds (config-bounds.ts). The only reader of the
// environment. An unknown ISOTHERM_* is an error, so that a misspelt setting cannot be ignored
// silently.
import { join } from 'node:path'
import {
  type LedgerSetting,
  type LogSetting,
  parseContact,
  parseGln,
  parseHosts,
  parseLedgerUrl,
  parseLogUrl,
  parseNetworks,
  parseOtlpUrl,
  parseRoles,
  parseRoot,
  parseSeriesUrl,
  parseSmtpUrl,
  parseUpstreamUrl,
  type Role,
  refuseLonelyRoles,
  type SeriesSetting,
  type SmtpSetting,
  type UpstreamSetting,
} from './config-urls.ts'
import { OperatorError } from './domain/refusal.ts'

export { bounds } from './config-bounds.ts'

export interface Config {
  dataDir: string
  listen: string
  httpPort: number
  mqttPort: number
  /** MQTT over WebSocket is served by the HTTP port at this path. */
  mqttWebSocketPath: string
  adminToken: string | undefined
  logBytesMax: number
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  retentionDays: number | undefined
  log: LogSetting
  series: SeriesSetting
  ledger: LedgerSetting
  roles: ReadonlySet<Role>
  /** Where backups of the embedded stores are made. */
  backupDir: string
  /** A broker or cluster whose packets are taken in as well. */
  upstream: UpstreamSetting | undefined
  /** Where OpenTelemetry traces go (OTLP over HTTP). */
  otlpUrl: string | undefined
  /** Hosts that may be told over plain HTTP and on private addresses; all others only by https. */
  webhookAllow: ReadonlySet<string>
  /** Where e-mail is handed in; without it, none is sent. */
  smtp: SmtpSetting | undefined
  /** Where people reach the console, for links in messages. */
  publicUrl: string | undefined
  /** Scans by people without a token: whose units they are about, and how they come here. */
  strangers: {
    tenant: string
    proxies: readonly string[]
    resolverUrl: string | undefined
    responderGln: string | undefined
    contact: string | undefined
  }
}

const MiB = 1024 * 1024

/** Throws OperatorError that names the setting and what would be right. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = new Set<string>()
  const text = (name: string, fallback: string): string => {
    known.add(name)
    return env[name] === undefined || env[name] === '' ? fallback : env[name]
  }
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const raw = text(name, String(fallback))
    const value = Number(raw)
    if (!Number.isInteger(value) || value < min || value > max)
      throw new OperatorError(
        `${name}=${raw} is not a whole number from ${min} to ${max}`,
        `set ${name} to such a number, or unset it for ${fallback}`,
      )
    return value
  }
  const choice = <T extends string>(name: string, fallback: T, choices: readonly T[]): T => {
    const raw = text(name, fallback)
    if (!(choices as readonly string[]).includes(raw))
      throw new OperatorError(`${name}=${raw} is not known`, `use one of ${choices.join(', ')}`)
    return raw as T
  }
  const adminToken = text('ISOTHERM_ADMIN_TOKEN', '')
  if (adminToken !== '' && adminToken.length < 16)
    throw new OperatorError('ISOTHERM_ADMIN_TOKEN is too short', 'use at least 16 characters')
  const retentionDays = number('ISOTHERM_RETENTION_DAYS', 0, 0, 36_500)
  const dataDir = text('ISOTHERM_DATA_DIR', './data')
  const config: Config = {
    dataDir,
    backupDir: text('ISOTHERM_BACKUP_DIR', join(dataDir, 'backups')),
    listen: text('ISOTHERM_LISTEN', '127.0.0.1'),
    httpPort: number('ISOTHERM_HTTP_PORT', 8080, 0, 65_535),
    mqttPort: number('ISOTHERM_MQTT_PORT', 1883, 0, 65_535),
    mqttWebSocketPath: '/mqtt',
    adminToken: adminToken || undefined,
    logBytesMax: number('ISOTHERM_LOG_MAX_MIB', 4096, 4, 1_048_576) * MiB,
    logLevel: choice('ISOTHERM_LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
    retentionDays: retentionDays || undefined,
    log: parseLogUrl('ISOTHERM_LOG_URL', text('ISOTHERM_LOG_URL', 'lmdb:')),
    series: parseSeriesUrl('ISOTHERM_SERIES_URL', text('ISOTHERM_SERIES_URL', 'duckdb:')),
    ledger: parseLedgerUrl('ISOTHERM_LEDGER_URL', text('ISOTHERM_LEDGER_URL', 'sqlite:')),
    roles: parseRoles('ISOTHERM_ROLES', text('ISOTHERM_ROLES', '')),
    upstream: parseUpstreamUrl(
      'ISOTHERM_MQTT_UPSTREAM_URL',
      text('ISOTHERM_MQTT_UPSTREAM_URL', ''),
    ),
    otlpUrl: parseOtlpUrl('ISOTHERM_OTLP_URL', text('ISOTHERM_OTLP_URL', '')),
    webhookAllow: parseHosts('ISOTHERM_WEBHOOK_ALLOW', text('ISOTHERM_WEBHOOK_ALLOW', '')),
    smtp: parseSmtpUrl('ISOTHERM_SMTP_URL', text('ISOTHERM_SMTP_URL', '')),
    publicUrl: parseRoot('ISOTHERM_PUBLIC_URL', text('ISOTHERM_PUBLIC_URL', '')),
    strangers: {
      tenant: text('ISOTHERM_RESOLVER_TENANT', 'default'),
      proxies: parseNetworks('ISOTHERM_TRUSTED_PROXIES', text('ISOTHERM_TRUSTED_PROXIES', '')),
      resolverUrl: parseRoot('ISOTHERM_RESOLVER_URL', text('ISOTHERM_RESOLVER_URL', '')),
      responderGln: parseGln('ISOTHERM_RESPONDER_GLN', text('ISOTHERM_RESPONDER_GLN', '')),
      contact: parseContact('ISOTHERM_CONSUMER_CONTACT', text('ISOTHERM_CONSUMER_CONTACT', '')),
    },
  }
  refuseLonelyRoles(config)
  // Read by the command line and the test suites, not by the server.
  for (const name of ['ISOTHERM_URL', 'ISOTHERM_TOKEN']) known.add(name)
  for (const name of Object.keys(env)) {
    if (!name.startsWith('ISOTHERM_') || known.has(name) || name.startsWith('ISOTHERM_TEST_'))
      continue
    throw new OperatorError(`${name} is not a setting`, `known: ${[...known].sort().join(', ')}`)
  }
  return config
}
