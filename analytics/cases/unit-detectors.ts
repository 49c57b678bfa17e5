// What the events of units with one story say against each other: done after the end, returned
// without having been sold, seen elsewhere while their container is closed. Each a step function in
// event time. The state machine is that of domain/lifecycle.
import { distanceM } from '../../domain/earth.ts'
import {
  advance,
  type Life,
  type LifeProblem,
  unknownLife,
} from '../../domain/lifecycle/lifecycle.ts'
import type { Detector, Finding, Step, UnitSetting } from '../../domain/suspicion.ts'

interface Living {
  epcs: readonly string[]
  life: Life
  last: string | undefined
}

const openLife = ({ epcs }: UnitSetting): Living => ({ epcs, life: unknownLife, last: undefined })

/** Takes the next fact into the life; what it contradicts. */
function live(state: Living, { fact }: Step): LifeProblem | undefined {
  const role = `${fact.eventID} ${fact.role}`
  if (state.last === role || (fact.inherited && state.last?.startsWith(`${fact.eventID} `)))
    return undefined
  state.last = role
  const { state: life, problem } = advance(state.life, fact)
  state.life = life
  return problem
}

/** After these nothing should happen to a unit any more, and what does is no slip of a scanner. */
const ended = new Set(['destroyed', 'exported', 'stolen', 'sold', 'sample', 'free_sample'])

/** What is found all the same is not what it says, or was never where it was said to be. */
const gone = new Set(['destroyed', 'exported', 'stolen'])

/** Status conflict: shipped, received or sold after it was destroyed, exported, sold, stolen. */
export const statusConflict: Detector<UnitSetting, Living> = {
  name: 'status-conflict',
  open: openLife,
  step(state, clue) {
    if (clue.kind !== 'step') return []
    const problem = live(state, clue)
    if (problem?.kind !== 'contradiction') return []
    return [conflictOf(state.epcs, problem)]
  },
}

function conflictOf(epcs: readonly string[], problem: LifeProblem): Finding {
  const { claim, status, eventTime, eventID, against, detail } = problem
  const isGone = gone.has(status)
  return {
    detector: 'status-conflict',
    key: `${epcs[0]} ${eventID}`,
    serials: epcs,
    ...{ from: eventTime, to: eventTime },
    logOdds: isGone ? 7.5 : ended.has(status) ? 4.5 : 2,
    // That it was gone and that it is there are two documents.
    witnesses: isGone && against !== undefined ? 2 : 1,
    words: `${detail[0]!.toUpperCase()}${detail.slice(1)}.`,
    facts: { claim, status, units: epcs.length },
    rests: against === undefined ? [eventID] : [against, eventID],
  }
}

interface Returning extends Living {
  sold: number
  returns: { eventID: string; time: number; place: string | undefined }[]
  soldAt: string | undefined
}

/** Return fraud: returned though nobody bought it, returned twice, or at another place. */
export const returnFraud: Detector<UnitSetting, Returning> = {
  name: 'return-fraud',
  open: (setting) => ({ ...openLife(setting), sold: 0, returns: [], soldAt: undefined }),
  step(state, clue) {
    if (clue.kind !== 'step') return []
    const { fact } = clue
    const before = state.last
    live(state, clue)
    if (state.last === before) return []
    if (isSale(clue)) {
      state.sold++
      state.soldAt = fact.place
    }
    if (fact.disposition !== 'returned' || fact.inherited) return []
    const { eventID, place } = fact
    const findings = returned(state, { eventID, time: clue.time, place })
    if (state.returns.length < 8) state.returns.push({ eventID, time: clue.time, place })
    return findings
  },
}

const isSale = ({ fact }: Step): boolean =>
  ['dispensing', 'retail_selling'].includes(fact.bizStep ?? '') ||
  ['dispensed', 'retail_sold'].includes(fact.disposition ?? '')

function returned(
  { epcs, sold, returns, soldAt }: Returning,
  now: Returning['returns'][number],
): Finding[] {
  const again = returns.length >= Math.max(1, sold)
  const never = sold === 0
  const elsewhere = soldAt !== undefined && now.place !== undefined && soldAt !== now.place
  if (!again && !never && !elsewhere) return []
  const why = [
    ...(never ? ['nobody is known to have bought it'] : []),
    ...(again ? [`it was returned ${returns.length} times before`] : []),
    ...(elsewhere ? ['it was sold at another place'] : []),
  ]
  return [
    {
      detector: 'return-fraud',
      key: `${epcs[0]} ${now.eventID}`,
      serials: epcs,
      ...{ from: returns[0]?.time ?? now.time, to: now.time },
      logOdds: (never ? 5 : 0) + (again ? 5 : 0) + (elsewhere ? 0.5 : 0),
      // The paper of the sale that is not there, or the return before, is the other witness.
      witnesses: 1 + epcs.length - 1 + (again ? 1 : 0),
      words: `Returned although ${why.join(', and ')}.`,
      facts: { units: epcs.length, sold, returnsBefore: returns.length },
      rests: [...returns.map(({ eventID }) => eventID), now.eventID],
    },
  ]
}

interface Packed {
  epcs: readonly string[]
  places: UnitSetting['places']
  /** The last that its container did. */
  via: { place: string; time: number } | undefined
}

const sameTimeMs = 6 * 3_600_000
const elsewhereM = 50_000

/** Aggregation conflict: seen itself elsewhere while its container, not opened, is somewhere. */
export const aggregationConflict: Detector<UnitSetting, Packed> = {
  name: 'aggregation-conflict',
  open: ({ epcs, places }) => ({ epcs, places, via: undefined }),
  step(state, clue) {
    if (clue.kind !== 'step' || clue.fact.place === undefined) return []
    const { fact, time } = clue
    if (fact.inherited) {
      state.via = { place: fact.place!, time }
      return []
    }
    const { via, epcs, places } = state
    // To be packed, unpacked or named as a container is no sighting of its own.
    if (!via || fact.role !== 'object' || via.place === fact.place) return []
    const [a, b] = [places.get(via.place)?.spot, places.get(fact.place!)?.spot]
    const apart = a && b ? distanceM(a, b) : 0
    if (time - via.time > sameTimeMs || apart < elsewhereM) return []
    return [
      {
        detector: 'aggregation-conflict',
        key: `${epcs[0]} ${fact.eventID}`,
        serials: epcs,
        ...{ from: via.time, to: time },
        logOdds: 4,
        witnesses: 1,
        words: `Seen at ${fact.place} while its container, from which nobody took it, was at ${via.place}.`,
        facts: { units: epcs.length, km: Math.round(apart / 1000) },
        rests: [fact.eventID],
      },
    ]
  },
}
