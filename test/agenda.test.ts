import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAgenda } from '../simulators/agenda.ts'

it('gives back in order of time, and equal times in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const agenda = createAgenda<{ at: number; order: number }>()
      times.forEach((at, order) => {
        agenda.push(at, { at, order })
      })
      const out: { at: number; order: number }[] = []
      while (agenda.size > 0) {
        const next = agenda.next()
        out.push(agenda.pop())
        expect(out.at(-1)!.at).toBe(next)
      }
      const sorted = times
        .map((at, order) => ({ at, order }))
        .sort((a, b) => a.at - b.at || a.order - b.order)
      expect(out).toEqual(sorted)
    }),
  )
})

it('has nothing to give when it is empty', () => {
  expect(createAgenda().next()).toBe(Number.POSITIVE_INFINITY)
  expect(() => createAgenda().pop()).toThrow(RangeError)
})
