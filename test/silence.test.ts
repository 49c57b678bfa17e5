// Silence of loggers (I3, I4, I5): what is found depends on readings, events, closings and the moment
// of looking alone; the units in it are exactly known.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { liesAhead, lookAgainAt, silencesIn } from '../domain/silence.ts'
import { listRevisions } from '../store/ledger/alerts.ts'
import { markDirty } from '../store/ledger/detectors.ts'
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
  epoch,
  horizon,
  loggerOf,
  minute,
  mountWindows,
  parentsByMinute,
  products,
  timeOf,
  type Window,
  type World,
  worldArbitrary,
} from './worlds.ts'

const points = (...times: number[]): Point[] => times.map((time) => ({ time, value: 5 }))
const terms = { window: { from: 0, to: Infinity }, allowanceMs: 60, standsMs: 15 }
const nobody = { closings: [] }

describe('the silence of a logger', () => {
  it('begins when its last word no longer stands, once more than the allowance has passed', () => {
    const silent = (asOf: number) => silencesIn(points(10, 20), terms, { asOf, ...nobody })
    expect(silent(80)).toEqual([])
    expect(silent(81)).toMatchObject([{ from: 35, to: null, overdueAt: 80, ongoing: true }])
    expect(lookAgainAt(points(10, 20), terms, 30)).toBe(80)
    expect(lookAgainAt(points(10, 20), terms, 81)).toBe(Infinity)
  })

  it('of one that never spoke begins with the mount', () => {
    expect(silencesIn([], terms, { asOf: 61, ...nobody })).toMatchObject([
      { from: 0, to: null, last: null },
    ])
  })

  it('is not hidden by a reading whose clock runs ahead, and ends when its time has come', () => {
    const ahead = points(10, 500)
    expect(silencesIn(ahead, terms, { asOf: 100, ...nobody })).toMatchObject([{ to: null }])
    expect(lookAgainAt(ahead, terms, 100)).toBe(499)
    expect(silencesIn(ahead, terms, { asOf: 500, ...nobody })).toMatchObject([{ to: 500 }])
  })

  it('ends where it was closed, and the next one begins anew', () => {
    const closings = [{ at: 100, by: 'Ana', reason: 'sensor lost' }]
    expect(silencesIn(points(10), terms, { asOf: 900, closings })).toMatchObject([
      { from: 25, to: 100, closing: { reason: 'sensor lost' }, ongoing: true },
    ])
    expect(silencesIn(points(10, 200), terms, { asOf: 900, closings })).toMatchObject([
      { from: 25, to: 100 },
      { from: 215, to: null },
    ])
    // It spoke after it was closed: that silence was over before.
    expect(silencesIn(points(10, 90, 110), terms, { asOf: 160, closings })).toMatchObject([
      { from: 25, to: 90 },
    ])
  })

  it('changes only at the moments that a look foretells (1000 random histories)', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(400), { maxLength: 12 }),
        fc.nat(300),
        fc.option(fc.integer({ min: 1, max: 400 }), { nil: Infinity }),
        (times, asOf, end) => {
          const told = points(...times.sort((a, b) => a - b))
          const own = { ...terms, window: { from: 0, to: end } }
          const at = (moment: number) => silencesIn(told, own, { asOf: moment, ...nobody })
          const next = lookAgainAt(told, own, asOf)
          const until = Math.min(next, 1000)
          const [now, then] = [JSON.stringify(at(asOf)), Math.floor((asOf + until) / 2)]
          for (const moment of [asOf + 1, then, until - 1, until])
            if (moment > asOf && moment <= until) expect(JSON.stringify(at(moment))).toBe(now)
          // What has an end that is known stays, whatever the logger says last.
          const ended = at(2000).some(({ to }) => to !== null && to > asOf)
          expect(liesAhead(told, own, asOf)).toBe(ended)
          if (next !== Infinity) expect(JSON.stringify(at(next + 1))).not.toBe(now)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

let pipeline: Pipeline
let clock = 0
let tenants = 0
beforeAll(async () => {
  pipeline = await openPipeline(() => clock)
}, 60_000)
afterAll(() => pipeline.close())

const allowances = [40, 25]
const end = timeOf(horizon + 120)

interface Play {
  world: World
  closings: { minute: number; container: number }[]
}

async function begin(world: World): Promise<{ tenant: string; device: string }> {
  const tenant = `s${++tenants}`
  const device = `${tenant}d`
  for (const [index, { gtin, rules }] of products.entries())
    await pipeline.addProduct(tenant, gtin, { rules, silenceMinutes: allowances[index] })
  const loggingIntervalMs = (world.gapMinutes * minute) / 2.5
  await pipeline.addDevice(tenant, device, { giai: loggerOf(tenant), loggingIntervalMs })
  return { tenant, device }
}

const close = (
  { tenant, device }: { tenant: string; device: string },
  { minute: m, container }: Play['closings'][number],
): Promise<void> =>
  pipeline.ledger.transact((db) =>
    closeSilence(db, tenant, {
      ...{ device, container: epcOf.pallet(container), at: timeOf(m), alert: '' },
      ...{ by: 'Ana', reason: 'sensor lost', since: 0 },
    }),
  )

async function outcome(tenant: string, { withHours = false } = {}) {
  const all = await pipeline.silences(tenant)
  const told = all
    .filter(({ alert }) => alert.status === 'open' || alert.status === 'closed')
    .map(({ alert, serials }) => ({
      container: alert.container,
      gtin: alert.gtin,
      from: (alert.from - epoch) / minute,
      to: alert.to === null ? null : (alert.to - epoch) / minute,
      closed: alert.closed?.by ?? null,
      serials: Object.fromEntries(
        Object.entries(serials).map(([epc, leg]) => [
          epc,
          [(leg.from - epoch) / minute, leg.to === null ? null : (leg.to - epoch) / minute],
        ]),
      ),
      ...(withHours && { unknown: alert.unknownMinutes }),
    }))
  return told.sort(byPlace)
}

const byPlace = (
  a: { container: string; gtin: string; from: number },
  b: { container: string; gtin: string; from: number },
): number => (nameOf(a) < nameOf(b) ? -1 : 1)
const nameOf = ({ container, gtin, from }: Parameters<typeof byPlace>[0]): string =>
  `${container} ${gtin} ${String(from).padStart(6, '0')}`

/** By a walk over the minutes. */
function expected({ world, closings }: Play): Awaited<ReturnType<typeof outcome>> {
  const packed = parentsByMinute(world, 'Aggregation')
  const found: Awaited<ReturnType<typeof outcome>> = []
  const last = (end - epoch) / minute
  for (const window of mountWindows(parentsByMinute(world, 'Association')))
    for (const [index, { gtin }] of products.entries()) {
      const spoken = (m: number): boolean => world.readings.some((one) => one.minute === m)
      let since = window.first
      let word = false
      const over = window.end ?? Infinity
      for (let m = window.first; m <= Math.min(over, last); m++) {
        const speaks = m < over && spoken(m)
        if (!speaks && m < Math.min(over, last)) continue
        const until = speaks || m === over ? m : Infinity
        if (Math.min(m, last) - since > allowances[index]!) {
          const from = word ? since + Math.min(world.gapMinutes, allowances[index]!) : since
          const closed = closings
            .filter((one) => epcOf.pallet(one.container) === window.container)
            .map((one) => one.minute)
            .sort((a, b) => a - b)
            .find((at) => at >= from && at < until)
          const to = closed ?? (until === Infinity ? null : until)
          const serials = inside({ packed, window, gtin }, [from, to ?? Infinity])
          const by = closed !== undefined ? 'Ana' : m === over ? 'watch-ended' : 'readings'
          if (Object.keys(serials).length > 0)
            found.push({
              ...{ container: window.container, gtin, from, to, serials },
              closed: to === null ? null : by,
            })
        }
        if (!speaks) break
        since = m
        word = true
      }
    }
  return found.sort(byPlace)
}

function inside(
  of: { packed: Map<string, string>[]; window: Window; gtin: string },
  [from, to]: [number, number],
): Record<string, (number | null)[]> {
  const serials: Record<string, (number | null)[]> = {}
  const over = Math.min(to, of.window.end ?? Infinity)
  for (let n = 0; n < 6; n++) {
    const epc = epcOf.unit(n)
    if (!epc.includes(of.gtin)) continue
    const here = (m: number): boolean => {
      const state = of.packed[Math.min(m, horizon)]!
      for (let at = state.get(epc), depth = 0; at && depth < 8; at = state.get(at), depth++)
        if (at === of.window.container) return true
      return false
    }
    const minutes: number[] = []
    for (let m = from; m < Math.min(over, Math.max(horizon, from) + 1); m++)
      if (here(m)) minutes.push(m)
    if (minutes.length === 0) continue
    const past = minutes.at(-1)! + 1
    const stays = past > horizon && here(horizon)
    serials[epc] = [minutes[0]!, stays ? (over === Infinity ? null : over) : past]
  }
  return serials
}

const playArbitrary: fc.Arbitrary<Play> = fc.record({
  world: worldArbitrary,
  closings: fc.array(
    fc.record({ minute: fc.integer({ min: 40, max: horizon + 100 }), container: fc.nat(1) }),
    { maxLength: 2 },
  ),
})

describe('alarms of silent loggers', () => {
  const count = Number(process.env.ISOTHERM_TEST_WORLDS ?? 1000) / 20
  it(`are the same in any order, however often was looked between (${count} random worlds)`, async () => {
    let alarms = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(playArbitrary, { minLength: 5, maxLength: 5 }),
        fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 200 }),
        async (plays, keys) => {
          const own: string[] = []
          const work: { key: number; at: number; run: () => Promise<unknown> | undefined }[] = []
          const kept: Envelope[] = []
          clock = timeOf(0)
          for (const play of plays) {
            const names = await begin(play.world)
            own.push(names.tenant)
            const all: (() => Promise<unknown> | undefined)[] = [
              ...envelopesOf(play.world, names).map((envelope: Envelope) => () => {
                kept.push(envelope)
                return undefined
              }),
              ...play.closings.map((closing) => () => close(names, closing)),
            ]
            for (const run of all) {
              const key = keys[work.length % keys.length]! * (work.length + 7)
              work.push({ key: key % 1_000_003, at: key % (horizon + 100), run })
            }
          }
          work.sort((a, b) => a.key - b.key)
          for (const [index, { at, run }] of work.entries()) {
            await run()
            // Clocks are set back too.
            clock = timeOf(at)
            const names: FollowerName[] = ['record', 'capture', 'detect']
            if (index % 11 > 0) continue
            await pipeline.keep(kept.splice(0))
            await pipeline.step(names[index % 3]!, 25)
            if (index % 44 === 0) await pipeline.settle()
          }
          await pipeline.keep(kept.splice(0))
          clock = end
          await pipeline.settle()
          for (const [index, tenant] of own.entries()) {
            const wanted = expected(plays[index]!)
            alarms += wanted.length
            expect(await outcome(tenant), JSON.stringify(plays[index])).toEqual(wanted)
          }
        },
      ),
      { numRuns: Math.ceil(count / 5) },
    )
    expect(alarms).toBeGreaterThan(count / 2)
  }, 240_000)

  const at = (clockTime: string): number => Date.parse(`2026-03-02T${clockTime}:00Z`)
  const [{ gtin }] = products
  const pack = (time: number, parent: string, children: string[], action = 'ADD') =>
    epcisEvent('AggregationEvent', time, { action, parentID: parent, childEPCs: children })

  async function watched(): Promise<{ tenant: string; device: string }> {
    const world = { readings: [], steps: [], gapMinutes: 25 } satisfies World
    const names = await begin(world)
    clock = at('08:30')
    const mounted = {
      action: 'ADD',
      parentID: epcOf.pallet(0),
      childEPCs: [loggerOf(names.tenant)],
    }
    await pipeline.keep([
      captureEnvelope(
        names.tenant,
        [
          pack(at('08:00'), epcOf.case(0), [epcOf.unit(0), epcOf.unit(2)]),
          pack(at('08:10'), epcOf.pallet(0), [epcOf.case(0)]),
          epcisEvent('AssociationEvent', at('08:20'), mounted),
        ],
        at('08:30'),
      ),
    ])
    return names
  }
  const say = ({ tenant, device }: { tenant: string; device: string }, ...times: string[]) =>
    pipeline.keep(
      times.map((time) =>
        readingsEnvelope(tenant, device, {
          readings: [{ time: at(time), temperature: 5 }],
          recordTime: clock,
        }),
      ),
    )
  const look = async (time: string): Promise<void> => {
    clock = at(time)
    await pipeline.settle()
  }

  it('are open-ended with their units, and close when it speaks again', async () => {
    const names = await watched()
    await say(names, '08:30', '08:40', '08:50')
    await look('09:30')
    expect(await outcome(names.tenant)).toEqual([])
    await look('09:31')
    const open = { from: 9 * 60 + 15, to: null, closed: null }
    const units = [epcOf.unit(0), epcOf.unit(2)]
    const [alarm, ...others] = await outcome(names.tenant)
    expect(alarm).toMatchObject(open)
    expect(others).toEqual([])
    expect(Object.keys(alarm!.serials)).toEqual(units)
    await look('11:00')
    await say(names, '11:00')
    await look('11:01')
    expect(await outcome(names.tenant)).toMatchObject([{ ...open, to: 660, closed: 'readings' }])
    const { alert } = (await pipeline.silences(names.tenant))[0]!
    const causes = await listRevisions(pipeline.ledger.db, names.tenant, alert.id)
    expect(causes.map(({ cause, alert: { status } }) => [cause, status])).toEqual([
      ['silence', 'open'],
      ['reading', 'closed'],
    ])
  })

  it('that are known of times to come are told then, whatever is judged in between', async () => {
    const names = await watched()
    await say(names, '08:30', '08:45', '09:55', '10:05', '10:50', '11:00', '11:10')
    const association = { action: 'ADD', childEPCs: [loggerOf(names.tenant)] }
    const elsewhere = { ...association, parentID: epcOf.pallet(1) }
    await pipeline.keep([
      captureEnvelope(
        names.tenant,
        [epcisEvent('AssociationEvent', at('10:30'), elsewhere)],
        clock,
      ),
    ])
    // Our clock was set back, or the logger's runs ahead.
    await look('08:46')
    expect(await outcome(names.tenant)).toEqual([])
    await say(names, '10:40')
    await look('08:47')
    await look('11:15')
    expect(await outcome(names.tenant)).toMatchObject([
      { container: epcOf.pallet(0), from: 550, to: 595, closed: 'readings' },
    ])
  })

  it('of a watch that is over begin later when its last word comes late', async () => {
    const names = await watched()
    await say(names, '08:30', '08:45')
    const elsewhere = {
      ...{ action: 'ADD', parentID: epcOf.pallet(1) },
      childEPCs: [loggerOf(names.tenant)],
    }
    await pipeline.keep([
      captureEnvelope(
        names.tenant,
        [epcisEvent('AssociationEvent', at('10:30'), elsewhere)],
        clock,
      ),
    ])
    await look('10:31')
    const ended = { container: epcOf.pallet(0), to: 630, closed: 'watch-ended' }
    expect(await outcome(names.tenant)).toMatchObject([{ ...ended, from: 550 }])
    await say(names, '08:55')
    await look('10:32')
    expect(await outcome(names.tenant)).toMatchObject([{ ...ended, from: 560 }])
  })

  it('are taken back with their cause when late data fills the hole', async () => {
    const names = await watched()
    await say(names, '08:30')
    await look('08:35')
    await look('10:00')
    await say(names, '08:40', '08:50', '09:00', '09:10', '09:20', '09:30', '09:40', '09:50')
    await look('10:01')
    expect(await outcome(names.tenant)).toEqual([])
    const { alert } = (await pipeline.silences(names.tenant))[0]!
    const causes = await listRevisions(pipeline.ledger.db, names.tenant, alert.id)
    expect(causes.map(({ cause, alert: { status } }) => [cause, status])).toEqual([
      ['silence', 'open'],
      ['late-reading', 'retracted'],
    ])
  })

  it('stay closed when a person closed them, although nothing comes, and grow no more', async () => {
    const names = await watched()
    await say(names, '08:30')
    await look('10:00')
    clock = at('10:05')
    await close(names, { minute: 605, container: 0 })
    await look('10:06')
    const closed = { from: 535, to: 605, closed: 'Ana' }
    expect(await outcome(names.tenant)).toMatchObject([closed])
    await look('23:00')
    await pipeline.ledger.transact((db) =>
      markDirty(db, names.tenant, { devices: [names.device], since: 0, cause: 'device' }),
    )
    await pipeline.settle()
    expect(await outcome(names.tenant)).toMatchObject([closed])
    const [only] = await pipeline.silences(names.tenant)
    expect(only!.alert).toMatchObject({ revision: 2, unknownMinutes: 70, peakC: 5, limitC: null })
  })

  it('concern units that come into what nobody watches, from when they come', async () => {
    const names = await watched()
    await look('10:00')
    const late = pack(at('09:50'), epcOf.pallet(0), [epcOf.case(1)])
    const packed = pack(at('09:40'), epcOf.case(1), [epcOf.unit(4)])
    await pipeline.keep([captureEnvelope(names.tenant, [packed, late], clock)])
    await look('10:01')
    const [alarm] = (await outcome(names.tenant)).filter((one) => one.gtin === gtin)
    expect(alarm!.serials[epcOf.unit(4)]).toEqual([590, null])
    expect(alarm!.serials[epcOf.unit(0)]).toEqual([500, null])
  })
})
