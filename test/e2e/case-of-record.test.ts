import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { encode } from 'cborg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { connectMqtt, startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await story.tellProduct(server)
})

const hasMosquitto = ((): boolean => {
  try {
    execFileSync('mosquitto_pub', ['--help'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // Its --help ends with 1.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
})()
if (!hasMosquitto) console.warn('skipped: what needs mosquitto_pub, which is not installed')

const time = (row: story.Row): string => new Date(row.time).toISOString()

const serialsOf = (alert: story.Alert, query = ''): Promise<SerialPage> =>
  server.api<SerialPage>('GET', `${alert.links.serials}${query}`)

type SerialPage = story.Page<story.Serial> & { serialCount: number }

/** What the three vials went through, once it is known, whatever way the readings came. */
async function expectTheCase(number: number): Promise<story.Alert> {
  const alerts = `/api/v1/alerts?device=logger-${number}`
  const look = async (): Promise<story.Alert> => {
    const { items } = await server.api<story.Page<story.Alert>>('GET', alerts)
    expect(items).toMatchObject([
      {
        rule: 'heat',
        container: expect.stringMatching(/^https:\/\/id\.gs1\.org\/00\//),
        from: '2026-03-02T10:00:00Z',
        to: '2026-03-02T10:40:00Z',
        minutes: 40,
        unknownMinutes: 0,
        peakC: 10,
        verdict: 'out',
        serialCount: 3,
        status: 'open',
      },
    ])
    const serials = await serialsOf(items[0]!)
    const rows = serials.items.map(({ epc, minutes, verdict, lot }) => [epc, minutes, verdict, lot])
    expect(rows).toEqual([
      [story.vialLink(number, 'A'), 40, 'out', 'L42'],
      [story.vialLink(number, 'B'), 7, 'in', 'L42'],
      [story.vialLink(number, 'C'), 40, 'out', 'L42'],
    ])
    expect(serials).toMatchObject({ next: null, serialCount: 3 })
    return items[0]!
  }
  return vi.waitFor(look, { timeout: 10_000, interval: 20 })
}

describe('the case of record over MQTT', () => {
  const readings = story.caseReadings()
  const one = readings.map((row) =>
    JSON.stringify({ time: time(row), temperature: row.temperature }),
  )
  const array = JSON.stringify(readings)
  const fahrenheit = readings.map((row) => ({
    time: time(row),
    temperature: row.temperature === 10 ? 50 : 41,
    unit: 'F',
  }))
  const t0 = readings[0]!.time / 1000
  const pack = readings.map((row, index) => ({
    ...(index === 0 && { bn: 'urn:dev:mac:0024befffe804ff1:', bt: t0, bu: 'Cel' }),
    n: 'temperature',
    t: row.time / 1000 - t0,
    v: row.temperature,
  }))
  // RFC 8428 §6: labels are integers.
  const labels = { bn: -2, bt: -3, bu: -4, n: 0, t: 6, v: 2 }
  const cbor = encode(
    pack.map(
      (record) =>
        new Map(
          Object.entries(record).map(([name, value]) => [
            labels[name as keyof typeof labels],
            value as number | string,
          ]),
        ),
    ),
  )
  it.each([
    [1, 'one reading a packet', 'readings', one],
    [2, 'the latest reading first', 'readings', one.toReversed()],
    [3, 'an array with epoch ms', 'readings', [array]],
    [4, 'an array as gzip', 'readings', [gzipSync(array)]],
    [5, '°F', 'readings', [JSON.stringify(fahrenheit)]],
    [6, 'SenML JSON', 'senml', [JSON.stringify(pack)]],
    [7, 'SenML CBOR', 'senml', [Buffer.from(cbor)]],
    [8, 'SenML JSON as gzip', 'senml', [gzipSync(JSON.stringify(pack))]],
    [9, 'everything twice', 'readings', [...one, ...one]],
  ] as const)('%i: %s names the same three vials', async (number, _how, leaf, packets) => {
    const device = await story.tellCase(server, number)
    const client = await connectMqtt(server, device)
    const topic = `v1/default/${device.id}/${leaf}`
    for (const packet of packets) await client.publishAsync(topic, packet as string, { qos: 1 })
    await expectTheCase(number)
    await client.endAsync()
    const refusals = await server.api('GET', `/api/v1/devices/${device.id}/refusals`)
    expect(refusals).toEqual({ items: [], next: null })
  })

  it('over WebSocket names the same three vials', async () => {
    const device = await story.tellCase(server, 20)
    const client = await connectMqtt(server, device, { webSocket: true })
    await client.publishAsync(`v1/default/${device.id}/readings`, array, { qos: 1 })
    await expectTheCase(20)
    await client.endAsync()
  })

  it.skipIf(!hasMosquitto)('from mosquitto_pub names the same three vials', async () => {
    const device = await story.tellCase(server, 21)
    const to = ['-h', '127.0.0.1', '-p', `${server.mqttPort}`, '-u', device.id, '-P', device.token]
    const publish = ['-i', 'mosquitto', '-q', '1', '-t', `v1/default/${device.id}/readings`, '-l']
    execFileSync('mosquitto_pub', [...to, ...publish], { input: `${one.join('\n')}\n` })
    await expectTheCase(21)
  })

  it('by HTTP, for a device that speaks no MQTT, names the same three vials', async () => {
    const device = await story.tellCase(server, 22)
    const sent = await server.ask('POST', '/api/v1/readings', { body: array, token: device.token })
    expect(sent.status).toBe(202)
    await expectTheCase(22)
  })
})

describe('what the quality manager asks', () => {
  const number = 40
  let alert: story.Alert
  let stream: { events: () => Told[]; end: () => void }
  beforeAll(async () => {
    stream = await followStream()
    const device = await story.tellCase(server, number)
    const client = await connectMqtt(server, device)
    const topic = `v1/default/${device.id}/readings`
    await client.publishAsync(topic, JSON.stringify(story.caseReadings()), { qos: 1 })
    alert = await expectTheCase(number)
    await client.endAsync()
    return () => stream.end()
  })

  it('is told by the live stream that an alert was raised', async () => {
    await vi.waitFor(() => {
      const told = stream.events().filter(({ data }) => data.device === `logger-${number}`)
      expect(told.map(({ event }) => event)).toContain('alert.raised')
      expect(told.find(({ event }) => event === 'alert.raised')!.data.id).toBe(alert.id)
    })
  })

  it('gets the serials in pages, as NDJSON and as CSV, all the same and with their hash', async () => {
    const whole = await serialsOf(alert)
    const pages: story.Serial[] = []
    let cursor = ''
    for (;;) {
      const page = await serialsOf(alert, `?limit=1${cursor}`)
      expect(page.items).toHaveLength(1)
      pages.push(page.items[0]!)
      if (page.next === null) break
      cursor = `&cursor=${encodeURIComponent(page.next)}`
    }
    expect(pages).toEqual(whole.items)
    const ndjson = await serialsAs(alert, 'application/x-ndjson')
    expect(
      ndjson.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(whole.items)
    const csv = await serialsAs(alert, 'text/csv')
    const [head, ...lines] = csv.text.trim().split(/\r?\n/)
    expect(head).toMatch(/^epc,gtin,serial,lot,from,to,minutes/)
    expect(lines.map((line) => line.split(',')[0])).toEqual(whole.items.map(({ epc }) => epc))
    for (const { headers } of [ndjson, csv]) {
      expect(headers.get('isotherm-serial-set-hash')).toBe(alert.serialSetHash)
      expect(headers.get('isotherm-serial-count')).toBe('3')
    }
  })

  it('reads the readings, and their means in buckets of 15 minutes', async () => {
    const of = `/api/v1/readings?device=logger-${number}&channel=temperature`
    const { items } = await server.api<story.Page<story.Reading>>('GET', of)
    expect(items.map((row) => [Date.parse(row.time), row.value])).toEqual(
      story.caseReadings().map((row) => [row.time, row.temperature]),
    )
    const hour = '&from=2026-03-02T10:00:00Z&to=2026-03-02T11:00:00Z&every=15m'
    const buckets = await server.api<story.Page<story.Reading>>('GET', of + hour)
    expect(buckets.items.map((row) => [row.time, row.value, row.count])).toEqual([
      ['2026-03-02T10:00:00Z', 10, 3],
      ['2026-03-02T10:15:00Z', 10, 3],
      ['2026-03-02T10:30:00Z', (10 + 10 + 5) / 3, 3],
      ['2026-03-02T10:45:00Z', 5, 3],
    ])
  })

  it('sees the set restated by a late capture, and asks for what was known before', async () => {
    const before = await server.api<story.Alert>('GET', alert.links.self)
    const known = new Date().toISOString()
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(known)))
    const late = story.vial(number, 'LATE')
    await story.capture(server, [
      story.commissioned('07:00', [late]),
      story.packed('08:05', story.pallet(number), [late]),
    ])
    await vi.waitFor(async () => {
      const { serialCount, revision } = await server.api<story.Alert>('GET', alert.links.self)
      expect({ serialCount, revision }).toEqual({
        serialCount: 4,
        revision: before.revision + 1,
      })
    })
    const epcs = async (query: string): Promise<string[]> =>
      (await serialsOf(alert, query)).items.map(({ epc }) => epc)
    const lateLink = story.vialLink(number, 'LATE')
    expect(await epcs('')).toContain(lateLink)
    expect(await epcs(`?asOf=${known}`)).not.toContain(lateLink)
    expect(await epcs(`?asOf=${known}`)).toHaveLength(3)
    expect(await epcs(`?asOf=${new Date().toISOString()}`)).toHaveLength(4)
    expect(await epcs(`?revision=${before.revision}`)).toHaveLength(3)
    const revisions = await server.api<story.Page<object>>('GET', alert.links.revisions)
    expect(revisions.items.at(-1)).toMatchObject({ cause: 'event' })
  })
})

async function serialsAs(
  alert: story.Alert,
  accept: string,
): Promise<{ text: string; headers: Headers }> {
  const response = await server.ask('GET', alert.links.serials, {
    headers: { Accept: accept },
  })
  expect(response.headers.get('content-type')).toContain(accept)
  return { text: await response.text(), headers: response.headers }
}

/** Server-sent events, read as a browser would. */
interface Told {
  event: string
  data: { id?: string; device?: string }
}

async function followStream(): Promise<{ events: () => Told[]; end: () => void }> {
  const stop = new AbortController()
  const response = await fetch(`${server.url}/api/v1/stream`, {
    headers: { Authorization: `Bearer ${server.token}` },
    signal: stop.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  const read = async (): Promise<void> => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk
  }
  read().catch(() => undefined)
  const events = (): Told[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2))))
      .filter((fields) => fields.event !== undefined)
      .map((fields) => ({ ...fields, data: JSON.parse(fields.data) }) as unknown as Told)
  return { events, end: () => stop.abort() }
}
