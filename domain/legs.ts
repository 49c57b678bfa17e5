// Which loggers speak for a unit when: its stays in containers of any depth, joined with the mounts
// of loggers on them, as legs without overlap. Pure; reads no reading and judges nothing.
//
// The nearest container that has a logger rules, for whoever mounted one within wanted to know what
// is within. While its loggers are silent the time is unknown: a logger further out does not know
// the inside of a shipper, and is not taken for one that does (I6). Where several loggers are
// equally near, all of them speak (domain/spells.ts).
import type { Interval } from './breach.ts'
import { type Containment, intersect, type Presence, presenceBelow, union } from './hierarchy.ts'

/** A logger on a container. */
export interface Mount<K = string> extends Interval {
  container: K
  device: string
}

/** Time in which the same loggers spoke for the unit; none: nobody knows what it was in for. */
export interface Leg<K = string> extends Interval {
  loggers: { container: K; device: string }[]
}

/**
 * Where a thing was, by how far: itself, what it was directly in, and so on. A cycle of containers
 * ends at the depth. `staysOf`: the stays of a child.
 */
export function levelsAbove<K>(
  thing: K,
  {
    window,
    staysOf,
    depthMax,
  }: { window: Interval; staysOf: (child: K) => readonly Containment<K>[]; depthMax: number },
): Presence<K>[] {
  const levels: Presence<K>[] = [new Map([[thing, [window]]])]
  for (let depth = 0; depth < depthMax; depth++) {
    const level = levels.at(-1)!
    const rows = [...level.keys()].flatMap((child) => [...staysOf(child)])
    // The arithmetic of going down, with the ends exchanged.
    const turned = rows.map((row) => ({ ...row, child: row.parent, parent: row.child }))
    const above = presenceBelow(level, turned)
    if (above.size === 0) break
    levels.push(above)
  }
  return levels
}

/** Ascending, without overlap, the whole window. */
export function legsOf<K>(
  levels: readonly Presence<K>[],
  { window, mountsOn }: { window: Interval; mountsOn: (container: K) => readonly Mount<K>[] },
): Leg<K>[] {
  let free: Interval[] = window.from < window.to ? [window] : []
  const legs: Leg<K>[] = []
  for (const level of levels) {
    const spoken: Mount<K>[] = []
    for (const [container, times] of level)
      for (const { device, from, to } of mountsOn(container))
        for (const part of intersect(intersect(times, [{ from, to }]), free))
          spoken.push({ container, device, ...part })
    if (spoken.length === 0) continue
    legs.push(...together(spoken))
    free = without(free, union(spoken))
  }
  for (const { from, to } of free) legs.push({ from, to, loggers: [] })
  return legs.sort((a, b) => a.from - b.from)
}

/** Cut where a logger comes or goes. */
function together<K>(spoken: readonly Mount<K>[]): Leg<K>[] {
  const edges = [...new Set(spoken.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const legs: Leg<K>[] = []
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1]
    if (to === undefined) break
    const loggers = spoken
      .filter((each) => each.from <= from && each.to >= to)
      .map(({ container, device }) => ({ container, device }))
      .sort((a, b) => compare(a.container, b.container) || compare(a.device, b.device))
    if (loggers.length === 0) continue
    const last = legs.at(-1)
    if (last?.to === from && sameLoggers(last.loggers, loggers)) last.to = to
    else legs.push({ from, to, loggers })
  }
  return legs
}

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const sameLoggers = <K>(a: Leg<K>['loggers'], b: Leg<K>['loggers']): boolean =>
  a.length === b.length &&
  a.every((each, i) => each.container === b[i]!.container && each.device === b[i]!.device)

/** What of the first is not in the second; both sorted and disjoint. */
function without(whole: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const left: Interval[] = []
  for (const { from, to } of whole) {
    let at = from
    for (const hole of taken) {
      if (hole.to <= at || hole.from >= to) continue
      if (hole.from > at) left.push({ from: at, to: hole.from })
      at = Math.max(at, hole.to)
    }
    if (at < to) left.push({ from: at, to })
  }
  return left
}
