import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { type Server, serve } from '../main.ts'
import { connectMqtt } from './e2e/server.ts'
import * as story from './e2e/story.ts'

const token = 'administrator-of-this-test'
const folder = mkdtempSync(join(tmpdir(), 'isotherm-metrics-'))
let server: Server
let listener: story.Listener

beforeAll(async () => {
  const config = parseConfig({
    ISOTHERM_DATA_DIR: join(folder, 'data'),
    ISOTHERM_HTTP_PORT: '0',
    ISOTHERM_MQTT_PORT: '0',
    ISOTHERM_ADMIN_TOKEN: token,
    ISOTHERM_LOG_LEVEL: 'silent',
    // Nothing is there: its figures are.
    ISOTHERM_MQTT_UPSTREAM_URL: 'mqtt://user:password@127.0.0.1:9',
  })
  server = await serve(config)
  const ask: story.Listener['ask'] = (method, path, { body, headers } = {}) =>
    fetch(new URL(path, server.httpUrl), {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  listener = {
    ask,
    api: async (method, path, body) => (await ask(method, path, { body })).json() as never,
  }
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const read = async (): Promise<string> => (await listener.ask('GET', '/metrics')).text()

/** The value of a sample, named as it stands in the text. */
function figureOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length + 1))
}

it('has each figure in the table of the operator’s guide with its kind, and no other', async () => {
  const kinds = [...(await read()).matchAll(/^# TYPE (isotherm_\w+) (\w+)$/gm)]
  const guide = readFileSync('docs/operations.md', 'utf8')
  const listed = [...guide.matchAll(/^\| `(isotherm_\w+)` \| (\w+) \|/gm)]
  const plain = (found: RegExpExecArray[]) => found.map(([, name, kind]) => `${name} ${kind}`)
  expect(plain(listed).sort()).toEqual(plain(kinds).sort())
  expect(await read()).toMatch(/^nodejs_eventloop_lag_seconds /m)
  expect(await read()).toMatch(/^process_resident_memory_bytes /m)
})

it('tells what came in, what became of it and how long it took', async () => {
  await story.tellProduct(listener)
  const teller = await story.tellCase(listener, 1)
  const mqttPort = Number(new URL(server.mqttUrl!).port)
  const client = await connectMqtt({ mqttPort, url: server.httpUrl }, teller)
  const topic = `v1/default/${teller.id}/readings`
  const rows = story.caseReadings()
  const body = rows.map((row) => ({
    time: new Date(row.time).toISOString(),
    temperature: row.temperature,
  }))
  await client.publishAsync(topic, JSON.stringify(body), { qos: 1 })
  await client.publishAsync(topic, '{"time": "yesterday"}', { qos: 1 })
  await client.publishAsync('v1/default/somebody-else/readings', '[]', { qos: 1 })
  await server.settled()
  const text = await read()
  const value = (sample: string): number | undefined => figureOf(text, sample)
  expect(value('isotherm_mqtt_received_total')).toBe(3)
  expect(value('isotherm_mqtt_acked_total')).toBe(3)
  expect(value('isotherm_mqtt_forbidden_total')).toBe(1)
  expect(value('isotherm_mqtt_connections')).toBe(1)
  expect(value('isotherm_series_rows_total')).toBe(rows.length)
  expect(value('isotherm_refusals_total{family="reading"}')).toBeGreaterThan(0)
  expect(value('isotherm_refusals_total{family="packet"}')).toBe(1)
  expect(value('isotherm_alerts_total{change="raised"}')).toBe(1)
  expect(value('isotherm_alert_delay_seconds_count')).toBe(1)
  const taken = value('isotherm_log_end')!
  for (const follower of ['record', 'capture', 'detect']) {
    const of = `{follower="${follower}",partition="0"}`
    expect([follower, value(`isotherm_follower_lag${of}`)]).toEqual([follower, 0])
    expect([follower, value(`isotherm_follower_oldest_age_seconds${of}`)]).toEqual([follower, 0])
    expect(value(`isotherm_step_envelopes_sum{follower="${follower}"}`)).toBe(taken)
  }
  expect(value('isotherm_ledger_duration_seconds_count')).toBeGreaterThan(0)
  expect(value('isotherm_marked_devices')).toBe(0)
  expect(value('isotherm_swept_devices_total')).toBeGreaterThan(0)
  for (const part of ['log', 'series', 'ledger', 'record', 'capture', 'detect'])
    expect([part, value(`isotherm_up{part="${part}"}`)]).toEqual([part, 1])
  await client.endAsync()
})

it('counts requests by the pattern of their route, so that nothing a caller makes up stands in it', async () => {
  const serial = encodeURIComponent(story.vialLink(1, 'made-up-serial'))
  await listener.ask('GET', `/api/v1/units/${serial}`)
  for (let i = 0; i < 50; i++) await listener.ask('GET', `/made/up/${i}`)
  await listener.ask('DELETE', '/made/up')
  const text = await read()
  expect(text).not.toMatch(/made/)
  const found = '{method="GET",route="/api/v1/units/:epc",status="4xx"}'
  expect(figureOf(text, `isotherm_http_request_duration_seconds_count${found}`)).toBe(1)
  const lost = '{method="GET",route="/*",status="4xx"}'
  expect(figureOf(text, `isotherm_http_request_duration_seconds_count${lost}`)).toBe(50)
  const none = '{method="DELETE",route="none",status="4xx"}'
  expect(figureOf(text, `isotherm_http_request_duration_seconds_count${none}`)).toBe(1)
})

it('gives every answer an id that a problem names too, and keeps a caller’s own', async () => {
  const given = await listener.ask('GET', '/api/v1/nothing', {
    headers: { 'X-Request-Id': 'proxy-7' },
  })
  expect(given.headers.get('X-Request-Id')).toBe('proxy-7')
  expect(await given.json()).toMatchObject({ status: 404, requestId: 'proxy-7' })
  const odd = { headers: { 'X-Request-Id': 'a b"{' } }
  const made = await listener.ask('GET', '/api/v1/nothing', odd)
  const id = made.headers.get('X-Request-Id')
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(await made.json()).toMatchObject({ requestId: id })
})
