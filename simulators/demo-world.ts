// The world of the demo: some hours of history in which everything worth seeing has happened, and
// the last hour arranged so that excursions come up while somebody watches. Times hang on `now`,
// temperatures on the physics.
import type { Choice } from './consignment.ts'
import { hourMs } from './consignment.ts'
import { products } from './products.ts'
import { createWorld, type World } from './world.ts'

export interface DemoWorld extends World {
  /** Play up to here as fast as possible, and from here on at a pace to watch. */
  readonly liveFrom: number
}

export interface DemoOptions {
  seed: string | number
  /** The wall clock, epoch ms. */
  now: number
  /** Default 12; fewer leave out stories from the end of the list, more travel by chance. */
  devices?: number
  run?: number
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
  const world = createWorld({
    seed: options.seed,
    devices: options.devices ?? stories.length,
    startTime: now - historyMs,
    loggingIntervalMs: intervalMs,
    ...(options.run !== undefined && { run: options.run }),
    choose: (device, consignment) => (consignment === 0 ? stories[device] : undefined),
  })
  return { ...world, liveFrom: now - liveMs }
}

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
