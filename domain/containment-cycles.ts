// Whether something would be inside itself: a ring of stays that all hold at one time. Pure: the
// stays are arguments. Does not say which of them is wrong.
import type { Interval } from './breach.ts'
import type { Containment } from './hierarchy.ts'

/** A ring of stays and the time in which all of them hold. */
export interface Cycle<K> extends Interval {
  /** The stay that closed it: the one that began last; several when they began in one moment. */
  closing: Containment<K>[]
  /** Every thing on the ring, ascending. */
  members: K[]
}

/**
 * The rings that one of `stays` is part of, each once. `upwards`: the stays of a thing in others;
 * things that it does not know are in nothing. `depthMax`: rings of more members are not found.
 */
export function cyclesOf<K extends string | number>(
  stays: Iterable<Containment<K>>,
  { upwards, depthMax }: { upwards: ReadonlyMap<K, readonly Containment<K>[]>; depthMax: number },
): Cycle<K>[] {
  const found = new Map<string, Cycle<K>>()
  for (const start of stays) {
    if (start.child === start.parent || !upwards.has(start.parent)) continue
    climb({ path: [start], from: start.from, to: start.to }, (ring) => {
      const cycle = cycleOf(ring)
      found.set(`${cycle.members.join(' ')} ${cycle.from}`, cycle)
    })
  }
  return [...found.values()]

  function climb(way: Way<K>, ended: (ring: Way<K>) => void): void {
    const [first, last] = [way.path[0]!, way.path.at(-1)!]
    for (const stay of upwards.get(last.parent) ?? []) {
      const from = Math.max(way.from, stay.from)
      const to = Math.min(way.to, stay.to)
      if (from >= to) continue
      const next = { path: [...way.path, stay], from, to }
      if (stay.parent === first.child) ended(next)
      else if (next.path.length < depthMax && !way.path.some(({ child }) => child === stay.parent))
        climb(next, ended)
    }
  }
}

interface Way<K> extends Interval {
  path: Containment<K>[]
}

function cycleOf<K extends string | number>({ path, from, to }: Way<K>): Cycle<K> {
  const last = Math.max(...path.map((stay) => stay.from))
  const closing = path.filter((stay) => stay.from === last)
  const members = path.map(({ child }) => child).sort((a, b) => (a < b ? -1 : 1))
  return { closing, members, from, to }
}
