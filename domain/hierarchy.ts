// Containment as of a time: AggregationEvents and AssociationEvents become intervals "child in
// parent [from, to)", whatever order the events came in. Pure: the rows come from the ledger.
import type { Interval } from './breach.ts'
import type { Action, EpcisEvent } from './epcis/epcis.ts'

/**
 * Aggregation is packing; association is mounting (EPCIS 2.0 §7.4.3, §7.4.6). A child may have one
 * parent in each.
 */
export type Relation = 'aggregation' | 'association'

/**
 * What one event says of one child. `child` undefined: DELETE without children, everything leaves
 * the parent. `parent` undefined: the child leaves whatever it is in, for it is no more. `K` is how
 * things are named: by EPC, or by its number in the ledger.
 */
export interface Move<K = string> {
  relation: Relation
  parent: K | undefined
  child: K | undefined
  action: Action
  eventTime: number
  eventID: string
  /** Why the child is no more: a transformation took it in, or its EPC was taken off (§7.4.2). */
  ceased?: 'consumed' | 'decommissioned'
}

/**
 * Why an interval ended: taken out, everything taken out, put elsewhere without having been taken
 * out, or the thing was no more.
 */
export type EndedBy = 'removed' | 'emptied' | 'moved' | 'consumed' | 'decommissioned' | null

export interface Containment<K = string> extends Interval {
  relation: Relation
  child: K
  parent: K
  endedBy: EndedBy
}

/**
 * Two parents claim one child at the same time: the events put it into `parent` from `from` on, and
 * did not take it out of `otherParent` before.
 */
export interface DoubleParent<K = string> extends Interval {
  relation: Relation
  child: K
  parent: K
  otherParent: K
}

/** The moves an event makes. Events in error (EPCIS 2.0 §7.4.1.3) make none. */
export function movesOf(event: EpcisEvent): Move[] {
  if (event.errorDeclaration) return []
  const { eventTime, eventID } = event
  if (event.type === 'TransformationEvent')
    return endingsOf(event.inputEPCList, { eventTime, eventID, ceased: 'consumed' })
  if (event.type === 'ObjectEvent')
    return event.action === 'DELETE'
      ? endingsOf(event.epcList, { eventTime, eventID, ceased: 'decommissioned' })
      : []
  if (event.type === 'TransactionEvent') return []
  if (event.parentID === undefined || event.action === 'OBSERVE') return []
  const { action, parentID: parent } = event
  const relation = event.type === 'AggregationEvent' ? 'aggregation' : 'association'
  const move = (child: string | undefined): Move => ({
    relation,
    parent,
    child,
    action,
    eventTime,
    eventID,
  })
  // DELETE with neither children nor quantities means everything (EPCIS 2.0 §7.4.3).
  if (event.childEPCs.length === 0)
    return action === 'DELETE' && event.childQuantityList.length === 0 ? [move(undefined)] : []
  return [...new Set(event.childEPCs)].map(move)
}

const endingsOf = (
  children: readonly string[],
  why: Pick<Move, 'eventTime' | 'eventID' | 'ceased'>,
): Move[] =>
  (['aggregation', 'association'] as const).flatMap((relation) =>
    [...new Set(children)].map(
      (child): Move => ({ relation, parent: undefined, child, action: 'DELETE', ...why }),
    ),
  )

/** The intervals of one child in one relation: `stays` of historyOf. */
export const containmentOf = <K>(child: K, moves: readonly Move<K>[]): Containment<K>[] =>
  historyOf(child, moves).stays

/**
 * One child in one relation. `moves`: those of the child, and the emptying ones of its parents. At
 * one moment leaving comes before entering, and both before ceasing to be; then eventID decides:
 * the result does not depend on arrival order. A child put into another parent without leaving ends
 * its stay there at that moment ('moved'), for an ADD is what somebody saw and a missing DELETE is
 * what nobody saw; that both claim it goes on until one of them lets it go, and is told in
 * `doubles`.
 */
export function historyOf<K>(
  child: K,
  moves: readonly Move<K>[],
): { stays: Containment<K>[]; doubles: DoubleParent<K>[] } {
  const stays: Containment<K>[] = []
  const doubles: DoubleParent<K>[] = []
  /** Parents that claim the child, the newest last. */
  const claims = new Set<K>()
  let open: Containment<K> | undefined
  const end = (time: number, endedBy: EndedBy): void => {
    if (open && time > open.from) stays.push({ ...open, to: time, endedBy })
    open = undefined
  }
  const release = (parent: K, time: number): void => {
    claims.delete(parent)
    for (const double of doubles)
      if (double.to === Infinity && (double.parent === parent || double.otherParent === parent))
        double.to = time
  }
  for (const { relation, action, parent, child: own, eventTime, ceased } of inOrder(moves)) {
    if (parent === undefined) {
      end(eventTime, ceased ?? 'consumed')
      for (const each of [...claims]) release(each, eventTime)
    } else if (action !== 'ADD') {
      if (open?.parent === parent) end(eventTime, own === undefined ? 'emptied' : 'removed')
      release(parent, eventTime)
    } else if (open?.parent !== parent) {
      release(parent, eventTime)
      end(eventTime, 'moved')
      const otherParent = [...claims].at(-1)
      const since = { relation, child, parent, from: eventTime, to: Infinity }
      if (otherParent !== undefined) doubles.push({ ...since, otherParent })
      claims.add(parent)
      open = { ...since, endedBy: null }
    }
  }
  if (open) stays.push(open)
  return { stays, doubles: doubles.filter(({ from, to }) => from < to) }
}

const inOrder = <K>(moves: readonly Move<K>[]): Move<K>[] =>
  moves.length < 2
    ? [...moves]
    : [...moves].sort(
        (a, b) => a.eventTime - b.eventTime || rank(a) - rank(b) || compare(a.eventID, b.eventID),
      )

/** What is packed and used up in one moment is used up. */
const rank = <K>(move: Move<K>): number =>
  move.parent === undefined ? 2 : move.action === 'DELETE' ? 0 : 1
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Sorted, disjoint, touching ones joined. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.from - b.from || a.to - b.to)
  const joined: Interval[] = []
  for (const { from, to } of sorted) {
    const last = joined.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** Where both hold; both sorted and disjoint. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const common: Interval[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]!.from, b[j]!.from)
    const to = Math.min(a[i]!.to, b[j]!.to)
    if (from < to) common.push({ from, to })
    if (a[i]!.to < b[j]!.to) i++
    else j++
  }
  return common
}

/** Presence of everything inside a container, by EPC: ascending, disjoint intervals. */
export type Presence<K = string> = Map<K, Interval[]>

/**
 * One level down. `above`: presence of the parents in the container; `rows`: the stays in these
 * parents. Gives the children's presence, to be merged into the whole with `mergePresence` and
 * descended from again.
 */
export function presenceBelow<K>(above: Presence<K>, rows: readonly Containment<K>[]): Presence<K> {
  const below: Presence<K> = new Map()
  for (const row of rows) {
    const parent = above.get(row.parent)
    if (!parent) continue
    const inside = intersect(parent, [row])
    if (inside.length === 0) continue
    const known = below.get(row.child)
    below.set(row.child, known ? union([...known, ...inside]) : inside)
  }
  return below
}

/**
 * Adds to `whole` what `level` knows; returns the part that was new, which must be descended from.
 */
export function mergePresence<K>(whole: Presence<K>, level: Presence<K>): Presence<K> {
  const fresh: Presence<K> = new Map()
  for (const [epc, inside] of level) {
    const known = whole.get(epc)
    const merged = known ? union([...known, ...inside]) : inside
    if (known && sameIntervals(known, merged)) continue // a cycle ends here
    whole.set(epc, merged)
    fresh.set(epc, merged)
  }
  return fresh
}

const sameIntervals = (a: readonly Interval[], b: readonly Interval[]): boolean =>
  a.length === b.length && a.every((entry, i) => entry.from === b[i]!.from && entry.to === b[i]!.to)
