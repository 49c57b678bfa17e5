// Labels of limits stand beside the curve, not on it (dashboards/console/src/plot-labels.ts).
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Box, meets, placeOf } from '../dashboards/console/src/plot-labels.ts'

const plot: Box = { left: 50, right: 650, top: 20, bottom: 220 }
const label = { width: 70, height: 12 }

const box = fc
  .tuple(
    fc.integer({ min: 40, max: 660 }),
    fc.integer({ min: 10, max: 230 }),
    fc.nat(200),
    fc.nat(60),
  )
  .map(([left, top, width, height]) => ({ left, top, right: left + width, bottom: top + height }))

it('stays in the plot, beside its line', () => {
  const y = fc.integer({ min: 20, max: 220 })
  const first = fc.constantFrom('above' as const, 'below' as const)
  fc.assert(
    fc.property(y, first, fc.array(box), (y, first, taken) => {
      const place = placeOf({ plot, y, label, first, taken })
      expect(place.left).toBeGreaterThanOrEqual(plot.left)
      expect(place.right).toBeLessThanOrEqual(plot.right)
      expect(place.top).toBeGreaterThanOrEqual(plot.top)
      expect(place.bottom).toBeLessThanOrEqual(plot.bottom)
      expect(place.right - place.left).toBeCloseTo(label.width)
      expect(meets(place, { ...plot, top: y - 1, bottom: y + 1 })).toBe(false)
    }),
    { seed: 20261123 },
  )
})

it('goes out of the way of one curve at the right end, and leaves it where nothing is', () => {
  const room = { plot, y: 100, label, first: 'above' as const }
  const alone = placeOf({ ...room, taken: [] })
  expect(alone).toMatchObject({ right: 647, bottom: 97 })
  const curve: Box = { left: 560, right: 650, top: 80, bottom: 99 }
  const beside = placeOf({ ...room, taken: [curve] })
  expect(meets(beside, curve)).toBe(false)
  expect(beside).toMatchObject({ right: 647, top: 103 })
  const both: Box = { left: 560, right: 650, top: 60, bottom: 140 }
  const further = placeOf({ ...room, taken: [both] })
  expect(meets(further, both)).toBe(false)
  expect(further.bottom).toBe(97)
})

it('takes the right end when there is no place without something in it', () => {
  expect(placeOf({ plot, y: 100, label, first: 'above', taken: [plot] })).toMatchObject({
    ...{ right: 647, bottom: 97 },
  })
})
