// What receivers hear of alerts: of each upload at most one message for each real change, whatever
// happened on the way, and after the last message they know how everything stands.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { tellAlerts } from '../quality/tell-alerts.ts'
import type { Alert } from '../store/ledger/alerts.ts'
import { placeNotices } from '../store/ledger/notices.ts'
import { closeSilence } from '../store/ledger/silence.ts'
import type { Envelope } from '../store/log.ts'
import {
  captureEnvelope,
  epcisEvent,
  type FollowerName,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import {
  envelopesOf,
  epcOf,
  horizon,
  loggerOf,
  minute,
  products,
  timeOf,
  worldArbitrary,
} from './worlds.ts'

interface Message {
  kind: string
  alert: Alert
  cause: string
  diff?: Record<string, unknown>
  supersedes?: string[]
}

let pipeline: Pipeline
let clock = timeOf(horizon + 60)
let tenants = 0
beforeAll(async () => {
  pipeline = await openPipeline(() => clock)
}, 60_000)
afterAll(() => pipeline.close())

async function begin(gapMinutes: number): Promise<{ tenant: string; device: string }> {
  const tenant = `m${++tenants}`
  const device = `${tenant}d`
  for (const { gtin, rules } of products)
    await pipeline.addProduct(tenant, gtin, { rules, silenceMinutes: 45 })
  const loggingIntervalMs = (gapMinutes * minute) / 2.5
  await pipeline.addDevice(tenant, device, { giai: loggerOf(tenant), loggingIntervalMs })
  return { tenant, device }
}

/** Lets it be quiet, and hears what is told then. */
async function listen(tenant: string, heard: Message[]): Promise<Message[]> {
  clock += bounds.tellQuietMs
  await tellAlerts(pipeline.ledger, clock)
  await placeNotices(pipeline.ledger, 10_000)
  const rows = await pipeline.ledger.db
    .selectFrom('notices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('kind', 'like', 'alert.%')
    .orderBy('seq')
    .execute()
  const fresh = rows
    .map(({ kind, body }) => ({ kind, ...JSON.parse(body) }) as Message)
    .slice(heard.length)
  heard.push(...fresh)
  return fresh
}

const facts = ({ status, from, verdict, serialSetHash, closed }: Alert): string =>
  JSON.stringify({ status, from, verdict, serialSetHash, closed })

/** How everything stands: what is over is not there. */
async function standing(tenant: string): Promise<Map<string, string>> {
  const all = [...(await pipeline.alerts(tenant)), ...(await pipeline.silences(tenant))]
  return new Map(
    all
      .filter(({ alert }) => alert.status === 'open' || alert.status === 'closed')
      .map(({ alert }) => [alert.id, facts(alert)]),
  )
}

function take(known: Map<string, string>, { alert, supersedes = [] }: Message): void {
  for (const id of supersedes) known.delete(id)
  if (alert.status === 'open' || alert.status === 'closed') known.set(alert.id, facts(alert))
  else known.delete(alert.id)
}

/** At most so many messages are needed to come from one to the other. */
function changesBetween(before: Map<string, string>, after: Map<string, string>): number {
  const gone = [...before.keys()].filter((id) => !after.has(id)).length
  const others = [...after].filter(([id, told]) => before.get(id) !== told).length
  return gone + others
}

describe('messages about alerts', () => {
  const count = Math.ceil(Number(process.env.ISOTHERM_TEST_WORLDS ?? 1000) / 80)
  it(`are no more than real changes, and always tell how it ended (${count} random late worlds)`, async () => {
    let messages = 0
    let revisions = 0
    await fc.assert(
      fc.asyncProperty(
        worldArbitrary,
        fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 80 }),
        fc.integer({ min: 1, max: 6 }),
        async (world, keys, uploads) => {
          const names = await begin(world.gapMinutes)
          const all = envelopesOf(world, names)
            .map((envelope, index) => ({
              envelope,
              key: (keys[index % keys.length]! * (index + 7)) % 1_000_003,
            }))
            .sort((a, b) => a.key - b.key)
            .map(({ envelope }): Envelope => ({ ...envelope, recordTime: clock }))
          const heard: Message[] = []
          const known = new Map<string, string>()
          const size = Math.ceil(all.length / uploads)
          const steps: FollowerName[] = ['capture', 'record', 'detect']
          for (let from = 0; from < all.length; from += size) {
            const before = await standing(names.tenant)
            const upload = all.slice(from, from + size)
            // An upload comes in pieces, and is judged between them.
            for (let at = 0; at < upload.length; at += 9) {
              await pipeline.keep(upload.slice(at, at + 9))
              await pipeline.step(steps[keys[at % keys.length]! % 3]!, 30)
              if (keys[at % keys.length]! % 2 === 0) await pipeline.settle()
              clock += 20
              await tellAlerts(pipeline.ledger, clock)
            }
            await pipeline.settle()
            const fresh = await listen(names.tenant, heard)
            for (const message of fresh) take(known, message)
            const after = await standing(names.tenant)
            expect(fresh.length).toBeLessThanOrEqual(changesBetween(before, after))
            expect(known).toEqual(after)
            for (const { kind, diff } of fresh) expect(kind === 'alert.changed').toBe(!!diff)
          }
          messages += heard.length
          const all2 = await pipeline.ledger.db
            .selectFrom('revisions')
            .select('revision')
            .where('tenant', '=', names.tenant)
            .execute()
          revisions += all2.length
        },
      ),
      { numRuns: count },
    )
    expect(messages).toBeGreaterThan(count / 2)
    expect(revisions).toBeGreaterThan(messages)
  }, 600_000)

  const at = (m: number): number => timeOf(m)
  async function packed(): Promise<{ tenant: string; device: string }> {
    const names = await begin(25)
    const add = (parentID: string, childEPCs: string[]) => ({ action: 'ADD', parentID, childEPCs })
    const [one, other] = [epcOf.unit(0), epcOf.unit(2)]
    const events = [
      epcisEvent('AggregationEvent', at(0), add(epcOf.pallet(0), [one, other])),
      epcisEvent('AssociationEvent', at(1), add(epcOf.pallet(0), [loggerOf(names.tenant)])),
    ]
    await pipeline.keep([captureEnvelope(names.tenant, events, clock)])
    await pipeline.settle()
    return names
  }
  const say = async (
    { tenant, device }: { tenant: string; device: string },
    ...told: [number, number][]
  ): Promise<void> => {
    for (const [m, temperature] of told) {
      const readings = [{ time: at(m), temperature }]
      await pipeline.keep([readingsEnvelope(tenant, device, { readings, recordTime: clock })])
      await pipeline.settle()
    }
  }
  const warm = (from: number, to: number): [number, number][] =>
    Array.from({ length: (to - from) / 10 + 1 }, (_, i) => [from + i * 10, 9])

  it('tell of an upload that moves the begin of a breach once, with what it was before', async () => {
    const names = await packed()
    const heard: Message[] = []
    await say(names, [50, 5], ...warm(60, 100), [110, 5])
    const excursion = ({ alert }: Message) => alert.kind === 'excursion' && alert.rule === 'heat'
    const [first, ...more] = (await listen(names.tenant, heard)).filter(excursion)
    expect(more).toEqual([])
    expect(first).toMatchObject({ kind: 'alert.raised', alert: { from: at(60) } })
    // Late, one after the other, each a revision of its own on the way.
    await say(names, [55, 9], [53, 9], [52, 9], [51, 9])
    const [then, ...others] = (await listen(names.tenant, heard)).filter(excursion)
    expect(others).toEqual([])
    expect(then).toMatchObject({
      ...{ kind: 'alert.changed', cause: 'late-reading', supersedes: [first!.alert.id] },
      diff: { from: [at(60), at(51)], minutes: [50, 59] },
    })
  })

  it('say nothing when late readings change figures only, or what was raised was taken back at once', async () => {
    const names = await packed()
    const heard: Message[] = []
    await say(names, [50, 5], [60, 9], [70, 9], [80, 9], [90, 9], [100, 9], [110, 5])
    await listen(names.tenant, heard)
    await say(names, [75, 12])
    expect((await listen(names.tenant, heard)).map(({ alert }) => alert.rule)).toEqual([])
    // A second breach that later readings show to be none, before anybody heard of it.
    await say(names, [120, 5], [130, 9], [155, 9], [180, 5])
    await say(names, [131, 5], [132, 5], [154, 5], [156, 5])
    const excursions = (await listen(names.tenant, heard)).filter(
      ({ alert }) => alert.rule !== 'silence',
    )
    expect(excursions).toEqual([])
  })

  it('tell of a closed silence with who closed it', async () => {
    const names = await packed()
    const heard: Message[] = []
    await say(names, [10, 5])
    const silence = ({ alert }: Message) => alert.kind === 'silence'
    const [raised] = (await listen(names.tenant, heard)).filter(silence)
    expect(raised).toMatchObject({ alert: { status: 'open', serialCount: 2 } })
    const closing = { at: clock, by: 'Ana', reason: 'sensor lost', alert: raised!.alert.id }
    await pipeline.ledger.transact((db) =>
      closeSilence(db, names.tenant, {
        ...{ ...closing, since: at(0) },
        ...{ device: names.device, container: epcOf.pallet(0) },
      }),
    )
    await pipeline.settle()
    expect(await listen(names.tenant, heard)).toMatchObject([
      // Who closes a silence has taken notice of it: that is a step of its life, told to the inbox.
      { kind: 'alert.workflow', by: 'Ana', state: 'acknowledged' },
      {
        ...{ kind: 'alert.changed', cause: 'closing' },
        alert: { closed: { by: 'Ana', reason: 'sensor lost' } },
        diff: { status: ['open', 'closed'] },
      },
    ])
  })
})
