// What an operator sees from outside while stores go away and come back: readiness by role, figures,
// and a log in which no secret ever stands.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Influxd, influxdPath, startInfluxd } from '../influxd.ts'
import { type Nats, natsPath, startNats } from '../nats.ts'
import { type Postgres, postgresPath, startPostgres } from '../postgres.ts'
import { connectMqtt, newFolder, run, startServer, type TestServer } from './server.ts'

const missing = [
  influxdPath ? '' : 'influxd',
  postgresPath ? '' : 'postgres',
  natsPath ? '' : 'nats-server',
].filter((name) => name !== '')
const reason = missing.length > 0 ? `no ${missing.join(', ')} here` : ''
const patience = { timeout: 30_000, interval: 100 }

const secrets = {
  admin: 'secret-of-the-administrator',
  influx: 'secret-of-influx',
  postgres: 'secret-of-postgres',
  nats: 'secret-of-nats',
  wrong: 'secret-that-is-wrong',
  cookie: 'secret-of-a-cookie',
}

it.each([
  ['ISOTHERM_LOG_URL', 'nats://isotherm:SECRET@127.0.0.1:9', 'NATS at 127.0.0.1:9'],
  ['ISOTHERM_LOG_URL', 'nats://isotherm:SECRET@127.0.0.1:9?copies=3', 'ISOTHERM_LOG_URL'],
  ['ISOTHERM_LEDGER_URL', 'postgres://isotherm:SECRET@127.0.0.1:9/x', 'PostgreSQL at 127.0.0.1:9'],
  ['ISOTHERM_LEDGER_URL', 'postgres://isotherm:SECRET@127.0.0.1:99999/x', 'ISOTHERM_LEDGER_URL'],
  ['ISOTHERM_SERIES_URL', 'influxdb://isotherm:SECRET@127.0.0.1:99999/x', 'ISOTHERM_SERIES_URL'],
  ['ISOTHERM_SERIES_URL', 'influxdb://isotherm:SECRET%@127.0.0.1:9/x', '%25 for each %'],
  ['ISOTHERM_OTLP_URL', 'http://isotherm:SECRET%@127.0.0.1:9', '%25 for each %'],
  ['ISOTHERM_OTLP_URL', 'http://isotherm:SECRET@127.0.0.1:99999', 'ISOTHERM_OTLP_URL'],
  ['ISOTHERM_MQTT_UPSTREAM_URL', 'mqtt://isotherm:SECRET@h:99999', 'ISOTHERM_MQTT_UPSTREAM_URL'],
])(
  'a start that %s=%s makes fail names what is wrong and not its password',
  async (setting, url, named) => {
    const env = { ISOTHERM_DATA_DIR: newFolder(), ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0' }
    const password = 'secret-in-a-url'
    const settings = { ...env, [setting]: url.replace('SECRET', password) }
    const { code, stdout, stderr } = await run(['serve'], { env: settings })
    expect(code).toBe(1)
    expect(stderr).toContain(named)
    expect(stdout + stderr).not.toContain(password)
    expect(stderr).not.toMatch(/^ +at /m)
  },
  60_000,
)

describe.skipIf(reason !== '')(`an operator${reason && ` (skipped: ${reason})`}`, () => {
  let influxd: Influxd
  let postgres: Postgres
  let nats: Nats
  const servers: Record<'broker' | 'others', TestServer> = {} as never
  let deviceToken = ''

  beforeAll(async () => {
    ;[influxd, postgres, nats] = await Promise.all([
      startInfluxd({ auth: { user: 'isotherm', password: secrets.influx } }),
      startPostgres({ untouched: true }),
      startNats(),
    ])
    const ledger = new URL(await postgres.createDatabase())
    ledger.password = secrets.postgres
    const env = {
      ISOTHERM_ADMIN_TOKEN: secrets.admin,
      ISOTHERM_LOG_LEVEL: 'debug',
      ISOTHERM_LOG_URL: `nats://isotherm:${secrets.nats}@${nats.servers[0]}?partitions=1`,
      ISOTHERM_SERIES_URL: `influxdb://isotherm:${secrets.influx}@${new URL(influxd.url).host}/readings`,
      ISOTHERM_LEDGER_URL: ledger.href,
    }
    const roles = { broker: 'broker', others: 'record,detect,api' }
    for (const [name, ISOTHERM_ROLES] of Object.entries(roles))
      servers[name as keyof typeof servers] = await startServer({ env: { ...env, ISOTHERM_ROLES } })
    const { token } = await servers.others.api<{ token: string }>('POST', '/api/v1/devices', {
      id: 'logger-1',
    })
    deviceToken = token
  }, 120_000)
  afterAll(async () => {
    for (const server of Object.values(servers)) await server.stop()
    await Promise.all([influxd.stop(), postgres.stop(), nats.stop()])
  }, 60_000)

  const linesOf = (server: TestServer): Record<string, unknown>[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  const ready = async (server: TestServer): Promise<{ status: number; parts: object }> => {
    const answer = await server.ask('GET', '/readyz', { token: '' })
    return { status: answer.status, parts: ((await answer.json()) as { parts: object }).parts }
  }
  const publish = async (time: string): Promise<void> => {
    const client = await connectMqtt(servers.broker, { id: 'logger-1', token: deviceToken })
    const body = JSON.stringify({ time, temperature: 5 })
    await client.publishAsync('v1/default/logger-1/readings', body, { qos: 1 })
    await client.endAsync()
  }

  it('finds every role ready, each with the parts it needs', async () => {
    expect(await ready(servers.broker)).toEqual({ status: 200, parts: { log: 'up', ledger: 'up' } })
    await vi.waitFor(async () => {
      const up = {
        log: 'up',
        series: 'up',
        ledger: 'up',
        record: 'up',
        capture: 'up',
        detect: 'up',
        deliveries: 'up',
      }
      expect(await ready(servers.others)).toEqual({ status: 200, parts: up })
    }, patience)
    const nothing = await servers.broker.ask('GET', '/api/v1/devices')
    expect(nothing.status).toBe(404)
    const figures = await (await servers.broker.ask('GET', '/metrics')).text()
    expect(figures).toMatch(/^isotherm_mqtt_connections \d/m)
  })

  it('sees what waits when the series store dies, while brokers stay ready', async () => {
    await influxd.kill()
    await publish('2026-03-02T09:00:00Z')
    await vi.waitFor(async () => {
      const { status, parts } = await ready(servers.others)
      expect(status).toBe(503)
      expect(parts).toMatchObject({ series: 'waiting', record: 'waiting', log: 'up', ledger: 'up' })
    }, patience)
    expect((await servers.others.ask('GET', '/livez', { token: '' })).status).toBe(200)
    expect(await ready(servers.broker)).toEqual({ status: 200, parts: { log: 'up', ledger: 'up' } })
    await vi.waitFor(async () => {
      const figures = await (await servers.others.ask('GET', '/metrics')).text()
      expect(figures).toMatch(/^isotherm_up\{part="series"\} 0$/m)
      expect(figures).toMatch(/^isotherm_follower_lag\{follower="record",partition="\d+"\} [1-9]/m)
      const age = /^isotherm_follower_oldest_age_seconds\{follower="record",[^}]*\} (\S+)$/m
      expect(Number(age.exec(figures)?.[1])).toBeGreaterThan(0)
      expect(figures).toMatch(/^isotherm_step_failures_total\{follower="record"\} [1-9]/m)
      expect(figures).toMatch(/^isotherm_last_failure_timestamp_seconds\{part="series"\} 1\.?\d+/m)
    }, patience)
  })

  it('sees it come back, with one line each in the log', async () => {
    await influxd.restart()
    await vi.waitFor(async () => expect((await ready(servers.others)).status).toBe(200), patience)
    await vi.waitFor(async () => {
      const figures = await (await servers.others.ask('GET', '/metrics')).text()
      expect(figures).toMatch(/^isotherm_follower_lag\{follower="record",partition="\d+"\} 0$/m)
    }, patience)
    const about = linesOf(servers.others).filter(({ part }) => part === 'series')
    expect(about.map(({ level }) => level)).toEqual([40, 30])
    expect(about[0]).toMatchObject({ msg: expect.stringContaining('is away') })
    expect(about[1]).toMatchObject({ msg: 'is back', awayMs: expect.any(Number) })
  })

  it('reads how each process started, and who was turned away', async () => {
    await expect(
      connectMqtt(servers.broker, { id: 'logger-1', token: secrets.wrong }),
    ).rejects.toThrow()
    const refused = await servers.others.ask('GET', '/api/v1/devices', {
      token: secrets.wrong,
      headers: { Cookie: secrets.cookie },
    })
    expect(refused.status).toBe(401)
    const requestId = refused.headers.get('X-Request-Id')
    await vi.waitFor(() => {
      expect(linesOf(servers.broker)).toContainEqual(
        expect.objectContaining({
          level: 20,
          reason: expect.stringMatching(/credentials|refused|authori/i),
        }),
      )
      expect(linesOf(servers.others)).toContainEqual(
        expect.objectContaining({ level: 20, route: '/api/v1/devices', status: 401, requestId }),
      )
    }, patience)
    expect(linesOf(servers.broker)[0]).toMatchObject({
      msg: 'started',
      roles: ['broker'],
      log: 'nats',
      series: 'influxdb',
      ledger: 'postgres',
      httpUrl: servers.broker.url,
    })
  })

  it('finds no secret in any line, also when stores refuse and die', async () => {
    await postgres.kill()
    await servers.others.ask('GET', '/api/v1/devices', { token: deviceToken })
    await vi.waitFor(async () => {
      const { status, parts } = await ready(servers.others)
      expect([status, parts]).toEqual([503, expect.objectContaining({ ledger: 'waiting' })])
    }, patience)
    await postgres.restart()
    await vi.waitFor(async () => expect((await ready(servers.others)).status).toBe(200), patience)
    for (const server of Object.values(servers)) await server.stop()
    for (const server of Object.values(servers)) {
      const text = server.output()
      expect(text).toContain('"msg":"stopped"')
      for (const secret of [...Object.values(secrets), deviceToken]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(Buffer.from(secret).toString('base64'))
      }
    }
  }, 90_000)
})
