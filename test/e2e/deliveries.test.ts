// The plug is pulled again and again while events are captured and told. Whoever remembers ids has
// every matching event exactly once and in order, by webhook and by subscription, and every capture
// once (I2). ISOTHERM_TEST_SEED says when.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, expect, it, vi } from 'vitest'
import { createRandom } from '../../simulators/random.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

const kills = 4
const seed = process.env.ISOTHERM_TEST_SEED ?? String(Date.now())
const env = { ISOTHERM_WEBHOOK_ALLOW: '127.0.0.1' }
const receivers: Receiver[] = []
afterAll(() => Promise.all(receivers.map((receiver) => receiver.close())))

/** Bodies by id, in the order of their first coming. */
function once(receiver: Receiver): unknown[] {
  const seen = new Map<string, string>()
  for (const { headers, body } of receiver.received) {
    const id = String(headers['webhook-id'])
    // The same id is the same message, byte for byte.
    expect(seen.get(id) ?? body).toBe(body)
    seen.set(id, body)
  }
  return [...seen.values()].map((body) => JSON.parse(body))
}

interface Results {
  epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } }
}

it('tells everybody everything once and in order, however often it is killed', {
  timeout: 240_000,
}, async () => {
  console.info(`kill moments come from ISOTHERM_TEST_SEED=${seed}`)
  const random = createRandom(seed)
  const partner = await startReceiver()
  const erp = await startReceiver()
  receivers.push(partner, erp)
  // Slow enough that some answers are lost with the process that waits for them.
  for (const receiver of receivers)
    receiver.usual = (response) => {
      setTimeout(() => response.writeHead(200).end(), 20)
    }
  let server: TestServer = await startServer({ env })
  const { dataDir } = server
  const query = { name: 'shipped', query: { EQ_bizStep: ['shipping'] } }
  await server.api('POST', '/epcis/queries', query)
  const subscription = { dest: `${partner.url}/epcis`, stream: true }
  await server.api('POST', '/epcis/queries/shipped/subscriptions', subscription)
  const webhook = { url: `${erp.url}/hook`, kinds: ['capture.applied'] }
  await server.api('POST', '/api/v1/webhooks', webhook)

  const sent: string[] = []
  const acknowledged = new Set<string>()
  let number = 0
  for (let round = 0; round <= kills; round++) {
    const last = round === kills
    const until = performance.now() + (last ? 500 : random.between(100, 1500))
    const telling = (async () => {
      while (performance.now() < until) {
        const eventID = `urn:uuid:shipped-${String(++number).padStart(6, '0')}`
        const event = {
          type: 'ObjectEvent',
          eventID,
          action: 'OBSERVE',
          bizStep: 'shipping',
          epcList: [story.vial(1, `N${number}X`)],
          eventTime: '2026-03-02T08:00:00Z',
          eventTimeZoneOffset: '+00:00',
        }
        const body = story.documentOf([event])
        sent.push(eventID)
        const answer = await server.ask('POST', '/epcis/capture', { body })
        if (answer.status === 202) acknowledged.add(eventID)
        await delay(10)
      }
    })().catch(() => undefined) // the plug was pulled
    if (!last) {
      await delay(until - performance.now())
      await server.kill('SIGKILL')
      await telling
      server = await startServer({ dataDir, env })
    } else await telling
  }
  const told = (): string[] =>
    (once(partner) as Results[]).flatMap(({ epcisBody }) =>
      epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID),
    )
  await vi.waitFor(
    () => {
      const ids = new Set(told())
      expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([])
    },
    { timeout: 60_000, interval: 100 },
  )
  const ids = told()
  expect(new Set(ids).size).toBe(ids.length)
  // They were captured one after the other.
  expect(ids).toEqual([...ids].sort())
  expect(ids.filter((id) => !sent.includes(id))).toEqual([])
  await vi.waitFor(
    () => {
      const captures = once(erp) as { data: { capture: string; events: number } }[]
      expect(new Set(captures.map(({ data }) => data.capture)).size).toBe(captures.length)
      expect(captures.reduce((sum, { data }) => sum + data.events, 0)).toBe(ids.length)
    },
    { timeout: 60_000, interval: 100 },
  )
  const repeated = partner.received.length + erp.received.length
  console.info(
    `${kills} kills: ${acknowledged.size} captures acknowledged, ${ids.length} told, in ${repeated} messages to two`,
  )
  await server.stop()
})

it('tells of a raised alert as the API shows it, and of what changes it', async () => {
  const erp = await startReceiver()
  receivers.push(erp)
  const server = await startServer({ env })
  await story.tellProduct(server)
  const teller = await story.tellCase(server, 1)
  const kinds = ['alert.raised', 'alert.changed']
  const { id } = await server.api<{ id: string }>('POST', '/api/v1/webhooks', {
    url: erp.url,
    kinds,
  })
  await server.api('POST', `/api/v1/readings?device=${teller.id}`, story.caseReadings())
  const told = () => once(erp) as { type: string; data: story.Alert & { cause: string } }[]
  await vi.waitFor(() => expect(told().length).toBeGreaterThan(0), { timeout: 20_000 })
  const [first] = told()
  expect(first!.type).toBe('alert.raised')
  const shown = await server.api<story.Alert>('GET', `/api/v1/alerts/${first!.data.id}`)
  expect(first!.data.id).toBe(shown.id)
  const { items } = await server.api<story.Page<{ status: string }>>(
    'GET',
    `/api/v1/webhooks/${id}/deliveries`,
  )
  expect(items.map(({ status }) => status)).toContain('delivered')
  await server.stop()
}, 60_000)
