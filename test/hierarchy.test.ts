import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Interval } from '../domain/breach.ts'
import {
  type Containment,
  containmentOf,
  intersect,
  type Move,
  mergePresence,
  type Presence,
  presenceBelow,
  union,
} from '../domain/hierarchy.ts'

let ids = 0
const move = (
  eventTime: number,
  action: 'ADD' | 'DELETE',
  parent: string,
  child: string | null = 'c',
): Move => ({
  relation: 'aggregation',
  parent,
  child: child ?? undefined,
  action,
  eventTime,
  eventID: `e${++ids}`,
})
const stays = (moves: Move[]) =>
  containmentOf('c', moves).map(({ parent, from, to, endedBy }) => [parent, from, to, endedBy])

describe('a child', () => {
  it('is in its parent from ADD until DELETE, or for ever', () => {
    expect(stays([move(10, 'ADD', 'A'), move(20, 'DELETE', 'A')])).toEqual([
      ['A', 10, 20, 'removed'],
    ])
    expect(stays([move(10, 'ADD', 'A')])).toEqual([['A', 10, Infinity, null]])
  })

  it('leaves with everything else when its parent is emptied', () => {
    expect(stays([move(10, 'ADD', 'A'), move(20, 'DELETE', 'A', null)])).toEqual([
      ['A', 10, 20, 'emptied'],
    ])
  })

  it('put elsewhere without having been taken out was moved: nothing is in two places', () => {
    expect(stays([move(10, 'ADD', 'A'), move(20, 'ADD', 'B')])).toEqual([
      ['A', 10, 20, 'moved'],
      ['B', 20, Infinity, null],
    ])
  })

  it('taken out and put in at one moment is in from then on', () => {
    expect(stays([move(20, 'ADD', 'B'), move(20, 'DELETE', 'A'), move(10, 'ADD', 'A')])).toEqual([
      ['A', 10, 20, 'removed'],
      ['B', 20, Infinity, null],
    ])
  })

  it('is not moved by taking it out of where it is not', () => {
    expect(stays([move(5, 'DELETE', 'A'), move(10, 'ADD', 'A'), move(15, 'DELETE', 'B')])).toEqual([
      ['A', 10, Infinity, null],
    ])
  })

  it('has the same stays whatever order its events came in', () => {
    const some = fc.record({
      eventTime: fc.nat(20),
      action: fc.constantFrom('ADD', 'DELETE' as const),
      parent: fc.constantFrom('A', 'B', 'C'),
    })
    fc.assert(
      fc.property(
        fc.array(some, { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (entries, keys) => {
          const moves = entries.map((entry) => move(entry.eventTime, entry.action, entry.parent))
          const shuffled = moves
            .map((entry) => ({ entry, key: keys.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ entry }) => entry)
          expect(containmentOf('c', shuffled)).toEqual(containmentOf('c', moves))
        },
      ),
    )
  })
})

const intervals = fc
  .array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 15 })), { maxLength: 6 })
  .map((pairs) => pairs.map(([from, length]): Interval => ({ from, to: from + length })))
const points = (set: readonly Interval[]): number[] => {
  const inside = []
  for (let t = 0; t < 60; t++) if (set.some(({ from, to }) => t >= from && t < to)) inside.push(t)
  return inside
}

it('union and intersection of intervals are those of their moments', () => {
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      expect(points(union(a))).toEqual(points(a))
      const both = intersect(union(a), union(b))
      expect(points(both)).toEqual(points(a).filter((t) => points(b).includes(t)))
      expect(union(both)).toEqual(both)
    }),
  )
})

describe('presence', () => {
  const stay = (child: string, parent: string, from: number, to: number): Containment => ({
    relation: 'aggregation',
    child,
    parent,
    from,
    to,
    endedBy: null,
  })

  it('of a unit in a case on a pallet is where both stays hold', () => {
    const pallet: Presence = new Map([['P', [{ from: 0, to: 100 }]]])
    const cases = presenceBelow(pallet, [stay('case', 'P', 10, 50)])
    const units = presenceBelow(cases, [stay('unit', 'case', 0, 20), stay('unit', 'case', 40, 90)])
    expect(units.get('unit')).toEqual([
      { from: 10, to: 20 },
      { from: 40, to: 50 },
    ])
  })

  it('of containers that are in each other comes to an end', () => {
    const whole: Presence = new Map([['A', [{ from: 0, to: 100 }]]])
    let fresh = whole
    const rows = [stay('B', 'A', 0, 100), stay('A', 'B', 0, 100)]
    let rounds = 0
    while (fresh.size > 0) {
      fresh = mergePresence(
        whole,
        presenceBelow(
          fresh,
          rows.filter((row) => fresh.has(row.parent)),
        ),
      )
      rounds++
    }
    expect(rounds).toBe(2)
    expect([...whole.keys()].sort()).toEqual(['A', 'B'])
  })
})
