// Where in its journey a container was: origin until it is shipped, transit until it is received
// where it was sent to, destination after; shipped again it is in transit again. Pure: what
// happened to it is an argument.
import type { Interval } from './breach.ts'
import type { Phase } from './profile/profile.ts'

/** One event that moves a container on. */
export interface JourneyStep {
  time: number
  step: 'ship' | 'void' | 'receive'
  /** shipping: where to; receiving: where. Canonical Digital Links, as far as told. */
  places: readonly string[]
}

/** CBV 2.0 §7.1: what hands a container to the road, and what takes it off. */
export const journeySteps: Readonly<Record<string, JourneyStep['step']>> = {
  shipping: 'ship',
  departing: 'ship',
  void_shipping: 'void',
  receiving: 'receive',
  accepting: 'receive',
}

/** Ascending, disjoint, from the beginning of time to its end. The order of steps has no say. */
export function phasesOf(steps: readonly JourneyStep[]): (Interval & { phase: Phase })[] {
  const spans: (Interval & { phase: Phase })[] = [
    { phase: 'origin', from: Number.NEGATIVE_INFINITY, to: Infinity },
  ]
  let sentTo: readonly string[] = []
  for (const { time, step, places } of [...steps].sort(byTime)) {
    const last = spans.at(-1)!
    if (step === 'ship') {
      sentTo = places
      if (last.phase !== 'transit') enter('transit', time)
    } else if (step === 'receive' && last.phase === 'transit') {
      if (arrives(places, sentTo)) enter('destination', time)
    } else if (step === 'void' && last.phase === 'transit') {
      // It never left: what was taken for transit was what came before it.
      spans.pop()
      if (spans.length > 0) spans.at(-1)!.to = Infinity
    }
  }
  return spans.filter(({ from, to }) => from < to)

  function enter(phase: Phase, time: number): void {
    spans.at(-1)!.to = time
    spans.push({ phase, from: time, to: Infinity })
  }
}

const order = { ship: 0, void: 1, receive: 2 } as const
const byTime = (a: JourneyStep, b: JourneyStep): number =>
  a.time - b.time || order[a.step] - order[b.step] || compare(a.places, b.places)
const compare = (a: readonly string[], b: readonly string[]): number =>
  `${a}` < `${b}` ? -1 : `${a}` > `${b}` ? 1 : 0

/** A stop on the way is no arrival, when it is told where the way leads. */
function arrives(places: readonly string[], sentTo: readonly string[]): boolean {
  if (places.length === 0 || sentTo.length === 0) return true
  return places.some((place) => sentTo.some((to) => place === to || place.startsWith(`${to}/254/`)))
}

/** When it was in any of these phases, within a window; neighbours as one. */
export function during(
  spans: readonly (Interval & { phase: Phase })[],
  phases: readonly Phase[],
  window: Interval,
): Interval[] {
  const found: Interval[] = []
  for (const span of spans) {
    if (!phases.includes(span.phase)) continue
    const from = Math.max(span.from, window.from)
    const to = Math.min(span.to, window.to)
    if (from >= to) continue
    const last = found.at(-1)
    if (last?.to === from) last.to = to
    else found.push({ from, to })
  }
  return found
}
