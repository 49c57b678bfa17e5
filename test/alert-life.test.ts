// The life of an alert among people: every step that there is, and that a life is nothing but its
// entries in order.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AlertLife,
  advanceLife,
  type Basis,
  isPending,
  type LifeEntry,
  lifeAfter,
  lifeStates,
  lifeSteps,
  mayStep,
  maySteps,
  newLife,
  reopening,
} from '../domain/alert-life.ts'

const basis: Basis = { revision: 1, serialSetHash: 'a', verdict: 'out', status: 'open' }
const move = (to: (typeof lifeStates)[number], mover: 'person' | 'disposition' = 'person') =>
  ({ kind: 'moved', to, mover, reason: 'because', basis }) as const

const entries: fc.Arbitrary<LifeEntry> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...lifeStates),
      fc.constantFrom('person' as const, 'disposition' as const, 'restatement' as const),
      fc.record({
        revision: fc.nat(9),
        serialSetHash: fc.constantFrom('a', 'b'),
        verdict: fc.constantFrom('in' as const, 'out' as const, 'indeterminate' as const),
        status: fc.constantFrom('open', 'retracted', 'superseded'),
      }),
    )
    .map(([to, mover, basis]) => ({ kind: 'moved', to, mover, reason: 'r', basis }) as const),
  fc.option(fc.constantFrom('ana', 'ben')).map((to) => ({ kind: 'assigned', to }) as const),
  fc.constant({ kind: 'commented', text: 'looked at it' } as const),
)

describe('the life of an alert', () => {
  it('takes the steps of the table and no other', () => {
    const allowed = new Set(
      lifeSteps.flatMap(({ from, to, by }) => by.map((b) => `${from}>${to} ${b}`)),
    )
    for (const from of lifeStates)
      for (const to of lifeStates)
        for (const mover of ['person', 'disposition', 'restatement'] as const) {
          const life: AlertLife = { ...newLife, state: from }
          const entry = { kind: 'moved', to, mover, reason: 'r', basis } as const
          const may = allowed.has(`${from}>${to} ${mover}`)
          expect(mayStep(from, to, mover)).toBe(may)
          expect(advanceLife(life, entry).state).toBe(may ? to : from)
        }
    // Nobody closes what was not decided, and nothing ends a life for good.
    for (const from of lifeStates) {
      expect(maySteps(from, 'person').includes('closed')).toBe(from === 'decided')
      expect(maySteps(from, 'person').length).toBeGreaterThan(0)
    }
  })

  it('replays to the same state from any history, and goes on from any place in it', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 30 }), fc.nat(30), (history, at) => {
        const whole = lifeAfter(history)
        const resumed = history.slice(at).reduce(advanceLife, lifeAfter(history.slice(0, at)))
        expect(resumed).toEqual(whole)
        // What stands as decided rests on something.
        if (whole.state === 'decided') expect(whole.basis).not.toBeNull()
        // Whoever takes over the life of another has just that life.
        const carried = advanceLife(newLife, { kind: 'carried', from: 'x', life: whole })
        expect(carried).toEqual(whole)
      }),
    )
  })

  it('is opened again after a decision when serials or verdict are others, and by nothing else', () => {
    const decided = lifeAfter([move('acknowledged'), move('decided')])
    const closed = advanceLife(decided, move('closed'))
    const others = [{ serialSetHash: 'b' }, { verdict: 'in' as const }, { status: 'retracted' }]
    for (const life of [decided, closed]) {
      expect(reopening(life, { ...basis, revision: 2 })).toBeUndefined()
      expect(
        reopening(life, { ...basis, serialSetHash: 'b', status: 'superseded' }),
      ).toBeUndefined()
      for (const other of others) {
        const entry = reopening(life, { ...basis, ...other })!
        expect(advanceLife(life, entry).state).toBe('investigating')
      }
    }
    const open = lifeAfter([move('acknowledged')])
    for (const other of others) expect(reopening(open, { ...basis, ...other })).toBeUndefined()
  })

  it('is looked at until it is closed, or gone before anybody took it up', () => {
    const seen = lifeAfter([move('acknowledged')])
    expect(isPending(newLife, { status: 'open' })).toBe(true)
    expect(isPending(newLife, { status: 'retracted' })).toBe(false)
    expect(isPending(seen, { status: 'retracted' })).toBe(true)
    expect(isPending(seen, { status: 'superseded' })).toBe(false)
    expect(isPending({ ...seen, state: 'closed' }, { status: 'open' })).toBe(false)
  })
})
