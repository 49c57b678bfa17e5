// The delivery engine against real receivers: what is told arrives once per id, in order, whatever
// the receiver, the network and our own process do meanwhile. The ledger is real; the clock and
// chance are arguments.
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { type Deliveries, openDeliveries } from '../quality/deliver.ts'
import { openPost } from '../quality/post.ts'
import { newSecret } from '../quality/standard-webhooks.ts'
import { type Replay, replay, webhookSource } from '../quality/webhooks.ts'
import { listDeliveries, readBacklog } from '../store/ledger/deliveries.ts'
import {
  type Endpoint,
  insertEndpoint,
  readEndpoint,
  updateEndpoint,
} from '../store/ledger/endpoints.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { writeNotice } from '../store/ledger/notices.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const tenant = 'default'
const begin = Date.UTC(2026, 5, 1)
const minute = 60_000

/** Everything a test needs on one database, with engines to be started and killed. */
async function openWorld(open: () => Promise<Ledger>, timeoutMs = 2000) {
  const ledger = await open()
  const running = new Set<Deliveries>()
  const failures: unknown[] = []
  let time = begin
  let noticed = 0
  let chance = 0
  return {
    /** What the engine takes for random, from 0 to 1. */
    draw: (next: number): void => {
      chance = next
    },
    ledger,
    failures,
    pass: (ms: number): void => {
      time += ms
    },
    now: () => time,
    start: (on: Ledger = ledger, alone = true): Deliveries => {
      const ended = new AbortController()
      const allowed = new Set(['127.0.0.1'])
      const engine = openDeliveries(
        {
          ledger: on,
          sources: {
            webhook: webhookSource({}),
            subscription: webhookSource({}),
            channel: webhookSource({}),
            report: webhookSource({}),
          },
          post: openPost({ allowed, now: () => time, ended: ended.signal, timeoutMs }),
          now: () => time,
          random: () => chance,
          node: `node-${running.size}`,
          alone,
          onFail: (error) => failures.push(error),
        },
        ended,
      )
      running.add(engine)
      return engine
    },
    webhook: async (url: string, change: Partial<Endpoint> = {}): Promise<Endpoint> => {
      const endpoint: Endpoint = {
        tenant,
        id: `wh-${Math.abs(Math.floor(url.length * 7 + running.size))}-${change.id ?? 'a'}`,
        kind: 'webhook',
        query: '',
        url,
        secrets: [{ secret: newSecret(), until: null }],
        settings: {},
        status: 'active',
        reason: null,
        createdAt: time,
        notice: 0,
        offset: 0,
        pos: 0,
        runAt: null,
        found: null,
        number: 0,
        nextAt: 0,
        failingSince: null,
        toldAt: null,
        ...change,
      }
      await ledger.transact((db) => insertEndpoint(db, endpoint))
      return endpoint
    },
    /** So many things happen. */
    happen: async (count: number, kind = 'capture.applied'): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const ref = String(++noticed).padStart(5, '0')
        const notice = { tenant, kind, ref, recordTime: time, body: { count: noticed } }
        await ledger.transact((db) => writeNotice(db, notice))
      }
    },
    /** The endpoint as it stands. */
    read: async ({ id }: Endpoint): Promise<Endpoint> =>
      (await readEndpoint(ledger.db, tenant, id))!,
    replay: ({ id }: Endpoint, of: Replay) =>
      ledger.transact(async (db) =>
        replay(db, (await readEndpoint(db, tenant, id))!, { of, formats: {}, now: time }),
      ),
    close: async (): Promise<void> => {
      await Promise.all([...running].map((engine) => engine.stop()))
      await ledger.close()
    },
  }
}

type World = Awaited<ReturnType<typeof openWorld>>

/** Counts in the bodies, in the order in which they came, repetitions left out by id. */
function countsOf(receiver: Receiver): number[] {
  const seen = new Map<string, number>()
  for (const { headers, body } of receiver.received) {
    const { data } = JSON.parse(body) as { data: { count: number } }
    const id = String(headers['webhook-id'])
    if (!seen.has(id)) seen.set(id, data.count)
  }
  return [...seen.values()]
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

let folder: string
let world: World
let receiver: Receiver
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-deliver-'))
  world = await openWorld(() => openSqliteLedger(folder))
  receiver = await startReceiver()
})
afterEach(async () => {
  await world.close()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a webhook', () => {
  it('is told everything once, in order, signed', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(250)
    await world.start().settled()
    expect(countsOf(receiver)).toEqual(upTo(250))
    expect(receiver.received).toHaveLength(250)
    const { headers, body } = receiver.received[0]!
    const key = Buffer.from(endpoint.secrets[0]!.secret.slice(6), 'base64')
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
    )
    expect(JSON.parse(body)).toEqual({
      type: 'capture.applied',
      timestamp: '2026-06-01T00:00:00.000Z',
      data: { count: 1 },
    })
    expect((await world.read(endpoint)).toldAt).toBe(begin)
  })

  it('is told only what it asked for', async () => {
    await world.webhook(receiver.url, { settings: { kinds: ['alert.raised'] } })
    await world.happen(600)
    await world.happen(1, 'alert.raised')
    await world.start().settled()
    expect(countsOf(receiver)).toEqual([601])
  })

  it('gets the same id and the same bytes again when its answer was lost', async () => {
    await world.webhook(receiver.url)
    await world.happen(3)
    receiver.answers = [200, (response) => response.destroy()]
    const engine = world.start()
    await engine.settled()
    expect(receiver.received).toHaveLength(2)
    world.pass(4999)
    await engine.settled()
    expect(receiver.received).toHaveLength(2)
    world.pass(1)
    await engine.settled()
    expect(receiver.received).toHaveLength(4)
    const [, lost, again] = receiver.received
    expect(again!.headers['webhook-id']).toBe(lost!.headers['webhook-id'])
    expect(again!.body).toBe(lost!.body)
    expect(again!.headers['webhook-timestamp']).not.toBe(lost!.headers['webhook-timestamp'])
    expect(countsOf(receiver)).toEqual([1, 2, 3])
  })

  it('is tried again after 5 s, 5 min, 30 min, … for days, then marked, and begins again where it was', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(2)
    receiver.usual = 500
    const engine = world.start()
    await engine.settled()
    for (const [index, wait] of bounds.webhookRetryMs.entries()) {
      expect(receiver.received).toHaveLength(index + 1)
      expect(await world.read(endpoint)).toMatchObject({
        status: 'active',
        reason: 'answered 500',
        failingSince: begin,
        nextAt: world.now() + wait,
      })
      world.pass(wait)
      await engine.settled()
    }
    expect(await world.read(endpoint)).toMatchObject({
      status: 'failing',
      reason: 'gave up after 10 tries: answered 500',
    })
    expect(await readBacklog(world.ledger.db)).toMatchObject({ failing: 1, pending: 2 })
    world.pass(30 * 86_400_000)
    await engine.settled()
    expect(receiver.received).toHaveLength(10)
    receiver.usual = 204
    await updateEndpoint(world.ledger.db, endpoint, { status: 'active', nextAt: 0 })
    await engine.settled()
    expect(countsOf(receiver)).toEqual([1, 2])
    expect(await world.read(endpoint)).toMatchObject({ failingSince: null, reason: null })
  })

  it('waits up to a fifth longer by chance: a crowd that failed together comes back apart', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(1)
    receiver.usual = 500
    const engine = world.start()
    for (const [index, wait] of bounds.webhookRetryMs.slice(0, 3).entries()) {
      world.draw(index / 2)
      await engine.settled()
      const { nextAt } = await world.read(endpoint)
      expect(nextAt - world.now()).toBe(wait * (1 + index / 10))
      world.pass(nextAt - world.now())
    }
  })

  it('may ask for a longer wait with Retry-After, in seconds or as a date', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(1)
    const busy = (retryAfter: string) => (response: import('node:http').ServerResponse) => {
      response.writeHead(503, { 'Retry-After': retryAfter }).end()
    }
    receiver.answers = [busy('120'), busy(new Date(begin + 3 * 3_600_000).toUTCString())]
    const engine = world.start()
    await engine.settled()
    expect((await world.read(endpoint)).nextAt).toBe(begin + 120_000)
    world.pass(120_000)
    await engine.settled()
    expect((await world.read(endpoint)).nextAt).toBe(begin + 3 * 3_600_000)
  })

  it('is told nothing more after it answered 410', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(2)
    receiver.answers = [410]
    const engine = world.start()
    await engine.settled()
    world.pass(86_400_000)
    await engine.settled()
    expect(receiver.received).toHaveLength(1)
    expect(await world.read(endpoint)).toMatchObject({ status: 'disabled', reason: /410/ })
  })

  it('cannot send us elsewhere, keep us waiting or flood us', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(3)
    const elsewhere = await startReceiver()
    let flooded = 0
    receiver.answers = [
      (response) => response.writeHead(307, { Location: elsewhere.url }).end(),
      () => undefined,
      (response) => {
        const chunk = Buffer.alloc(64 * 1024)
        const flood = (): void => {
          while (flooded < 1 << 28 && !response.destroyed) {
            flooded += chunk.length
            if (!response.write(chunk)) break
          }
        }
        response.on('drain', flood).on('error', () => undefined)
        flood()
      },
    ]
    const engine = world.start()
    await engine.settled()
    expect((await world.read(endpoint)).reason).toMatch(/redirects are not followed/)
    world.pass(5000)
    await engine.settled()
    expect((await world.read(endpoint)).reason).toBe('no answer in time')
    world.pass(5 * minute)
    await engine.settled()
    expect(countsOf(receiver)).toEqual([1, 2, 3])
    expect(elsewhere.received).toEqual([])
    expect(flooded).toBeLessThan(1 << 26)
    await elsewhere.close()
  })

  it('does not wait for another one that hangs (I12)', async () => {
    const dead = await startReceiver()
    dead.usual = () => undefined
    for (let index = 0; index < 5; index++) await world.webhook(dead.url, { id: `dead-${index}` })
    await world.webhook(receiver.url, { id: 'good' })
    await world.happen(20)
    const engine = world.start()
    await engine.settled()
    expect(countsOf(receiver)).toEqual(upTo(20))
    expect(dead.received).toHaveLength(5)
    await dead.close()
  })

  it('has a bounded outbox: what is not yet written waits where it happened', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(bounds.outboxMax + 50)
    receiver.usual = 500
    const engine = world.start()
    await engine.settled()
    expect((await readBacklog(world.ledger.db)).pending).toBe(bounds.outboxMax)
    receiver.usual = 200
    world.pass(5000)
    await engine.settled()
    expect(countsOf(receiver)).toEqual(upTo(bounds.outboxMax + 50))
    expect((await world.read(endpoint)).notice).toBe(bounds.outboxMax + 50)
  })

  it('is told again on demand, with the ids and bytes it knows', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(2)
    world.pass(minute)
    await world.happen(3)
    const engine = world.start()
    await engine.settled()
    const before = receiver.received.map(({ headers, body }) => [headers['webhook-id'], body])
    const again = (of: Replay) => world.replay(endpoint, of)
    expect(await again({ from: begin + 1, to: begin + 2 * minute })).toMatchObject({ count: 3 })
    expect(await again({ ids: [String(before[0]![0])] })).toMatchObject({ count: 1 })
    expect(await again({ ids: ['msg_never'] })).toEqual({ count: 0, unknown: ['msg_never'] })
    await engine.settled()
    const after = receiver.received
      .slice(5)
      .map(({ headers, body }) => [headers['webhook-id'], body])
    expect(after).toEqual([...before.slice(2), before[0]])
  })

  it('forgets old messages and notices, and makes a forgotten message again with the same bytes', async () => {
    const endpoint = await world.webhook(receiver.url)
    await world.happen(2)
    const engine = world.start()
    await engine.settled()
    world.pass(8 * 86_400_000)
    await engine.settled()
    expect(await listDeliveries(world.ledger.db, endpoint, { limit: 10 })).toEqual([])
    const of = { from: begin, to: begin + 1 }
    await world.replay(endpoint, of)
    await engine.settled()
    const bytes = receiver.received.map(({ headers, body }) => [headers['webhook-id'], body])
    expect(bytes.slice(2)).toEqual(bytes.slice(0, 2))
    world.pass(31 * 86_400_000)
    await engine.settled()
    const kept = await world.ledger.db.selectFrom('notices').select('ref').execute()
    expect(kept).toEqual([{ ref: '00002' }])
  })

  it('is told of the gap when it was paused until things were forgotten', async () => {
    const endpoint = await world.webhook(receiver.url, { status: 'paused' })
    await world.happen(3)
    const engine = world.start()
    await engine.settled()
    world.pass(31 * 86_400_000)
    await world.happen(1)
    await engine.settled()
    await updateEndpoint(world.ledger.db, endpoint, { status: 'active' })
    await engine.settled()
    const bodies = receiver.received.map(({ body }) => JSON.parse(body))
    expect(bodies.map(({ type, data }) => [type, data])).toEqual([
      ['webhook.gap', { missed: 3 }],
      ['capture.applied', { count: 4 }],
    ])
  })

  it('gets what was under way again after a crash, and nothing twice by id', async () => {
    await world.webhook(receiver.url)
    await world.happen(5)
    // The receiver has it, our process dies before it hears so.
    receiver.answers = [200, 200, () => undefined]
    const first = world.start()
    while (receiver.received.length < 3) await new Promise((resolve) => setImmediate(resolve))
    await first.stop()
    await world.start().settled()
    expect(countsOf(receiver)).toEqual(upTo(5))
    expect(receiver.received).toHaveLength(6)
    expect(receiver.ids()[3]).toBe(receiver.ids()[2])
  })

  it('never shows its secret in what goes wrong', async () => {
    const endpoint = await world.webhook('http://127.0.0.1:1/hook')
    await world.happen(1)
    await world.start().settled()
    const told = JSON.stringify([
      await listDeliveries(world.ledger.db, endpoint, { limit: 10 }),
      (await world.read(endpoint)).reason,
      world.failures,
    ])
    expect(told).not.toContain(endpoint.secrets[0]!.secret.slice(6))
    expect((await world.read(endpoint)).reason).toMatch(/ECONNREFUSED/)
  })
})

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe.skipIf(absent)('two processes on one PostgreSQL', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('share the endpoints and tell each of them everything once, in order', async () => {
    const url = await server.createLedger()
    const shared = await openWorld(() => openPostgresLedger({ url }), 5000)
    const other = await openPostgresLedger({ url })
    const receivers = await Promise.all(Array.from({ length: 6 }, startReceiver))
    for (const [index, { url: to }] of receivers.entries())
      await shared.webhook(to, { id: `of-${index}` })
    const engines = [shared.start(shared.ledger, false), shared.start(other, false)]
    await shared.happen(20)
    await Promise.all(engines.map((engine) => engine.settled()))
    await shared.happen(20)
    // What one holds, the other leaves alone: a look of each may find nothing to do.
    for (let round = 0; round < 3; round++)
      await Promise.all(engines.map((engine) => engine.settled()))
    // Row-level security: another tenant's callers see none of it.
    const stranger = other.forTenant('other').db
    for (const table of ['endpoints', 'deliveries', 'notices'] as const)
      expect(await stranger.selectFrom(table).select('tenant').execute()).toEqual([])
    for (const one of receivers) {
      expect(countsOf(one)).toEqual(upTo(40))
      expect(one.received).toHaveLength(40)
    }
    expect(shared.failures).toEqual([])
    await Promise.all(engines.map((engine) => engine.stop()))
    await other.close()
    await shared.close()
    await Promise.all(receivers.map((one) => one.close()))
  })

  it('take over from one that died with an endpoint in its hands', async () => {
    const url = await server.createLedger()
    const shared = await openWorld(() => openPostgresLedger({ url }), 5000)
    const endpoint = await shared.webhook(receiver.url)
    await shared.happen(3)
    await shared.ledger.db
      .updateTable('endpoints')
      .set({ heldBy: 'the dead', heldUntil: shared.now() + bounds.endpointLeaseMs })
      .execute()
    const engine = shared.start(shared.ledger, false)
    await engine.settled()
    expect(receiver.received).toEqual([])
    shared.pass(bounds.endpointLeaseMs)
    await engine.settled()
    expect(countsOf(receiver)).toEqual([1, 2, 3])
    expect((await shared.read(endpoint)).toldAt).toBe(shared.now())
    await shared.close()
  })
})
