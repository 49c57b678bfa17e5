// Where the stores are: what each URL means, and that a wrong one is told without its secrets.
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import {
  parseContact,
  parseLedgerUrl,
  parseLogUrl,
  parseRoles,
  parseSeriesUrl,
  parseSmtpUrl,
  parseUpstreamUrl,
} from '../config-urls.ts'
import { OperatorError } from '../domain/refusal.ts'

describe('the URL of a store', () => {
  it('names the embedded one by default', () => {
    const { log, series, ledger, roles } = parseConfig({})
    expect([log.kind, series.kind, ledger.kind]).toEqual(['lmdb', 'duckdb', 'sqlite'])
    expect([...roles]).toEqual(['broker', 'record', 'detect', 'api'])
  })

  it('names NATS servers, with a token or a user, and how the log is spread over them', () => {
    expect(parseLogUrl('L', 'nats://n1:4222')).toEqual({
      kind: 'nats',
      servers: ['n1:4222'],
      prefix: 'isotherm',
      replicas: 1,
      partitions: 8,
    })
    const cluster = 'nats://us%40er:p%2Fw@n1,n2:4333,n3?replicas=3&partitions=16&prefix=cold'
    expect(parseLogUrl('L', cluster)).toEqual({
      kind: 'nats',
      servers: ['n1:4222', 'n2:4333', 'n3:4222'],
      user: 'us@er',
      password: 'p/w',
      prefix: 'cold',
      replicas: 3,
      partitions: 16,
    })
    expect(parseLogUrl('L', 'nats://secret@n1')).toMatchObject({ token: 'secret' })
  })

  it('names an InfluxDB of any version, over HTTP or HTTPS', () => {
    expect(parseSeriesUrl('S', 'influxdb://u:p@host/cold')).toEqual({
      kind: 'influxdb',
      url: 'http://host:8086',
      bucket: 'cold',
      user: 'u',
      password: 'p',
    })
    expect(parseSeriesUrl('S', 'influxdbs://t0ken@h:443/a%20b?version=2&org=acme')).toEqual({
      kind: 'influxdb',
      url: 'https://h:443',
      bucket: 'a b',
      org: 'acme',
      token: 't0ken',
      version: 2,
    })
  })

  it('names a PostgreSQL and an MQTT broker outside', () => {
    const url = 'postgres://u:p@h/isotherm?sslmode=require'
    expect(parseLedgerUrl('P', url)).toEqual({ kind: 'postgres', url })
    expect(parseUpstreamUrl('M', '')).toBeUndefined()
    expect(parseUpstreamUrl('M', 'mqtts://u:p@h?share=cold&tenants=a,b')).toEqual({
      url: 'mqtts://u:p@h',
      share: 'cold',
      tenants: ['a', 'b'],
    })
  })

  it.each([
    ['ISOTHERM_LOG_URL', 'kafka://user:geheim@h'],
    ['ISOTHERM_LOG_URL', 'nats://user:geheim@h?replicas=2'],
    ['ISOTHERM_LOG_URL', 'nats://user:geheim@h?partitions=7'],
    ['ISOTHERM_LOG_URL', 'nats://user:geheim@h?prefix=a.b'],
    ['ISOTHERM_LOG_URL', 'nats://'],
    ['ISOTHERM_SERIES_URL', 'influxdb://user:geheim@h'],
    ['ISOTHERM_SERIES_URL', 'influxdb://user:geheim@h/db?version=4'],
    ['ISOTHERM_SERIES_URL', 'influxdb://user:geheim@h/db?password=geheim'],
    ['ISOTHERM_LEDGER_URL', 'mysql://user:geheim@h/db'],
    ['ISOTHERM_MQTT_UPSTREAM_URL', 'http://user:geheim@h'],
    ['ISOTHERM_MQTT_UPSTREAM_URL', 'mqtt://user:geheim@h?tenants=+'],
    ['ISOTHERM_SMTP_URL', 'smtp://user:geheim@h:587'],
    ['ISOTHERM_SMTP_URL', 'smtp://user:geheim@h:587?from=a@b.c&tls=geheim'],
    ['ISOTHERM_PUBLIC_URL', 'https://user:geheim@h'],
    ['ISOTHERM_ROLES', 'broker,geheim'],
  ])('is refused by the name of its setting, without the secret: %s=%s', (name, text) => {
    const parse = (): unknown => parseConfig({ [name]: text })
    expect(parse).toThrow(OperatorError)
    expect(parse).toThrow(name)
    expect(parse).not.toThrow('geheim')
  })
})

it('mail is handed in encrypted, but to this machine or when told otherwise', () => {
  const of = (text: string) => parseSmtpUrl('S', text)
  expect(of('')).toBeUndefined()
  expect(of('smtp://us%40er:p%2Fw@mail.example.com?from=qa@example.com')).toEqual({
    ...{ host: 'mail.example.com', port: 587, user: 'us@er', password: 'p/w' },
    ...{ from: 'qa@example.com', tls: 'starttls' },
  })
  expect(of('smtps://mail.example.com?from=qa@example.com')).toEqual({
    ...{ host: 'mail.example.com', port: 465, from: 'qa@example.com', tls: 'implicit' },
  })
  expect(of('smtp://10.0.0.7:25?from=qa@example.com&tls=none')).toMatchObject({ tls: 'none' })
  for (const host of ['127.0.0.1:2525', 'localhost', '[::1]:25'])
    expect(of(`smtp://${host}?from=qa@example.com`)).toMatchObject({ tls: 'none' })
  for (const from of ['', '?from=qa', '?from=a@b%0d%0aBcc:c@d'])
    expect(() => of(`smtp://mail.example.com${from}`)).toThrow(OperatorError)
})

it('who answers for products is called, written to or opened, and nothing else', () => {
  for (const right of ['tel:+41-44-000', 'mailto:care@example.com', 'https://example.com/ask'])
    expect(parseContact('X', right)).toBe(right)
  expect(parseContact('X', '')).toBeUndefined()
  for (const wrong of ['javascript:alert(1)', 'http://example.com', 'tel:"><b>', '+41 44'])
    expect(() => parseContact('X', wrong)).toThrow(OperatorError)
})

it('roles are a list, and some of them only need stores that processes can share', () => {
  expect([...parseRoles('R', 'api, detect')]).toEqual(['api', 'detect'])
  const shared = {
    ISOTHERM_LOG_URL: 'nats://n1',
    ISOTHERM_SERIES_URL: 'influxdb://h/db',
    ISOTHERM_LEDGER_URL: 'postgres://h/db',
    ISOTHERM_ROLES: 'broker',
  }
  expect(parseConfig(shared).roles.has('api')).toBe(false)
  for (const name of ['ISOTHERM_LOG_URL', 'ISOTHERM_SERIES_URL', 'ISOTHERM_LEDGER_URL'])
    expect(() => parseConfig({ ...shared, [name]: undefined })).toThrow(OperatorError)
})
