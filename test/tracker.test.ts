import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Watch } from '../analytics/plan.ts'
import {
  advance,
  currentBreaches,
  type Found,
  formatChannels,
  newChannel,
  parseChannels,
} from '../analytics/tracker.ts'
import { breachesOf, type Point } from '../domain/breach.ts'
import type { RuleKind } from '../domain/profile/profile.ts'

const minute = 60_000

const watchOf = (kind: RuleKind): Watch => ({
  id: `pallet|0|09521234543213|${kind}`,
  container: 'pallet',
  window: { from: 3 * minute, to: 90 * minute },
  gtin: '09521234543213',
  productVersion: 1,
  options: {
    rule: { id: kind, kind, side: 'above', limitC: 8, allowanceMs: 5 * minute, severity: 'major' },
    gapMs: 4 * minute,
    hysteresisC: 0.5,
  },
})
const watches = [watchOf('instant'), watchOf('single'), watchOf('cumulative')]

const anyPoints = fc
  .uniqueArray(
    fc.record({ at: fc.integer({ min: 0, max: 100 }), value: fc.constantFrom(5, 7.8, 9, 12) }),
    { maxLength: 60, selector: ({ at }) => at },
  )
  .map((points) =>
    points
      .map(({ at, value }): Point => ({ time: at * minute, value }))
      .sort((a, b) => a.time - b.time),
  )

it('goes on from the kept text as if it had never stopped, and finds what all readings tell', () => {
  fc.assert(
    fc.property(anyPoints, fc.nat(60), (points, restartAt) => {
      let channel = newChannel()
      const found: Found[] = []
      for (const [index, point] of points.entries()) {
        if (index === restartAt)
          channel = parseChannels(formatChannels({ temperature: channel })).temperature!
        advance(channel, point, { watches, found })
      }
      found.push(...currentBreaches(channel, watches))
      for (const watch of watches) {
        const mine = found.filter((one) => one.watch === watch).map(({ breach }) => breach)
        expect(mine).toEqual(breachesOf(points, watch.options, watch.window))
      }
    }),
    { numRuns: 500 },
  )
})

it('keeps a rule that has nothing to remember as little more than its name', () => {
  const channel = newChannel()
  for (let at = 4; at < 20; at++)
    advance(channel, { time: at * minute, value: 5 }, { watches, found: [] })
  const text = formatChannels({ temperature: channel })
  expect(text.length).toBeLessThan(250)
  expect(parseChannels(text)).toEqual({ temperature: channel })
})

it('reads what was kept before the short form was known', () => {
  const channel = newChannel()
  for (const [at, value] of [5, 9, 5].entries())
    advance(channel, { time: (4 + at) * minute, value }, { watches, found: [] })
  expect(parseChannels(JSON.stringify({ temperature: channel }))).toEqual({ temperature: channel })
})
