// What scanned labels ask for, through the whole pipeline: whatever comes first, the label, the
// packing or the readings, each unit ends with the minutes that a walk through the minutes finds.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLimitsLabel } from '../domain/armed-limits.ts'
import { armLimits } from '../ingest/arm-limits.ts'
import { marking } from '../store/ledger/detectors.ts'
import type { Envelope } from '../store/log.ts'
import { worldsOf } from './depth.ts'
import {
  captureEnvelope,
  epcisEvent,
  type FollowerName,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'

const minute = 60_000
const start = Date.UTC(2026, 2, 1)
/** Half minutes: a logger reads every minute, events and scans come between its readings as well. */
const at = (halves: number): number => start + (halves * minute) / 2
const gtins = ['09506000134352', '09521234543213']
const unit = (n: number): string => `https://id.gs1.org/01/${gtins[n % 2]}/21/U${n}`
const places = {
  truck: 'https://id.gs1.org/8003/0950600013430712',
  pallet: 'https://id.gs1.org/00/106141412345678908',
  box: 'https://id.gs1.org/00/106141411234567897',
} as const
type Place = keyof typeof places
const loggers = ['https://id.gs1.org/8004/9506000134301', 'https://id.gs1.org/8004/9506000134302']

/** Child in parent from a half minute to another; 99 is never. */
interface Stay {
  child: string
  parent: Place
  from: number
  to: number
}

interface World {
  stays: Stay[]
  labels: { on: 'pallet' | 'box'; moment: number; limits: string }[]
  /** Per logger a value for each minute, read at its begin. */
  values: number[][]
}

const last = 16
const span = fc
  .tuple(fc.nat(last - 2), fc.integer({ min: 1, max: last }))
  .map(([from, length]) => ({ from, to: from + length > last ? 99 : from + length }))
const stayOf = (child: string, parents: readonly Place[]) =>
  fc
    .tuple(fc.constantFrom(...parents), span)
    .map(([parent, during]) => ({ child, parent, ...during }))
const said = ['(4331)000800', '(4331)000800(4333)000200', '(4333)000400', '(4330)005000']
const worldArbitrary: fc.Arbitrary<World> = fc.record({
  stays: fc
    .tuple(
      fc.option(stayOf(places.pallet, ['truck'])),
      fc.option(stayOf(places.box, ['pallet', 'truck'])),
      stayOf(unit(0), ['box', 'pallet']),
      stayOf(unit(1), ['box', 'pallet', 'truck']),
      stayOf(unit(2), ['box']),
      stayOf(loggers[0]!, ['truck', 'pallet', 'box']),
      fc.option(stayOf(loggers[1]!, ['pallet', 'box'])),
    )
    .map((stays) => stays.filter((stay) => stay !== null)),
  labels: fc.array(
    fc.record({
      on: fc.constantFrom('pallet', 'box'),
      moment: fc.integer({ min: -2, max: last }),
      limits: fc.constantFrom(...said),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  values: fc.array(
    fc.array(fc.constantFrom(1, 3, 8, 8.1, 12), { minLength: last / 2, maxLength: last / 2 }),
    { minLength: 2, maxLength: 2 },
  ),
})

/** Known minutes beyond a label's limit: `device label rule unit` to minutes. */
function walk({ stays, labels, values }: World): Record<string, number> {
  const found: Record<string, number> = {}
  for (let now = 0; now < last - 2; now++) {
    const inside = (thing: string): string[] => {
      const stay = stays.find(({ child, from, to }) => child === thing && from <= now && now < to)
      return stay ? [places[stay.parent], ...inside(places[stay.parent])] : []
    }
    for (const [device, logger] of loggers.entries()) {
      const mounted = inside(logger)[0]
      if (mounted === undefined) continue
      for (const label of ['pallet', 'box'] as const) {
        const scans = labels.filter(({ on, moment: scanned }) => on === label && scanned <= now)
        const newest = Math.max(...scans.map(({ moment: scanned }) => scanned))
        const { min, max } = strictest(scans.filter((scan) => scan.moment === newest))
        for (const n of [0, 1, 2]) {
          const above = inside(unit(n))
          if (!above.includes(places[label]) || !above.includes(mounted)) continue
          const value = values[device]![now >> 1]!
          const rule = value > max ? 'label-max' : value < min ? 'label-min' : undefined
          const name = `d${device} ${places[label]} ${rule} ${unit(n)}`
          if (rule) found[name] = (found[name] ?? 0) + 0.5
        }
      }
    }
  }
  return found
}

function strictest(scans: World['labels']): { min: number; max: number } {
  const texts = scans.map(({ limits }) => limits)
  const has = (part: string): boolean => texts.some((text) => text.includes(part))
  return {
    min: has('(4333)000400') ? 4 : has('(4333)000200') ? 2 : -Infinity,
    max: has('(4331)000800') ? 8 : has('(4330)005000') ? 10 : Infinity,
  }
}

async function arm(
  pipeline: Pipeline,
  tenant: string,
  { on, moment: scanned, limits }: World['labels'][number],
): Promise<void> {
  const label = `(00)${places[on].slice(-18)}${limits}`
  const read = readLimitsLabel(label)
  if (!read.ok) throw new Error(JSON.stringify(read.refusals))
  const arming = { label, armedAt: at(scanned), armedBy: 'test', recordTime: at(100) }
  await pipeline.ledger.transact(
    (db) => armLimits(db, tenant, [{ ...read.value, ...arming }]),
    marking(tenant),
  )
}

function envelopesOf({ stays, values }: World, tenant: string): Envelope[] {
  const moved = stays.flatMap(({ child, parent, from, to }) => {
    const type = loggers.includes(child) ? 'AssociationEvent' : 'AggregationEvent'
    const about = { parentID: places[parent], childEPCs: [child] }
    const moves = [epcisEvent(type, at(from), { action: 'ADD', ...about })]
    if (to < 99) moves.push(epcisEvent(type, at(to), { action: 'DELETE', ...about }))
    return moves.map((event) => captureEnvelope(tenant, [event], at(100)))
  })
  const told = values.flatMap((own, device) =>
    [0, 3, 6].map((first) =>
      readingsEnvelope(tenant, `${tenant}d${device}`, {
        readings: own
          .slice(first, first + 3)
          .map((temperature, index) => ({ time: at(2 * (first + index)), temperature })),
        recordTime: at(2 * (first + 3)),
      }),
    ),
  )
  return [...moved, ...told]
}

/** What the alerts of labels say: the same names as `walk`. */
async function outcome(pipeline: Pipeline, tenant: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const { alert, serials } of await pipeline.alerts(tenant)) {
    if (alert.label === undefined) continue
    expect(alert).toMatchObject({ ruleKind: 'instant', verdict: 'out' })
    for (const [epc, leg] of Object.entries(serials)) {
      const name = `${alert.device.slice(tenant.length)} ${alert.label} ${alert.rule} ${epc}`
      if (leg.minutes > 0) found[name] = (found[name] ?? 0) + leg.minutes
    }
  }
  return found
}

let tenants = 0
async function register(pipeline: Pipeline): Promise<string> {
  const tenant = `t${++tenants}`
  const profile = { rules: [{ id: 'heat', kind: 'instant', above: 11 }] }
  // The other product has no profile: its label alone judges it.
  await pipeline.addProduct(tenant, gtins[0]!, profile)
  for (const [index, giai] of loggers.entries())
    await pipeline.addDevice(tenant, `${tenant}d${index}`, { giai, loggingIntervalMs: minute })
  return tenant
}

const disorder = fc.record({
  keys: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 80 }),
  pace: fc.array(
    fc.tuple(
      fc.constantFrom<FollowerName>('record', 'capture', 'detect'),
      fc.integer({ min: 1, max: 20 }),
    ),
    { minLength: 1, maxLength: 8 },
  ),
})

for (const stack of stacks)
  describe.skipIf(stack.missing)(`labels on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    let pipeline: Pipeline
    beforeAll(async () => {
      running = await stack.start()
      pipeline = await openPipeline(undefined, await running.open())
    }, 60_000)
    afterAll(async () => {
      await pipeline.close()
      await running.stop()
    })

    it('judge each unit in any order of scans, events and readings', async () => {
      let withAlerts = 0
      const numRuns = worldsOf(stack === stacks[0] ? 40 : 3)
      const play = async (
        world: World,
        { keys, pace }: { keys: number[]; pace: [FollowerName, number][] },
      ) => {
        const tenant = await register(pipeline)
        const acts = [
          ...envelopesOf(world, tenant).map((envelope) => () => pipeline.keep([envelope])),
          ...world.labels.map((label) => () => arm(pipeline, tenant, label)),
          // Scanned again at the same moment: nothing new.
          () => arm(pipeline, tenant, world.labels[0]!),
        ]
          .map((act, index) => ({
            act,
            key: (keys[index % keys.length]! * (index + 7)) % 1_000_003,
          }))
          .sort((a, b) => a.key - b.key)
        for (const [turn, { act }] of acts.entries()) {
          await act()
          const [name, count] = pace[turn % pace.length]!
          await pipeline.step(name, count)
        }
        await pipeline.settle()
        expect(await outcome(pipeline, tenant), JSON.stringify(world)).toEqual(walk(world))
        if (Object.keys(walk(world)).length > 0) withAlerts++
      }
      await fc.assert(fc.asyncProperty(worldArbitrary, disorder, play), { numRuns })
      // Of few worlds it may be chance that nothing happens.
      if (stack === stacks[0]) expect(withAlerts).toBeGreaterThan(numRuns / 8)
    })
  })
