// How far a container has come, for lists: its phase, from where to where, where it goes next and
// when it should be there. From events and a plan alone; judges nothing, and guesses no time that
// nobody planned.
import type { Interval } from './breach.ts'
import { type JourneyStep, journeySteps, phasesOf } from './phases.ts'
import type { Phase } from './profile/profile.ts'
import { parseRfc3339 } from './rfc3339.ts'

/** Something that happened to a container or to what it is in. Epoch ms. */
export interface Happened {
  time: number
  bizStep: string | null
  /** Canonical Digital Link of where it was then: the business location, else the read point. */
  place: string | null
  /** Of what was shipped: where it goes, as the event says. */
  sentTo?: string
  /** And where it comes from. */
  sentFrom?: string
}

/** Epoch ms. */
export interface PlannedWay extends Interval {
  origin: string
  destination: string
}

export interface Progress {
  phase: Phase
  origin: string | null
  destination: string | null
  /** The next planned stop; the destination without a plan. Null once it is there. */
  next: string | null
  /** At the destination, by the plan, later by what was late so far. Null without a plan. */
  expectedAt: number | null
  lateMs: number
  /** Where it was said to be last, and since when. */
  last: { place: string; time: number; left: boolean } | null
}

/** Of the attribute `legs` of a plan; none when any of them does not read. */
export function plannedWays(legs: unknown): PlannedWay[] {
  if (!Array.isArray(legs)) return []
  const ways = legs.flatMap((leg: unknown): PlannedWay[] => {
    const { from, to, departs, arrives } = (leg ?? {}) as Record<string, unknown>
    if (typeof from !== 'string' || typeof to !== 'string') return []
    const [start, end] = [timeOf(departs), timeOf(arrives)]
    return start <= end ? [{ origin: from, destination: to, from: start, to: end }] : []
  })
  return ways.length === legs.length ? ways : []
}

const timeOf = (time: unknown): number =>
  typeof time === 'string' ? parseRfc3339(time) : Number.NaN

/** `happened` in any order: that of times counts. */
export function progressOf(happened: readonly Happened[], plan: readonly PlannedWay[]): Progress {
  const events = [...happened].sort((a, b) => a.time - b.time)
  const shipped = events.findLast(({ bizStep }) => stepOf(bizStep) === 'ship')
  const phase = phasesOf(events.flatMap(asStep)).at(-1)?.phase ?? 'origin'
  const origin = plan[0]?.origin ?? shipped?.sentFrom ?? shipped?.place ?? null
  const destination = plan.at(-1)?.destination ?? shipped?.sentTo ?? null
  const { lateMs, left } = behindPlan(plan, events)
  const arrived = phase === 'destination' || (plan.length > 0 && left.length === 0)
  const end = plan.at(-1)
  const placed = events.findLast(({ place }) => place !== null)
  return {
    phase: arrived ? 'destination' : phase,
    origin,
    destination,
    next: arrived ? null : (left[0]?.destination ?? destination),
    expectedAt: arrived || !end ? null : end.to + lateMs,
    lateMs: arrived ? 0 : lateMs,
    last: placed
      ? { place: placed.place!, time: placed.time, left: stepOf(placed.bizStep) === 'ship' }
      : null,
  }
}

/**
 * What of the plan is still to come, and how late its last stop was reached; what was early is not
 * counted on.
 */
function behindPlan(plan: readonly PlannedWay[], events: readonly Happened[]) {
  let lateMs = 0
  let done = 0
  for (const [i, way] of plan.entries()) {
    const reached = events.find(
      ({ place, time, bizStep }) =>
        place === way.destination && time >= way.from && stepOf(bizStep) !== 'ship',
    )
    if (!reached) continue
    lateMs = Math.max(0, reached.time - way.to)
    done = i + 1
  }
  return { lateMs, left: plan.slice(done) }
}

const stepOf = (bizStep: string | null): JourneyStep['step'] | undefined =>
  journeySteps[bizStep ?? '']

function asStep({ time, bizStep, place, sentTo }: Happened): JourneyStep[] {
  const step = stepOf(bizStep)
  if (!step) return []
  if (step !== 'receive') return [{ time, step, places: sentTo === undefined ? [] : [sentTo] }]
  return [{ time, step, places: place === null ? [] : [place] }]
}
