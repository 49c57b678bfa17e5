// Isotherm on InfluxDB and PostgreSQL, filled by the simulated fleet over MQTT and HTTP, scraped by
// Prometheus, and read by the login that docs tell operators to make for Grafana. All real.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import pg from 'pg'
import { type Config, parseConfig } from '../config.ts'
import { type Server, serve } from '../main.ts'
import { demoWorld } from '../simulators/demo-world.ts'
import { speak } from '../simulators/speak.ts'
import type { World } from '../simulators/world.ts'
import type { Sources } from './grafana-queries.ts'
import { influxdPath, startInfluxd } from './influxd.ts'
import { epcisEvent } from './pipeline.ts'
import { postgresPath, startPostgres } from './postgres.ts'
import { prometheusPath, startPrometheus } from './prometheus.ts'

export const missing: string | undefined =
  [
    influxdPath === undefined && 'influxd',
    postgresPath === undefined && 'PostgreSQL',
    prometheusPath === undefined && 'Prometheus',
  ]
    .filter((name) => name !== false)
    .join(', ') || undefined

export interface GrafanaWorld {
  sources: Sources
  /** Of the ledger, past every row-level policy. */
  owner: pg.Client
  isothermUrl: string
  token: string
  /** A logger of the fleet that also sent nonsense. */
  babbling: string
  stop(): Promise<void>
}

const token = 'administrator-of-this-test'
const hour = 3_600_000

/** The SQL that dashboards/grafana/README.md tells to run, word for word. */
export async function startGrafanaWorld(loginSql: string): Promise<GrafanaWorld> {
  const closing: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    const failed: unknown[] = []
    for (const close of closing.splice(0).reverse())
      await close().catch((error: unknown) => failed.push(error))
    if (failed.length > 0) throw failed[0]
  }
  try {
    const [influxd, postgres] = await Promise.all([startInfluxd(), startPostgres()])
    closing.push(influxd.stop, postgres.stop)
    const ledgerUrl = await postgres.createLedger()
    const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-grafana-'))
    closing.push(async () => rmSync(dataDir, { recursive: true, force: true }))
    const server = await serve({
      ...configOf(influxd.url, ledgerUrl),
      dataDir,
    })
    closing.push(server.close)
    const prometheus = await startPrometheus({ target: server.httpUrl, token })
    closing.push(prometheus.stop)
    const babbling = await fill(server)
    const owner = await connect(ledgerUrl)
    closing.push(() => owner.end())
    await owner.query(loginSql)
    const grafana = new URL(ledgerUrl)
    grafana.username = 'grafana'
    const client = await connect(grafana.href)
    closing.push(() => client.end())
    await prometheus.scraped(5)
    return {
      isothermUrl: server.httpUrl,
      token,
      babbling,
      owner,
      sources: {
        influxUrl: influxd.url,
        influxDatabase: 'isotherm',
        postgres: client,
        prometheusUrl: prometheus.url,
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const configOf = (influxUrl: string, ledgerUrl: string): Config => ({
  ...parseConfig({
    ISOTHERM_SERIES_URL: `influxdb://${new URL(influxUrl).host}/isotherm`,
    ISOTHERM_LEDGER_URL: ledgerUrl,
  }),
  httpPort: 0,
  mqttPort: 0,
  adminToken: token,
  logLevel: 'silent',
})

/**
 * The demo's fleet up to now, a logger that fell silent five hours ago, and nonsense from one of the
 * fleet.
 */
async function fill(server: Server): Promise<string> {
  const now = Date.now()
  const world = demoWorld({ seed: 1, now })
  const tokens = new Map<string, string>()
  const to = { httpUrl: server.httpUrl, mqttUrl: server.mqttUrl!, token, tokens }
  await speak({ ...world, actions: until(world, now) }, to).done
  const giai = 'https://id.gs1.org/8004/9521234LOG1'
  await call(server, '/api/v1/devices', { id: 'fell-silent', giai, loggingIntervalSeconds: 600 })
  await call(server, '/epcis/capture', mounting(giai, now - 8 * hour))
  const readings = Array.from({ length: 12 }, (_, i) => ({
    time: now - 7 * hour + i * 600_000,
    temperature: 20 + i,
  }))
  await call(server, '/api/v1/readings?device=fell-silent', readings)
  const [babbling, password] = tokens.entries().next().value!
  const client = await mqtt.connectAsync(server.mqttUrl!, { username: babbling, password })
  const nonsense = '{"temperature": "warm"}'
  await client.publishAsync(`v1/default/${babbling}/readings`, nonsense, { qos: 1 })
  await client.endAsync()
  await fillTraces(server, now)
  await server.settled()
  return babbling
}

/** A case in two pallets, a drill, scans, a partner's question, a webhook and a file. */
async function fillTraces(server: Server, now: number): Promise<void> {
  const unit = 'https://id.gs1.org/01/09521234543213/21/TRACED'
  const packing = (parent: string, at: number): object =>
    epcisEvent('AggregationEvent', at, { action: 'ADD', parentID: parent, childEPCs: [unit] })
  const pallets = ['095212340000001119', '095212340000001126'].map(
    (sscc) => `https://id.gs1.org/00/${sscc}`,
  )
  const mapping = { kind: 'serials', columns: { epc: 1, eventTime: 2 }, header: false }
  await call(server, '/api/v1/mappings/serials', mapping, { method: 'PUT' })
  const row = `${unit},${new Date(now - 5 * hour).toISOString()}\n`
  await call(server, '/api/v1/loads?mapping=serials', row, { type: 'text/csv' })
  const events = pallets.map((parent, i) => packing(parent, now - (4 - i) * hour))
  await call(server, '/epcis/capture', documentOf(now, events))
  await server.settled()
  await call(server, '/api/v1/webhooks', {
    url: 'https://receiver.example/hook',
    kinds: ['recall.started'],
  })
  await call(server, '/api/v1/recalls', {
    ...{ name: 'Exercise', reason: 'to see that it works', drill: true },
    criteria: { version: 1, allOf: [{ field: 'gtin', anyOf: ['09521234543213'] }] },
  })
  await call(server, '/api/v1/scans', { session: 'till-1', scans: [{ text: unit }] })
  await call(server, '/api/v1/verifications', { gtin: '09521234543213', serial: 'TRACED' })
  await fillCases(server, now)
}

/** Two units that were in Lisbon and Warsaw within the hour; of one a person says what it is. */
async function fillCases(server: Server, now: number): Promise<void> {
  const units = ['COPIED1', 'COPIED2'].map((n) => `https://id.gs1.org/01/09521234543213/21/${n}`)
  const made = { action: 'ADD', bizStep: 'commissioning', epcList: units }
  const event = epcisEvent('ObjectEvent', now - 9 * hour, made)
  await call(server, '/epcis/capture', documentOf(now, [event]))
  await server.settled()
  for (const unit of units)
    for (const [place, age] of [
      ['eyck', 3],
      ['u3qc', 2.4],
    ] as const) {
      const time = new Date(now - age * hour).toISOString()
      const scans = [{ text: unit, time }]
      await call(server, '/api/v1/scans', { session: `phone ${place} ${unit}`, place, scans })
    }
  await server.settled()
  const { items } = await told<{ items: { id: string }[] }>(server, '/api/v1/cases')
  if (items.length < units.length) throw new Error(`${items.length} cases of ${units.length}`)
  const verdict = { verdict: 'confirmed', reason: 'both labels were held against each other' }
  await call(server, `/api/v1/cases/${items[0]!.id}/verdict`, verdict)
}

async function told<T>(server: Server, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.httpUrl}${path}`, { headers })
  return (await answer.json()) as T
}

function* until({ actions }: World, end: number): World['actions'] {
  for (const action of actions) {
    if (action.at > end) return
    yield action
  }
}

const mounting = (giai: string, time: number): object =>
  documentOf(time, [
    epcisEvent('AssociationEvent', time, {
      action: 'ADD',
      parentID: 'https://id.gs1.org/00/095212340000000013',
      childEPCs: [giai],
    }),
  ])

const documentOf = (time: number, eventList: object[]): object => ({
  '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: new Date(time).toISOString(),
  epcisBody: { eventList },
})

async function call(
  server: Server,
  path: string,
  body: unknown,
  { method = 'POST', type = 'application/json' } = {},
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.httpUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  return client
}
