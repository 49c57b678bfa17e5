// What judges when: versions of a profile by event time, phases by the events of the journey, guard
// bands and acclimatisation. Worlds in any order against an oracle that looks at every minute.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlan } from '../analytics/plan.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { markDirty } from '../store/ledger/detectors.ts'
import { putProduct } from '../store/ledger/registry.ts'
import type { Envelope } from '../store/log.ts'
import { worldsOf } from './depth.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'

const minute = 60_000
const epoch = Date.UTC(2026, 2, 2)
const at = (m: number): number => epoch + m * minute
const horizon = 240

const gtin = '09521234543213'
const unit = `https://id.gs1.org/01/${gtin}/21/A1`
const pallet = 'https://id.gs1.org/00/095212340000000013'
const truck = 'https://id.gs1.org/00/095212340000000105'
const giai = (tenant: string): string => `https://id.gs1.org/8004/9521234PLAN${tenant}`

let pipeline: Pipeline
let tenants = 0

interface World {
  /** Every five minutes one. */
  values: number[]
  ship: number
  receive: number
  /** The pallet itself is shipped, or what it was put into. */
  inTruck: boolean
  /** From when on the second version judges; null: from the beginning. */
  effective: number | null
}

const worldArbitrary: fc.Arbitrary<World> = fc.record({
  values: fc.array(fc.constantFrom(5, 8.5, 10), { minLength: 40, maxLength: 40 }),
  ship: fc.integer({ min: 10, max: 120 }),
  receive: fc.integer({ min: 121, max: 230 }),
  inTruck: fc.boolean(),
  effective: fc.option(fc.integer({ min: 1, max: 200 }), { nil: null }),
})

const rulesOf = (limit: number): object[] => [
  { id: 'road', kind: 'cumulative', above: 8, forMinutes: 20, phases: ['transit'] },
  { id: 'store', kind: 'single', above: 8, forMinutes: 15, phases: ['origin', 'destination'] },
  { id: 'limit', kind: 'instant', above: limit },
]
const limits = [8, 9]

function profileOf(told: object) {
  const profile = parseProfile(told)
  if (!profile.ok) throw new Error(JSON.stringify(profile.refusals))
  return profile.value
}

/** As PUT /products does: the version, and the loggers to look at again. */
async function put(tenant: string, told: object, effectiveFrom: number | null): Promise<void> {
  const { db } = pipeline.ledger
  const profile = profileOf(told)
  await putProduct(db, { tenant, gtin, name: gtin, profile, effectiveFrom, updatedAt: 1 })
  await markDirty(db, tenant, { devices: [tenant], since: effectiveFrom ?? 0, cause: 'profile' })
}

function envelopesOf(world: World, tenant: string): Envelope[] {
  const outer = world.inTruck ? truck : pallet
  const pack = (m: number, parentID: string, childEPCs: string[]) =>
    epcisEvent('AggregationEvent', at(m), { action: 'ADD', parentID, childEPCs })
  const step = (m: number, bizStep: string) =>
    epcisEvent('ObjectEvent', at(m), { action: 'OBSERVE', epcList: [outer], bizStep })
  const events = [
    pack(0, pallet, [unit]),
    ...(world.inTruck ? [pack(2, truck, [pallet])] : []),
    epcisEvent('AssociationEvent', at(1), {
      ...{ action: 'ADD', parentID: pallet, childEPCs: [giai(tenant)] },
    }),
    step(world.ship, 'shipping'),
    step(world.receive, 'receiving'),
  ]
  return [
    ...events.map((event, index) =>
      captureEnvelope(
        tenant,
        [{ eventID: `urn:uuid:00000000-0000-4000-8000-00000000000${index}`, ...event }],
        at(horizon + 60),
      ),
    ),
    ...[...world.values, 5].map((temperature, index) =>
      readingsEnvelope(tenant, tenant, {
        readings: [{ time: at(5 + index * 5), temperature }],
        recordTime: at(horizon + 60),
      }),
    ),
  ]
}

const outcome = async (tenant: string): Promise<string[]> =>
  (await pipeline.alerts(tenant))
    .filter(({ alert }) => alert.verdict === 'out')
    .map(({ alert: { rule, from, to, minutes, productVersion, limitC } }) =>
      told({ rule, from, to: to!, minutes, productVersion, limitC: limitC! }),
    )
    .sort()

const told = (of: {
  rule: string
  from: number
  to: number
  minutes: number
  productVersion: number
  limitC: number
}): string =>
  `${of.rule} ${(of.from - epoch) / minute}-${(of.to - epoch) / minute} ${of.minutes} v${of.productVersion} >${of.limitC}`

/** Minute by minute: which reading stands, which version and phase it is, who is out. */
function expected(world: World): string[] {
  const valueAt = (m: number): number => world.values[Math.floor((m - 5) / 5)] ?? 5
  const versionAt = (m: number): number => (m >= (world.effective ?? 0) ? 2 : 1)
  const onRoad = (m: number): boolean => m >= world.ship && m < world.receive
  const found: string[] = []
  const add = (rule: string, minutes: number[], limitC = 8): void => {
    found.push(
      told({
        ...{ rule, limitC, minutes: minutes.length, productVersion: versionAt(minutes[0]!) },
        ...{ from: at(minutes[0]!), to: at(minutes.at(-1)! + 1) },
      }),
    )
  }
  const minutes = Array.from({ length: world.values.length * 5 }, (_, index) => index + 5)
  const road = minutes.filter((m) => onRoad(m) && valueAt(m) > 8)
  if (road.length >= 20) add('road', road)
  for (const run of runsOf(minutes, (m) => (onRoad(m) || valueAt(m) <= 8 ? '' : 'out')))
    if (run.length >= 15) add('store', run)
  const over = (m: number): string => {
    const version = versionAt(m)
    return valueAt(m) > limits[version - 1]! ? `v${version}` : ''
  }
  for (const run of runsOf(minutes, over)) add('limit', run, limits[versionAt(run[0]!) - 1])
  return found.sort()
}

/** Neighbouring minutes with one name; '' has none. */
function runsOf(minutes: number[], nameOf: (m: number) => string): number[][] {
  const runs: number[][] = []
  let name = ''
  for (const m of minutes) {
    const now = nameOf(m)
    if (now === '') name = now
    else if (now === name) runs.at(-1)!.push(m)
    else runs.push([m])
    name = now
  }
  return runs
}

const disorder = fc.record({
  keys: fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60 }),
  twice: fc.nat(40),
  /** After how many envelopes each version is stored. */
  stored: fc.tuple(fc.nat(50), fc.nat(50)),
  cut: fc.integer({ min: 1, max: 60 }),
})

for (const stack of stacks)
  describe.skipIf(stack.missing)(`on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    beforeAll(async () => {
      running = await stack.start()
      pipeline = await openPipeline(undefined, await running.open())
    }, 60_000)
    afterAll(async () => {
      await pipeline.close()
      await running.stop()
    })
    // Every step waits for real servers there: few worlds say the same of the adapters.
    const numRuns = worldsOf(stack === stacks[0] ? 30 : 2)
    it(`judges by version and phase of the event time, in any order (${numRuns} worlds)`, () =>
      fc.assert(
        fc.asyncProperty(worldArbitrary, disorder, async (world, how) => {
          const tenant = `p${++tenants}`
          await pipeline.addDevice(tenant, tenant, {
            ...{ giai: giai(tenant), loggingIntervalMs: 5 * minute },
          })
          const inOrder = envelopesOf(world, tenant)
          const mixed = [...inOrder, inOrder[how.twice % inOrder.length]!]
            .map((envelope, index) => ({ envelope, key: how.keys[index % how.keys.length]! }))
            .sort((a, b) => a.key - b.key)
            .map(({ envelope }) => envelope)
          const [first, second] = how.stored
          for (let index = 0; index < mixed.length; index++) {
            // The second version is stored after the first, whenever it judges.
            if (index === first % 20) await put(tenant, { rules: rulesOf(limits[0]!) }, null)
            if (index === 20 + (second % 20))
              await put(
                tenant,
                { rules: rulesOf(limits[1]!) },
                world.effective === null ? null : at(world.effective),
              )
            await pipeline.keep([mixed[index]!])
            if (index % how.cut === 0)
              for (const name of ['record', 'capture', 'detect'] as const)
                await pipeline.step(name, 20)
          }
          await pipeline.settle()
          expect(await outcome(tenant)).toEqual(expected(world))
        }),
        { numRuns },
      ))

    it('judges by the larger of the guard bands, and tells both limits', async () => {
      const tenant = `p${++tenants}`
      const about = { giai: giai(tenant), loggingIntervalMs: 5 * minute, uncertaintyC: 0.5 }
      await pipeline.addDevice(tenant, tenant, about)
      const both = { id: 'both', kind: 'instant', outside: { min: 2, max: 8 } }
      await put(tenant, { guardBandC: 0.2, rules: [both] }, null)
      const world = { values: [5, 7.5, 7.6, 2.45, 5], ship: 10, receive: 20 }
      await pipeline.keep(envelopesOf({ ...world, inTruck: false, effective: null }, tenant))
      await pipeline.settle()
      const [{ alert } = { alert: undefined }, ...others] = await pipeline.alerts(tenant)
      expect(others).toEqual([])
      expect(alert).toMatchObject({
        ...{ from: at(15), to: at(25), minutes: 10, peakC: 7.6, ruleSide: 'outside' },
        ...{ limitC: 8, lowerLimitC: 2, effectiveLimitC: 7.5, effectiveLowerLimitC: 2.5 },
      })
    })

    it('takes the time after a mount as unknown, until it has settled', async () => {
      const tenant = `p${++tenants}`
      await pipeline.addDevice(tenant, tenant, {
        ...{ giai: giai(tenant), loggingIntervalMs: 5 * minute },
      })
      const heat = { id: 'heat', kind: 'single', above: 8, forMinutes: 20 }
      const slope = { untilSlopeBelowCPerHour: 12, atMostMinutes: 60 }
      await put(tenant, { acclimatisation: slope, rules: [heat] }, null)
      const values = [22, 16, 12, 11.5, 11, 5, 5]
      const world = { values, ship: 100, receive: 200, inTruck: false, effective: null }
      await pipeline.keep(envelopesOf(world, tenant))
      await pipeline.settle()
      const plan = await readPlan(pipeline.ledger.db, tenant, tenant)
      expect(plan.watches.map(({ options }) => options.settling)).toEqual([
        { from: at(1), until: at(61), slopeBelowCPerHour: 12 },
      ])
      const found = await pipeline.alerts(tenant)
      // 12 to 11.5 °C in 5 minutes is 6 °C an hour: judged from minute 20 on, unknown before.
      expect(found.map(({ alert }) => alert)).toMatchObject([
        { from: at(20), to: at(30), minutes: 10, unknownMinutes: 15, verdict: 'indeterminate' },
      ])
    })
  })
