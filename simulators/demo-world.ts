// The world of the demo: some hours of history in which everything worth seeing has happened, and
// the last hour arranged so that excursions come up while somebody watches. Times hang on `now`,
// temperatures on the physics.
import type { RecallBody, Truth, WorldAction } from './actions.ts'
import { inOrder } from './agenda.ts'
import { tellCarriers, withCarriers } from './carriers.ts'
import { type Choice, hourMs } from './consignment.ts'
import { products } from './products.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { createTradeWorld } from './trade-world.ts'
import { createWorld, type World } from './world.ts'

export interface DemoWorld extends World {
  /** Play up to here as fast as possible, and from here on at a pace to watch. */
  readonly liveFrom: number
  /** What is true of the convoys; grows as the actions are played. */
  readonly before: readonly Truth[]
}

export interface DemoOptions {
  seed: string | number
  /** The wall clock, epoch ms. */
  now: number
  /** Default 12; fewer leave out stories from the end of the list, more travel by chance. */
  devices?: number
  run?: number
  /** Days of trade before, a diversion, a theft and a recall, too. Default: the stories alone. */
  convoys?: boolean
}

const historyMs = 30 * hourMs
const liveMs = hourMs
/** Twelve loggers a minute apart: a new reading every five seconds on average. */
const intervalMs = 60_000

const [pen, vaccine, tablets, plasma] = products as readonly [
  (typeof products)[number],
  (typeof products)[number],
  (typeof products)[number],
  (typeof products)[number],
]

export function demoWorld(options: DemoOptions): DemoWorld {
  const now = Math.floor(options.now / 1000) * 1000
  const stories = storiesAt(now)
  const run = options.run ?? 7
  const world = createWorld({
    seed: options.seed,
    devices: options.devices ?? stories.length,
    startTime: now - historyMs,
    loggingIntervalMs: intervalMs,
    run,
    masterData: true,
    choose: (device, consignment) => (consignment === 0 ? stories[device] : undefined),
  })
  // Seeds of their own: the same dice would give different events the same ids.
  const convoys = options.convoys ? Object.entries(convoysAt(now)) : []
  const before = convoys.map(([name, convoy], n) =>
    createTradeWorld({ seed: `${options.seed} ${name}`, run: (run + 1 + n) % 1000, ...convoy }),
  )
  const streams = [...before.map(({ actions }) => actions), world.actions]
  const liveFrom = now - liveMs
  const actions = tell(inOrder(streams, Number.MAX_VALUE), {
    recallAt: liveFrom + liveMs / 4,
    concerned: () => before[0]?.truth.shipments[0],
  })
  return { ...world, actions, liveFrom, before: before.map(({ truth }) => truth) }
}

const day = 24 * hourMs
const small = { cases: 2, itemsPerCase: 6 }
const rare: Scenario = { ...scenarios.excursions!, load: small, loggingIntervalMs: 20 * 60_000 }

type Convoy = Pick<Parameters<typeof createTradeWorld>[0], 'devices' | 'startTime' | 'endTime'> & {
  scenario: Scenario
}

/** What went before the stories of today, and what is done on the way while somebody watches. */
function convoysAt(now: number): Record<'days' | 'diversion' | 'theft', Convoy> {
  const endTime = now + day
  const crime = (plot: 'diversion' | 'theft'): Scenario => ({
    ...{ ...rare, crew: 2, trips: 1, thermal: 0, telemetry: 0, startsWithin: 0.01 },
    ...{ loggingIntervalMs: 5 * 60_000, watchMs: 5 * 60_000, plots: { [plot]: 1 } },
  })
  return {
    // Days of trade on two continents: lanes have a past, lots are with pharmacies and patients.
    days: {
      ...{ devices: 4, startTime: now - 4.5 * day, endTime },
      scenario: {
        ...{ ...rare, crew: 2, thermal: 0.6, startsWithin: 6, watchMs: 20 * 60_000 },
        lanes: ['rhone', 'vistula', 'tagus', 'transatlantic'],
      },
    },
    // Four days ago: unloaded at a warehouse beside the way; its units turned up where they may not
    // be sold.
    diversion: {
      ...{ devices: 2, startTime: now - 4.2 * day, endTime },
      scenario: { ...crime('diversion'), lanes: ['tagus'] },
    },
    // Today: light on the goods at a halt on a lonely road. The receiver, who misses a case, writes
    // it down while somebody watches.
    theft: {
      ...{ devices: 2, startTime: now - 15.5 * hourMs, endTime },
      scenario: { ...crime('theft'), lanes: ['vistula'] },
    },
  }
}

interface Telling {
  recallAt: number
  /** Asked when its time has come. */
  concerned: () => { gtin: string; lot: string } | undefined
}

/**
 * Worlds tell the same products and places: each is told once. Goods have carriers. A lot that has
 * reached the public is called back while somebody watches.
 */
function* tell(
  actions: Iterable<WorldAction>,
  { recallAt, concerned }: Telling,
): Generator<WorldAction, void> {
  const told = new Set<string>()
  let isRecalled = false
  let isBegun = false
  for (const action of actions) {
    if (!isBegun) yield* tellCarriers(action.at)
    isBegun = true
    const lot = !isRecalled && action.at >= recallAt ? concerned() : undefined
    if (lot) {
      isRecalled = true
      yield { kind: 'recall', at: recallAt, body: recallOf(lot) }
    }
    const key = action.kind === 'product' ? action.gtin : action.kind === 'place' && action.sgln
    if (key && told.has(key)) continue
    if (key) told.add(key)
    yield withCarriers(action)
  }
}

const recallOf = ({ gtin, lot }: { gtin: string; lot: string }): RecallBody => ({
  name: `Lot ${lot}: cracked closures`,
  reason: 'A pharmacy returned two packs with cracked closures; the packing line was checked.',
  class: 'II',
  drill: false,
  criteria: {
    version: 1,
    allOf: [
      { field: 'gtin', anyOf: [gtin] },
      { field: 'lot', anyOf: [lot] },
    ],
  },
})

/** The first consignment of each device. */
function storiesAt(now: number): Choice[] {
  const ago = (hours: number): number => now - hours * hourMs
  const strait = { lane: 'strait', product: pen } as const
  const gulf = { lane: 'gulf', product: pen } as const
  const fault = (kind: Choice['faults'][number]['kind'], afterHours: number, forHours: number) => ({
    kind,
    afterHours,
    forHours,
  })
  return [
    // Live: the freezer box failed nearly four hours ago; it passes -10 °C about an hour ago.
    // Against 45 K of difference the hour of the day matters little.
    {
      lane: 'strait',
      product: plasma,
      startAt: ago(5.5),
      faults: [fault('reefer-failure', 1.8, 6)],
    },
    // History: two cases leave at the cross-dock, then the door stays open. Their scan comes three
    // hours late.
    {
      ...strait,
      startAt: ago(26),
      faults: [fault('door-left-open', 7.6, 2.5), fault('late-capture', 7, 1)],
      takeOff: { afterHours: 7.3, cases: 2 },
    },
    // History: wrong packs, frozen.
    { ...gulf, startAt: ago(24), faults: [fault('freeze-packs', 0, 0)] },
    // Live: a door that closed only on paper, 50 minutes ago.
    { ...strait, startAt: ago(6), faults: [fault('door-left-open', 5.2, 4)] },
    // History: left on the tarmac in Dubai; one case is taken off before the flight.
    {
      ...gulf,
      startAt: ago(29.5),
      faults: [fault('tarmac', 0, 15)],
      takeOff: { afterHours: 3, cases: 1 },
    },
    // Live: comes back from four hours without network and sends them all.
    { ...strait, startAt: ago(8), faults: [fault('offline', 3.4, 4.2)] },
    // History: an hour without a word.
    { ...strait, startAt: ago(12), faults: [fault('silent', 6, 1)] },
    // A link that says things twice.
    { ...gulf, startAt: ago(9), faults: [fault('duplicate', 2, 4)] },
    // Vaccine: half a day without cooling, long enough for the ten hours of the WHO alarm.
    {
      lane: 'strait',
      product: vaccine,
      startAt: ago(20),
      faults: [fault('reefer-failure', 2, 14)],
    },
    { lane: 'rhone', product: tablets, startAt: ago(10), faults: [] },
    { ...strait, startAt: ago(14), faults: [fault('reefer-failure', 4, 5)] },
    { ...gulf, startAt: ago(7), faults: [] },
  ]
}
