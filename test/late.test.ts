// Late days in months of readings are judged from waypoints (analytics/resume.ts), through the real
// stores: whatever lots they come in, the alerts are those of the same readings in order (I3).
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waypointMs } from '../analytics/replay.ts'
import { openWaypoints } from '../analytics/waypoints.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { loggerOf } from './worlds.ts'

const hour = 3_600_000
const every = 6 * hour
const begin = Math.ceil(Date.UTC(2026, 0, 1) / waypointMs) * waypointMs
const count = 300
const gtin = '09521234543213'
const pallet = 'https://id.gs1.org/00/095212340000000013'
const unit = (n: number): string => `https://id.gs1.org/01/${gtin}/21/S${n}`
const rules = [
  { id: 'heat', kind: 'single', above: 8, forMinutes: 600, severity: 'major' },
  { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 1500, severity: 'minor' },
  {
    id: 'window',
    kind: 'cumulative',
    above: 8,
    forMinutes: 800,
    withinMinutes: 5000,
    severity: 'minor',
  },
  { id: 'peak', kind: 'instant', above: 15, severity: 'critical' },
]

let pipeline: Pipeline
beforeAll(async () => {
  pipeline = await openPipeline(() => begin + 1000 * every)
})
afterAll(() => pipeline.close())

const recordTime = begin + 1000 * every
const envelope = (tenant: string, readings: { time: number; temperature: number }[]) =>
  readingsEnvelope(tenant, `${tenant}d`, { readings, recordTime })

/** A logger on a pallet of three units, of which one leaves and one comes on the way. */
async function addTenant(tenant: string, [leaves, comes]: [number, number]): Promise<void> {
  await pipeline.addProduct(tenant, gtin, { rules })
  const loggingIntervalMs = every
  await pipeline.addDevice(tenant, `${tenant}d`, { giai: loggerOf(tenant), loggingIntervalMs })
  const packs = (action: string, children: string[]) => ({
    ...{ action, parentID: pallet, childEPCs: children },
  })
  const events = [
    epcisEvent('AggregationEvent', begin, packs('ADD', [unit(1), unit(2)])),
    epcisEvent('AssociationEvent', begin, packs('ADD', [loggerOf(tenant)])),
    epcisEvent('AggregationEvent', begin + leaves * every + hour, packs('DELETE', [unit(1)])),
    epcisEvent('AggregationEvent', begin + comes * every + hour, packs('ADD', [unit(3)])),
  ]
  await pipeline.keep([captureEnvelope(tenant, events, recordTime)])
}

async function outcome(tenant: string) {
  const found = await pipeline.alerts(tenant)
  return found
    .filter(({ alert }) => alert.status === 'open')
    .map(({ alert, serials }) => ({
      ...{ rule: alert.rule, from: alert.from, to: alert.to, minutes: alert.minutes },
      ...{ unknownMinutes: alert.unknownMinutes, peakC: alert.peakC, verdict: alert.verdict },
      serials,
    }))
    .sort((a, b) => a.from - b.from || (a.rule < b.rule ? -1 : 1))
}

const world = fc.record({
  warm: fc.array(
    fc.tuple(fc.nat(count - 10), fc.integer({ min: 1, max: 9 }), fc.constantFrom(9, 9, 16)),
    {
      minLength: 2,
      maxLength: 6,
    },
  ),
  late: fc.array(fc.tuple(fc.nat(count - 20), fc.integer({ min: 1, max: 12 })), {
    minLength: 2,
    maxLength: 4,
  }),
  moves: fc.tuple(fc.nat(count), fc.nat(count)),
})

it('end in the alerts of the same readings in order, whatever lots they come in', async () => {
  let alerts = 0
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 8, maxLength: 8 }), async (worlds) => {
      const readings = worlds.map(({ warm }) =>
        Array.from({ length: count }, (_, i) => ({
          time: begin + i * every + hour,
          temperature: warm.find(([from, length]) => i >= from && i < from + length)?.[2] ?? 5,
        })),
      )
      const isLate = (n: number, i: number): boolean =>
        worlds[n]!.late.some(([from, length]) => i >= from && i < from + length)
      for (const [n, { moves }] of worlds.entries()) {
        await addTenant(`o${n}`, moves)
        await addTenant(`l${n}`, moves)
        await pipeline.keep([envelope(`o${n}`, readings[n]!)])
        await pipeline.keep([
          envelope(
            `l${n}`,
            readings[n]!.filter((_, i) => !isLate(n, i)),
          ),
        ])
      }
      await pipeline.settle()
      // The first late lot makes waypoints, the others are judged from them.
      for (let lot = 0; lot < 4; lot++) {
        for (const [n, { late }] of worlds.entries()) {
          const [from = 0, length = 0] = late[lot] ?? []
          if (length > 0)
            await pipeline.keep([envelope(`l${n}`, readings[n]!.slice(from, from + length))])
        }
        await pipeline.settle()
      }
      for (const [n, one] of worlds.entries()) {
        const expected = await outcome(`o${n}`)
        alerts += expected.length
        expect(await outcome(`l${n}`), JSON.stringify(one)).toEqual(expected)
      }
    }),
    { numRuns: 1, endOnFailure: true },
  )
  expect(alerts).toBeGreaterThan(8)
})

it('forgets the waypoints longest unused when there are too many, and what was late with them', () => {
  const memory = openWaypoints(250)
  const last = { time: 1, value: 5 }
  const kept = (marks: number) => ({
    ...{ marks, plan: 'p', watches: new Set(['w']) },
    channels: new Map([['temperature', [{ time: 2, last, watches: { w: 'nothing' } }]]]),
  })
  for (const key of ['a', 'b', 'c']) memory.keep(key, kept(1))
  memory.addLate('c', { from: 5, to: 6 })
  memory.addLate('c', { from: 3, to: 4 })
  expect(memory.late('c')).toEqual({ marks: 2, span: { from: 3, to: 6 } })
  memory.keep('d', kept(1))
  expect(memory.read('a')).toBeUndefined()
  memory.addLate('a', { from: 1, to: 1 })
  expect(memory.late('a')).toBeUndefined()
  memory.keep('c', kept(3))
  expect(memory.late('c')).toBeUndefined()
  expect(memory.read('c')?.marks).toBe(3)
})
