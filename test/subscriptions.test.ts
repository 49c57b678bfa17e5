// Subscriptions to named EPCIS queries, by webhook and by WebSocket, as a trading partner uses them:
// over the API, the delivery engine, the capture follower and receivers that are all real.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openEventSockets } from '../api/epcis/event-sockets.ts'
import { listenHttp } from '../api/listen.ts'
import { bounds } from '../config.ts'
import { attachUpgrades } from '../ingest/listen.ts'
import { type Deliveries, openDeliveries } from '../quality/deliver.ts'
import { openPost } from '../quality/post.ts'
import { webhookSource } from '../quality/webhooks.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { subscriptionSource } from '../trace/subscriptions.ts'
import { type Api, adminToken, openApi, testNow, unit } from './api-app.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const context = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'

interface Subscription {
  subscriptionID: string
  queryName: string
  status: string
  lastNotifiedAt?: string
}
interface Results {
  type: string
  epcisBody: {
    queryResults: {
      queryName: string
      subscriptionID?: string
      resultsBody: { eventList: { eventID: string; recordTime: string; bizStep: string }[] }
    }
  }
}

/** Where the ledger of the next test is. */
const sqlite = (): Promise<Ledger> => openSqliteLedger(folder)
let openLedger = sqlite
let folder: string
let ledger: Ledger
let engine: Deliveries
let api: Api
let receiver: Receiver
let time: number
let stops: (() => unknown)[]
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-subscriptions-'))
  ledger = await openLedger()
  receiver = await startReceiver()
  time = testNow
  stops = []
  const now = (): number => time
  const ended = new AbortController()
  const allowed = new Set(['127.0.0.1'])
  engine = openDeliveries(
    {
      ledger,
      sources: {
        webhook: webhookSource({}),
        subscription: subscriptionSource,
        channel: webhookSource({}),
        report: webhookSource({}),
      },
      post: openPost({ allowed, now, ended: ended.signal }),
      now,
      random: () => 0,
      node: 'here',
      alone: true,
      onFail: (error) => console.error(error),
    },
    ended,
  )
  api = await openApi({ ledger, now, deliveries: { allowed, wake: engine.wake } })
  const query = { name: 'shipped', query: { EQ_bizStep: ['shipping'] } }
  expect((await api.ask('POST', '/epcis/queries', { body: query })).status).toBe(201)
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  await engine.stop()
  await api.close()
  await ledger.close()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const path = '/epcis/queries/shipped/subscriptions'
const eventOf = (name: string, bizStep = 'shipping') => ({
  type: 'ObjectEvent',
  eventID: `urn:uuid:event-${name}`,
  action: 'OBSERVE',
  bizStep,
  epcList: [unit(`S${name}`)],
  eventTime: '2026-03-01T00:00:00Z',
  eventTimeZoneOffset: '+00:00',
})

/** One document; resolves when its events are in the ledger. */
async function capture(...events: object[]): Promise<void> {
  const body = {
    '@context': context,
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-03-01T00:00:00Z',
    epcisBody: { eventList: events },
  }
  expect((await api.ask('POST', '/epcis/capture', { body })).status).toBe(202)
  await api.settled()
}

async function subscribe(body: object): Promise<Subscription> {
  const answer = await api.ask('POST', path, { body: { dest: receiver.url, ...body } })
  expect(answer.status).toBe(201)
  return (await answer.json()) as Subscription
}

const namesIn = (documents: readonly Results[]): string[] =>
  documents.flatMap(({ epcisBody }) =>
    epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID.split('-')[1]!),
  )
const told = (): string[] => namesIn(receiver.received.map(({ body }) => JSON.parse(body)))
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

describe('a subscription by webhook', () => {
  it('is told of every matching event once, in the order of capture, and of no other', async () => {
    await capture(eventOf('before'))
    const { subscriptionID } = await subscribe({ stream: true })
    await capture(eventOf('1'), eventOf('x', 'receiving'), eventOf('2'))
    await capture(eventOf('3'))
    // The same again changes nothing.
    await capture(eventOf('3'), eventOf('4'))
    await engine.settled()
    expect(told()).toEqual(numbered(1, 4))
    const document = JSON.parse(receiver.received[0]!.body) as Results
    expect(document).toMatchObject({
      type: 'EPCISQueryDocument',
      schemaVersion: '2.0',
      epcisBody: { queryResults: { queryName: 'shipped', subscriptionID } },
    })
    const [first] = document.epcisBody.queryResults.resultsBody.eventList
    expect(first).toMatchObject({ bizStep: 'shipping', recordTime: '2026-03-02T12:00:00.000Z' })
    const read = await api.json<Subscription>('GET', `${path}/${subscriptionID}`)
    expect(read).toMatchObject({ queryName: 'shipped', status: 'active', stream: true })
    expect(read.lastNotifiedAt).toBe('2026-03-02T12:00:00Z')
  })

  it('is signed with the token of the subscriber, which is never shown', async () => {
    const signatureToken = '13df38d8275b13f05704629e5f1cf3d45d6132d5'
    const made = await subscribe({ stream: true, signatureToken })
    await capture(eventOf('1'))
    await engine.settled()
    const { headers, body } = receiver.received[0]!
    const hmac = (text: string) => createHmac('sha256', signatureToken).update(text)
    expect(headers['gs1-signature']).toBe(`sha256=${hmac(body).digest('hex')}`)
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(`v1,${hmac(content).digest('base64')}`)
    const shown = JSON.stringify([made, await api.json('GET', path)])
    expect(shown).not.toContain(signatureToken)
  })

  it('is told of an error declaration as well', async () => {
    await subscribe({ stream: true })
    await capture(eventOf('1'))
    await engine.settled()
    const errorDeclaration = { declarationTime: '2026-03-02T00:00:00Z', reason: 'did_not_occur' }
    await capture({ ...eventOf('1'), errorDeclaration })
    await engine.settled()
    expect(told()).toEqual(['1', '1'])
    expect(receiver.received.at(-1)!.body).toContain('did_not_occur')
  })

  it('begins in the past when it says so', async () => {
    await capture(eventOf('1'))
    time += 60_000
    await capture(eventOf('2'), eventOf('3'))
    await subscribe({ stream: true, initialRecordTime: '2026-03-02T12:01:00Z' })
    await engine.settled()
    expect(told()).toEqual(['2', '3'])
  })

  it('sends large results in several messages of bounded size', async () => {
    await subscribe({ stream: true })
    const count = bounds.subscriptionEventsMax * 2 + 10
    await capture(...numbered(1, count).map((name) => eventOf(name)))
    await engine.settled()
    expect(told()).toEqual(numbered(1, count))
    expect(receiver.received).toHaveLength(3)
  })

  it('sends smaller messages to who answers 413, and gives up on none that is one event', async () => {
    await subscribe({ stream: true })
    receiver.usual = (response, { body }) => {
      const { length } = namesIn([JSON.parse(body)])
      response.writeHead(length > 3 ? 413 : 200).end()
    }
    await capture(...numbered(1, 20).map((name) => eventOf(name)))
    await engine.settled()
    const taken = receiver.received
      .map(({ body }) => namesIn([JSON.parse(body)]))
      .filter((names) => names.length <= 3)
    expect(taken.flat()).toEqual(numbered(1, 20))
    expect(new Set(receiver.ids()).size).toBe(receiver.received.length)
  })

  it('runs by its schedule, with what came since the run before, and says nothing when asked so', async () => {
    await subscribe({ schedule: { hour: '13', minute: '5' } })
    await capture(eventOf('1'))
    await engine.settled()
    expect(receiver.received).toEqual([])
    time = Date.UTC(2026, 2, 2, 13, 5)
    await capture(eventOf('2'))
    await engine.settled()
    expect(told()).toEqual(['1', '2'])
    time += 86_400_000
    await engine.settled()
    expect(receiver.received).toHaveLength(1)
    await capture(eventOf('3'))
    time += 3 * 86_400_000
    await engine.settled()
    expect(told()).toEqual(['1', '2', '3'])
  })

  it('begins again where it was after it was given up', async () => {
    const { subscriptionID } = await subscribe({ stream: true })
    receiver.usual = 500
    await capture(eventOf('1'))
    await engine.settled()
    for (const wait of bounds.webhookRetryMs) {
      time += wait
      await engine.settled()
    }
    const one = `${path}/${subscriptionID}`
    expect(await api.json('GET', one)).toMatchObject({ status: 'failing' })
    receiver.usual = 200
    receiver.received.length = 0
    await capture(eventOf('2'))
    expect(await api.json('POST', `${one}/resume`)).toMatchObject({ status: 'active' })
    await engine.settled()
    expect(told()).toEqual(['1', '2'])
  })

  it('reports emptiness when asked to', async () => {
    await subscribe({ schedule: { minute: '0' }, reportIfEmpty: true })
    time = Date.UTC(2026, 2, 2, 13)
    await engine.settled()
    time += 3_600_000
    await engine.settled()
    expect(receiver.received.map(({ body }) => namesIn([JSON.parse(body)]))).toEqual([[], []])
    expect(new Set(receiver.ids()).size).toBe(2)
  })

  it('ends with its own deletion and with that of its query', async () => {
    const one = await subscribe({ stream: true })
    await subscribe({ stream: true })
    expect(await api.json<Subscription[]>('GET', path)).toHaveLength(2)
    expect((await api.ask('DELETE', `${path}/${one.subscriptionID}`)).status).toBe(204)
    expect((await api.ask('GET', `${path}/${one.subscriptionID}`)).status).toBe(404)
    await capture(eventOf('1'))
    await engine.settled()
    expect(told()).toEqual(['1'])
    expect((await api.ask('DELETE', '/epcis/queries/shipped')).status).toBe(204)
    expect((await api.ask('GET', path)).status).toBe(404)
    const again = { name: 'shipped', query: { EQ_bizStep: ['shipping'] } }
    await api.ask('POST', '/epcis/queries', { body: again })
    await capture(eventOf('2'))
    await engine.settled()
    expect(told()).toEqual(['1'])
  })

  it('is refused without stream or schedule, with both, to forbidden places, and of no query', async () => {
    const refused = async (body: object, at = path): Promise<string> => {
      const answer = await api.ask('POST', at, { body: { dest: receiver.url, ...body } })
      const { type } = (await answer.json()) as { type: string }
      return `${answer.status} ${type}`
    }
    const wrong = '400 epcisException:SubscriptionControlsException'
    expect(await refused({})).toBe(wrong)
    expect(await refused({ stream: false })).toBe(wrong)
    expect(await refused({ stream: true, schedule: { hour: '1' } })).toBe(wrong)
    expect(await refused({ schedule: { hour: '25' } })).toBe(wrong)
    expect(await refused({ schedule: {} })).toBe(wrong)
    expect(await refused({ stream: true, dest: 'https://169.254.169.254/latest' })).toBe(wrong)
    expect(await refused({ stream: true, dest: 'http://example.com' })).toBe(wrong)
    expect(await refused({ stream: true, initialRecordTime: 'yesterday' })).toBe(wrong)
    const none = '/epcis/queries/none/subscriptions'
    expect(await refused({ stream: true }, none)).toBe('404 epcisException:NoSuchNameException')
    expect((await api.ask('OPTIONS', path)).headers.get('Allow')).toMatch(/POST/)
  })
})

describe('a subscription by WebSocket', () => {
  let base: string
  beforeEach(async () => {
    const http = await listenHttp(api.app, { host: '127.0.0.1', port: 0 })
    const sockets = openEventSockets(api.deps)
    const detach = attachUpgrades(http.server, sockets.upgrade)
    stops.push(() => http.close(), detach, sockets.close)
    base = `ws://127.0.0.1:${http.port}`
  })

  const events = '/epcis/queries/shipped/events'
  /** Connects as the administrator; what came stands in `documents`. */
  async function connect(search: string, token = adminToken) {
    const headers = { Authorization: `Bearer ${token}` }
    const socket = new WebSocket(`${base}${events}?${search}`, { headers })
    const documents: Results[] = []
    socket.on('message', (data) => documents.push(JSON.parse(String(data))))
    stops.push(() => socket.terminate())
    await once(socket, 'open')
    return { socket, documents }
  }
  /** The status that an upgrade is refused with. */
  async function refused(url: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`${base}${url}`, { headers })
    socket.on('error', () => undefined)
    const [, answer] = await once(socket, 'unexpected-response')
    answer.resume()
    return answer.statusCode
  }
  const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 })
  const captured = async (...all: object[]): Promise<void> => {
    await capture(...all)
    api.tell({ tenant: 'default', event: 'capture.applied', data: {} })
  }

  it('gets each matching event once, as it is captured', async () => {
    await captured(eventOf('before'))
    const one = await connect('stream=true')
    const other = await connect('stream=true&initialRecordTime=2026-03-01T00:00:00Z')
    await captured(eventOf('1'), eventOf('x', 'receiving'))
    await captured(eventOf('2'))
    await until(() => expect(namesIn(one.documents)).toEqual(['1', '2']))
    await until(() => expect(namesIn(other.documents)).toEqual(['before', '1', '2']))
    expect(one.documents[0]!.epcisBody.queryResults.queryName).toBe('shipped')
  })

  it('gets everything, however slowly it reads', async () => {
    const { socket, documents } = await connect('stream=true')
    socket.pause()
    const count = bounds.subscriptionEventsMax * 3
    await captured(...numbered(1, count).map((name) => eventOf(name)))
    socket.resume()
    await until(() => expect(namesIn(documents)).toEqual(numbered(1, count)))
  })

  it('runs by a schedule in its URL', async () => {
    const { documents } = await connect('hour=13&minute=5&reportIfEmpty=true')
    await captured(eventOf('1'))
    expect(documents).toEqual([])
    time = Date.UTC(2026, 2, 2, 13, 5)
    await captured(eventOf('2'))
    await until(() => expect(namesIn(documents)).toEqual(['1', '2']))
    time += 86_400_000
    api.tell({ tenant: 'default', event: 'capture.applied', data: {} })
    await until(() => expect(documents).toHaveLength(2))
    expect(namesIn(documents.slice(1))).toEqual([])
  })

  it('ends when its query is removed', async () => {
    const { socket } = await connect('stream=true')
    const closed = once(socket, 'close')
    await api.ask('DELETE', '/epcis/queries/shipped')
    expect((await closed)[0]).toBe(1000)
  })

  it('is refused to strangers, to who may not read events, and when it makes no sense', async () => {
    const Authorization = `Bearer ${adminToken}`
    expect(await refused(`${events}?stream=true`, {})).toBe(401)
    expect(await refused(`${events}?stream=true`, { Authorization: 'Bearer x' })).toBe(401)
    const powerless = `Bearer ${await api.keyWith()}`
    expect(await refused(`${events}?stream=true`, { Authorization: powerless })).toBe(403)
    expect(await refused(events, { Authorization })).toBe(400)
    expect(await refused(`${events}?stream=true&hour=1`, { Authorization })).toBe(400)
    expect(await refused(`${events}?second=99`, { Authorization })).toBe(400)
    expect(await refused('/epcis/queries/none/events?stream=true', { Authorization })).toBe(404)
    expect(await refused('/epcis/queries/%zz/events?stream=true', { Authorization })).toBe(400)
    expect(await refused('/elsewhere', { Authorization })).toBe(404)
  })
})

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe.skipIf(absent)('a subscription on PostgreSQL', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
    openLedger = async () => openPostgresLedger({ url: await server.createLedger() })
  })
  afterAll(() => {
    openLedger = sqlite
    return server?.stop()
  })

  it('is told of every matching event once, by stream and by schedule', async () => {
    await capture(eventOf('before'))
    await subscribe({ stream: true })
    await subscribe({ schedule: { hour: '13' }, reportIfEmpty: true, dest: `${receiver.url}/run` })
    const count = bounds.subscriptionEventsMax + 10
    await capture(...numbered(1, count).map((name) => eventOf(name)))
    await engine.settled()
    expect(told()).toEqual(numbered(1, count))
    receiver.received.length = 0
    time = Date.UTC(2026, 2, 2, 13)
    await engine.settled()
    expect(told()).toEqual(numbered(1, count))
    time += 86_400_000
    await engine.settled()
    expect(receiver.received.map(({ path: to }) => to)).toEqual(['/run', '/run', '/run'])
  })
})
