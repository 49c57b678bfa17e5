// Containment as of a time: AggregationEvents and AssociationEvents become intervals "child in
// parent [from, to)", whatever order the events came in. Pure: the rows come from the ledger.
import type { Interval } from './breach.ts'
import type { Action, EpcisEvent } from './epcis.ts'

/**
 * Aggregation is packing; association is mounting (EPCIS 2.0 §7.4.3, §7.4.6). A child may have one
 * parent in each.
 */
export type Relation = 'aggregation' | 'association'

/**
 * What one event says of one child. `child` undefined: DELETE without children, everything leaves
 * the parent.
 */
export interface Move {
  relation: Relation
  parent: string
  child: string | undefined
  action: Action
  eventTime: number
  eventID: string
}

/**
 * Why an interval ended: taken out, everything taken out, or put elsewhere without having been
 * taken out.
 */
export type EndedBy = 'removed' | 'emptied' | 'moved' | null

export interface Containment extends Interval {
  relation: Relation
  child: string
  parent: string
  endedBy: EndedBy
}

/** The moves an event makes. Events in error (EPCIS 2.0 §7.4.1.3) make none. */
export function movesOf(event: EpcisEvent): Move[] {
  if (event.type !== 'AggregationEvent' && event.type !== 'AssociationEvent') return []
  if (event.errorDeclaration || event.parentID === undefined || event.action === 'OBSERVE')
    return []
  const { action, eventTime, eventID, parentID: parent } = event
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

/**
 * The intervals of one child in one relation. `moves`: those of the child, and the emptying ones of
 * its parents. At one moment leaving comes before entering, then eventID decides: the result does
 * not depend on arrival order. A child put into another parent without leaving ends its stay there
 * at that moment.
 */
export function containmentOf(child: string, moves: readonly Move[]): Containment[] {
  const sorted = [...moves].sort(
    (a, b) =>
      a.eventTime - b.eventTime ||
      rank(a) - rank(b) ||
      compare(a.eventID, b.eventID) ||
      compare(a.parent, b.parent),
  )
  const stays: Containment[] = []
  let open: Containment | undefined
  const end = (time: number, endedBy: EndedBy): void => {
    if (!open) return
    open.to = time
    open.endedBy = endedBy
    if (open.to > open.from) stays.push(open)
    open = undefined
  }
  for (const move of sorted) {
    if (move.action === 'ADD') {
      if (open?.parent === move.parent) continue
      end(move.eventTime, 'moved')
      open = {
        relation: move.relation,
        child,
        parent: move.parent,
        from: move.eventTime,
        to: Infinity,
        endedBy: null,
      }
    } else if (open?.parent === move.parent)
      end(move.eventTime, move.child === undefined ? 'emptied' : 'removed')
  }
  if (open) stays.push(open)
  return stays
}

const rank = (move: Move): number => (move.action === 'DELETE' ? 0 : 1)
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
export type Presence = Map<string, Interval[]>

/**
 * One level down. `above`: presence of the parents in the container; `rows`: the stays in these
 * parents. Gives the children's presence, to be merged into the whole with `mergePresence` and
 * descended from again.
 */
export function presenceBelow(above: Presence, rows: readonly Containment[]): Presence {
  const below: Presence = new Map()
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
export function mergePresence(whole: Presence, level: Presence): Presence {
  const fresh: Presence = new Map()
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
