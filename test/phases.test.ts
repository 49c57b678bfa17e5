import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { during, type JourneyStep, phasesOf } from '../domain/phases.ts'
import { inForce } from '../domain/profile/versions.ts'

const ship = (time: number, ...places: string[]): JourneyStep => ({ time, step: 'ship', places })
const receive = (time: number, ...places: string[]): JourneyStep => ({
  ...{ time, step: 'receive', places },
})
const told = (steps: JourneyStep[]): string =>
  phasesOf(steps)
    .map(({ phase, from }) => `${phase} ${from}`)
    .join(', ')

describe('the phases of a container', () => {
  it('are origin until it is shipped, transit until it is received, destination after', () => {
    expect(told([])).toBe('origin -Infinity')
    expect(told([ship(5)])).toBe('origin -Infinity, transit 5')
    expect(told([receive(9), ship(5)])).toBe('origin -Infinity, transit 5, destination 9')
    const again = [ship(5), receive(9), ship(20), receive(30)]
    expect(told(again)).toBe(
      'origin -Infinity, transit 5, destination 9, transit 20, destination 30',
    )
  })

  it('do not end at a stop on the way, when the way is told', () => {
    const there = 'https://id.gs1.org/414/9521234000013'
    const hub = 'https://id.gs1.org/414/9521234000020'
    expect(told([ship(5, there), receive(7, hub)])).toBe('origin -Infinity, transit 5')
    const arrived = 'origin -Infinity, transit 5, destination 9'
    expect(told([ship(5, there), receive(7, hub), receive(9, there)])).toBe(arrived)
    expect(told([ship(5, there), receive(9, `${there}/254/dock-1`)])).toBe(arrived)
    expect(told([ship(5, there), receive(9)])).toBe(arrived)
  })

  it('are what they were before a shipping that was taken back', () => {
    expect(told([ship(5), { time: 6, step: 'void', places: [] }])).toBe('origin -Infinity')
    const later = [ship(5), { time: 6, step: 'void', places: [] } as const, ship(10)]
    expect(told(later)).toBe('origin -Infinity, transit 10')
  })

  it('cover all time once, and are the same in whatever order the events came', () => {
    const steps = fc.array(
      fc.record({
        time: fc.nat(20),
        step: fc.constantFrom('ship', 'void', 'receive' as const),
        places: fc.subarray(['a', 'b']),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(steps, fc.integer(), (some, turn) => {
        const spans = phasesOf(some)
        expect(spans[0]!.from).toBe(Number.NEGATIVE_INFINITY)
        expect(spans.at(-1)!.to).toBe(Infinity)
        for (const [index, { from }] of spans.slice(1).entries())
          expect(spans[index]!.to).toBe(from)
        const cut = Math.abs(turn) % (some.length + 1)
        expect(phasesOf([...some.slice(cut), ...some.slice(0, cut)].reverse())).toEqual(spans)
      }),
      { numRuns: 1000 },
    )
  })

  it('make windows, neighbours as one', () => {
    const spans = phasesOf([ship(5), receive(9)])
    const window = { from: 2, to: 20 }
    expect(during(spans, ['transit'], window)).toEqual([{ from: 5, to: 9 }])
    expect(during(spans, ['origin', 'destination'], window)).toEqual([
      { from: 2, to: 5 },
      { from: 9, to: 20 },
    ])
    expect(during(spans, ['transit', 'destination'], window)).toEqual([{ from: 5, to: 20 }])
  })
})

describe('versions of a profile', () => {
  it('judge from their time on, the one stored last first; before the earliest none does', () => {
    const version = (number: number, effectiveFrom: number | null) => ({
      ...{ version: number, effectiveFrom },
    })
    const spans = (...all: { version: number; effectiveFrom: number | null }[]): string =>
      inForce(all)
        .map(({ version: number, from, to }) => `v${number} ${from}..${to}`)
        .join(', ')
    expect(spans(version(1, 10))).toBe('v1 10..Infinity')
    expect(spans(version(1, null), version(2, 10))).toBe('v1 -Infinity..10, v2 10..Infinity')
    expect(spans(version(2, 10), version(1, null), version(3, 5))).toBe(
      'v1 -Infinity..5, v3 5..Infinity',
    )
    expect(spans(version(1, null), version(2, 10), version(3, null))).toBe('v3 -Infinity..Infinity')
  })

  it('are at each moment the last stored of those whose time has come', () => {
    const stored = fc.array(fc.option(fc.nat(20), { nil: null }), { maxLength: 8 })
    fc.assert(
      fc.property(stored, fc.nat(25), (times, moment) => {
        const all = times.map((effectiveFrom, index) => ({ version: index + 1, effectiveFrom }))
        const last = all.findLast(({ effectiveFrom }) => (effectiveFrom ?? -1) <= moment)
        const now = inForce(all.toReversed()).find(({ from, to }) => from <= moment && moment < to)
        expect(now?.version).toBe(last?.version)
      }),
      { numRuns: 1000 },
    )
  })
})
