// Delay: a leg of the plan takes longer than planned by more than traffic and weather explain, or
// the shipment is received later than that. Of each leg the least time that its fixes leave is
// taken, and of several loggers the one that was fastest: a logger that stayed behind is no delay.
// Refuses to count silence, and to say much: most that comes late is innocent.
import { distanceM, type Spot } from '../../domain/earth.ts'
import type { Detector, Finding, Fix, Shipment } from '../../domain/suspicion.ts'
import { believed, newTrack, type Track } from '../cases/tracks.ts'
import { round } from '../episodes.ts'
import { isArrival, namesOf } from './movement.ts'

interface End {
  lat: number
  lon: number
  withinM: number
}

/** What one logger knows of the legs. */
interface Under {
  track: Track
  /** The leg it is on or waits for. */
  leg: number
  wasAtStart: boolean
  /** First seen under way, and last; undefined: not yet. */
  leftAt: number | undefined
  awayAt: number | undefined
  /** Of legs, by number: how long they took at least, and from when to when. */
  took: Map<number, Took>
}

interface Took {
  first: number
  from: number
  to: number
  lateMs: number
  plannedMs: number
}

interface Delays {
  shipment: Shipment
  names: ReadonlySet<string>
  starts: readonly End[]
  ends: readonly End[]
  loggers: Map<string, Under>
  received: { at: number; id: string } | undefined
}

const hourMs = 3_600_000
const loggersMax = 64
/** Plans have few legs; of longer ones the first are watched. */
const legsMax = 32
/** The vehicle stands before the gate, and the place is its middle. */
const atM = 2000
/** Nobody saw it arrive: so many legs are looked ahead. */
const aheadMax = 3
/** Jams, rests, weather. */
const slackOf = (plannedMs: number): number => 0.75 * hourMs + 0.12 * plannedMs
const logOdds = 0.5

export const delay: Detector<Shipment, Delays> = {
  name: 'delay',
  open: (shipment) => ({
    ...{ shipment, names: namesOf(shipment), loggers: new Map(), received: undefined },
    ...endsOf(shipment),
  }),
  step(state, clue) {
    const { shipment, loggers, received } = state
    if (!shipment.plan || received) return []
    if (clue.kind === 'step') {
      if (!isArrival(shipment, clue) || !clue.epcs.some((epc) => state.names.has(epc))) return []
      state.received = { at: clue.time, id: clue.id }
    } else if (clue.kind === 'fix') {
      const known = loggers.get(clue.device)
      if (!known && loggers.size >= loggersMax) return []
      const under = known ?? begin()
      if (!known) loggers.set(clue.device, under)
      for (const fix of believed(under.track, clue)) move(state, under, fix)
    }
    return []
  },
  end: (state) => tell(state),
}

const begin = (): Under => ({
  ...{ track: newTrack(), leg: 0, wasAtStart: false },
  ...{ leftAt: undefined, awayAt: undefined, took: new Map() },
})

function endsOf({ plan, places }: Shipment): { starts: End[]; ends: End[] } {
  const end = (id: string, [lon, lat]: readonly [number, number]): End => {
    const spot: Spot | undefined = places.get(id)?.spot
    return spot ? { ...spot, withinM: atM + spot.radiusM } : { lat, lon, withinM: atM }
  }
  const legs = (plan?.legs ?? []).slice(0, legsMax)
  return {
    starts: legs.map(({ from, path }) => end(from, path[0]!)),
    ends: legs.map(({ to, path }) => end(to, path.at(-1)!)),
  }
}

function move({ shipment, starts, ends }: Delays, under: Under, fix: Fix): void {
  const { leg } = under
  if (leg >= ends.length || fix.spot.radiusM > atM) return
  for (let n = leg; n < Math.min(ends.length, leg + aheadMax); n++) {
    if (!isAt(fix, ends[n]!)) continue
    if (n > leg && isAt(fix, starts[leg]!)) break
    const took = tookOf(shipment, under, n)
    if (took) under.took.set(n, took)
    Object.assign(under, { leg: n + 1, wasAtStart: false, leftAt: undefined, awayAt: undefined })
    // Where one leg ends the next one begins.
    under.wasAtStart = true
    return
  }
  if (isAt(fix, starts[leg]!)) {
    Object.assign(under, { wasAtStart: true, leftAt: undefined, awayAt: undefined })
    return
  }
  if (!under.wasAtStart) return
  under.leftAt ??= fix.time
  under.awayAt = fix.time
}

const isAt = ({ spot }: Fix, end: End): boolean => distanceM(spot, end) <= end.withinM

/** Up to the last fix under way: how long it took from there to the place nobody knows. */
function tookOf({ plan }: Shipment, under: Under, last: number): Took | undefined {
  const { leg: first, leftAt: from, awayAt: to } = under
  if (from === undefined || to === undefined) return undefined
  const plannedMs = plan!.legs[last]!.arrives - plan!.legs[first]!.departs
  return { first, from, to, lateMs: to - from - plannedMs, plannedMs }
}

function tell({ shipment, loggers, received, ends }: Delays): Finding[] {
  const { plan, container } = shipment
  if (!plan) return []
  const late: (Took & { leg: number; loggers: number })[] = []
  for (let leg = 0; leg < ends.length; leg++) {
    const all = [...loggers.values()].flatMap((under) => {
      const now = under.leg === leg ? tookOf(shipment, under, leg) : undefined
      return under.took.get(leg) ?? now ?? []
    })
    if (all.length === 0) continue
    const least = all.reduce((a, b) => (a.lateMs <= b.lateMs ? a : b))
    if (least.lateMs > slackOf(least.plannedMs)) late.push({ ...least, leg, loggers: all.length })
  }
  const worst = late.reduce<(typeof late)[number] | undefined>(
    (a, b) => (a && a.lateMs >= b.lateMs ? a : b),
    undefined,
  )
  const said = { detector: 'delay', key: container, serials: 'inside', container, logOdds } as const
  if (worst) {
    const { from, to, lateMs, plannedMs, leg, first } = worst
    const [hours, planned] = [round(lateMs / hourMs), round(plannedMs / hourMs)]
    const which = first === leg ? `Leg ${leg + 1}` : `Legs ${first + 1} to ${leg + 1}`
    return [
      {
        ...{ ...said, from, to, witnesses: worst.loggers, rests: [] },
        words: `${which} took at least ${hours} hours longer than the ${planned} planned.`,
        facts: { leg: leg + 1, lateHours: hours, plannedHours: planned, loggers: worst.loggers },
      },
    ]
  }
  const [departs, arrives] = [plan.legs[0]!.departs, plan.legs.at(-1)!.arrives]
  if (!received || received.at - arrives <= slackOf(arrives - departs)) return []
  const hours = round((received.at - arrives) / hourMs)
  return [
    {
      ...{ ...said, from: arrives, to: received.at, witnesses: 1, rests: [received.id] },
      words: `Received ${hours} hours later than planned.`,
      facts: { lateHours: hours },
    },
  ]
}
