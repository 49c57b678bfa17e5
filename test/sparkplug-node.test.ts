// An edge node of Sparkplug B at a real server, over MQTT with the rights of a service key: births
// with aliases, data by alias, a lost birth, a lost message, a lost connection.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { decodePayload } from '../ingest/sparkplug.ts'
import { type Server, serve } from '../main.ts'
import { configOf, listenerOf } from './served.ts'
import { payload, type Sent } from './sparkplug-encoder.ts'

let nowMs = Date.UTC(2026, 5, 1)
const folder = mkdtempSync(join(tmpdir(), 'isotherm-edge-'))
let server: Server
const api = <T = Answer>(method: string, path: string, body?: unknown): Promise<T> =>
  listenerOf(server).api(method, path, body) as Promise<T>

interface Answer {
  items: { id: number; time: string; value: number; code: string; topic: string }[]
  findings: { kind: string; detail: string }[]
  id: string
  token: string
}

const clients: MqttClient[] = []
beforeAll(async () => {
  server = await serve(configOf(folder), () => nowMs)
})
afterAll(async () => {
  for (const client of clients) client.end(true)
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What a node has in mind; it sends names in births only. */
const bornDevice: Sent[] = [
  { name: 'Probes/Temperature', alias: 4, type: 'Int16', value: 5, unit: 'C' },
  { name: 'Probes/humidity', alias: 9, type: 'Float', value: 50 },
]

class Node {
  readonly client: MqttClient
  readonly asked: string[] = []
  host: unknown
  seq = 0

  constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, body) => {
      if (topic === 'spBv1.0/STATE/isotherm') {
        this.host = JSON.parse(String(body))
        return
      }
      const told = decodePayload(body)
      const metric = told.ok ? told.value.metrics[0] : undefined
      this.asked.push(`${topic} ${metric?.name}=${metric?.value}`)
    })
  }

  async send(type: string, sent: readonly Sent[], device?: string): Promise<void> {
    const topic = ['spBv1.0/default', type, 'gateway', ...(device ? [device] : [])].join('/')
    await this.client.publishAsync(topic, Buffer.from(payload(sent, nowMs, this.seq++ % 256)))
  }

  async bear(): Promise<void> {
    this.seq = 0
    await this.send('NBIRTH', [
      { name: 'bdSeq', type: 'Int64', value: 1 },
      { name: 'Node Control/Rebirth', type: 'Boolean', value: false },
    ])
    await this.send('DBIRTH', bornDevice, 'logger-1')
  }
}

async function joinNode(): Promise<Node> {
  const mqttOf = {
    publish: ['spBv1.0/default/#'],
    subscribe: ['spBv1.0/default/NCMD/gateway/#', 'spBv1.0/STATE/isotherm'],
  }
  const key = await api('POST', '/api/v1/keys', {
    ...{ name: 'gateway', roles: ['integration'], mqtt: mqttOf },
  })
  const will = { topic: 'spBv1.0/default/NDEATH/gateway', qos: 1 as const, retain: false }
  const client = connect(server.mqttUrl!, {
    ...{ username: key.id, password: key.token, protocolVersion: 4, reconnectPeriod: 0 },
    will: {
      ...will,
      payload: Buffer.from(payload([{ name: 'bdSeq', type: 'Int64', value: 1 }], nowMs, -1)),
    },
  })
  clients.push(client)
  const node = new Node(client)
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  await client.subscribeAsync('spBv1.0/default/NCMD/gateway', { qos: 1 })
  return node
}

const valuesOf = async (channel: string): Promise<number[]> => {
  await server.settled()
  const path = `/api/v1/readings?device=logger-1&channel=${channel}`
  return (await api('GET', path)).items.map(({ value }) => value)
}
const refused = async () => {
  await server.settled()
  return (await api('GET', '/api/v1/devices/logger-1/refusals')).items
}
const rebirth = 'spBv1.0/default/NCMD/gateway Node Control/Rebirth=true'
const data = (alias: number, value: number): Sent[] => [
  { alias, type: alias === 4 ? 'Int16' : 'Float', value, withType: false },
]

it('is understood by its aliases, asked for births that are missing, and told offline', async () => {
  await api('POST', '/api/v1/devices', { id: 'logger-1' })
  const node = await joinNode()
  // It waits for its host (tck-id-operational-behavior-edge-node-birth-sequence-wait).
  await node.client.subscribeAsync('spBv1.0/STATE/isotherm', { qos: 1 })
  await vi.waitFor(() => expect(node.host).toEqual({ online: true, timestamp: nowMs }))
  // It speaks before it is born, as one does behind a bridge that has just come.
  await node.send('DDATA', data(4, -7), 'logger-1')
  await vi.waitFor(() => expect(node.asked).toEqual([rebirth]))
  await vi.waitFor(async () =>
    expect((await refused()).map(({ code }) => code)).toEqual(['reading/alias-only']),
  )
  const [lost] = await refused()
  nowMs += 1000
  await node.bear()
  await vi.waitFor(async () => expect(await valuesOf('temperature')).toEqual([5]))
  nowMs += 1000
  await node.send('DDATA', [...data(4, -8), ...data(9, 61.5)], 'logger-1')
  await vi.waitFor(async () => expect(await valuesOf('temperature')).toEqual([5, -8]))
  expect(await valuesOf('humidity')).toEqual([50, 61.5])

  // What was refused is taken in once more, at its own time, and once only.
  for (let times = 0; times < 2; times++) await api('POST', `/api/v1/refusals/${lost!.id}/replay`)
  await vi.waitFor(async () => expect(await valuesOf('temperature')).toEqual([-7, 5, -8]))
  expect(await refused()).toHaveLength(1)
  const audit = await api<{ items: { record: { route?: string } }[] }>('GET', '/api/v1/audit')
  const replays = audit.items.filter(({ record }) => /refusals.*replay/.test(record.route ?? ''))
  expect(replays).toHaveLength(2)

  // A message is lost: not asked again at once, but after a while.
  nowMs += 1000
  node.seq++
  await node.send('DDATA', data(4, -9), 'logger-1')
  await vi.waitFor(async () => expect(await valuesOf('temperature')).toEqual([-7, 5, -8, -9]))
  expect(node.asked).toEqual([rebirth])
  nowMs += bounds.rebirthEveryMs
  node.seq++
  await node.send('DDATA', data(4, -10), 'logger-1')
  await vi.waitFor(() => expect(node.asked).toEqual([rebirth, rebirth]))

  // Its connection is lost: the will tells it.
  nowMs += 1000
  node.client.stream.destroy()
  await vi.waitFor(async () => {
    const path = `/api/v1/devices/logger-1/health?to=${new Date(nowMs + 1000).toISOString()}`
    const { findings } = await api('GET', path)
    const told = findings.filter(({ kind }) => kind === 'connection').map(({ detail }) => detail)
    expect(told).toHaveLength(2)
    expect(told.join()).toMatch(/2 gaps of seq/)
    expect(told.join()).toMatch(/gateway has been offline since \(NDEATH\)/)
  })
  // The gateway measures nothing itself: nobody registered it, and nothing of it was refused.
  expect((await api('GET', '/api/v1/refusals')).items).toHaveLength(1)
})

it('takes nothing in once more that its sender had no right to send', async () => {
  const node = await joinNode()
  await node.client.publishAsync('spBv1.0/other/NDATA/gateway', 'x', { qos: 1 })
  await server.settled()
  const { items } = await api('GET', '/api/v1/refusals')
  const forbidden = items.find(({ code }) => code === 'packet/topic-forbidden')!
  const ask = (id: number) => listenerOf(server).ask('POST', `/api/v1/refusals/${id}/replay`, {})
  expect((await ask(forbidden.id)).status).toBe(409)
  expect((await ask(forbidden.id + 1000)).status).toBe(404)
})
