// Distances from ways and places found without walking them all, against walking them all.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceM, type Spot, wrapped } from '../domain/earth.ts'
import { fencesOf, isSurelyIn, placesAt } from '../domain/fences.ts'
import type { KnownPlace } from '../domain/suspicion.ts'
import { nearestOn, nearOn, wayOf } from '../domain/way.ts'
import { createRoute, pointAt, ringAround } from '../simulators/route.ts'

type Lonlat = readonly [number, number]
const degrees = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true })
const point = fc.record({ lat: degrees(85), lon: degrees(180) })

/** The nearest of many points on the great circles. */
function nearestByWalking(path: readonly Lonlat[], at: { lat: number; lon: number }): number {
  const route = createRoute(path.map(([lon, lat]) => ({ lat, lon })))
  const steps = 20_000
  let least = Infinity
  for (let n = 0; n <= steps; n++) least = Math.min(least, distanceM(pointAt(route, n / steps), at))
  return least
}

describe('a way', () => {
  it('is as far as walking along it says, also over 180 and near the poles', () => {
    fc.assert(
      fc.property(point, fc.array(point, { minLength: 1, maxLength: 6 }), (at, points) => {
        const path = points.map(({ lat, lon }): Lonlat => [lon, lat])
        const { distanceM: found } = nearestOn(wayOf([path]), at)
        const walked = nearestByWalking(path, at)
        const km = createRoute(points).km
        // Walking sees only every so many metres.
        expect(found).toBeLessThan(walked + 1)
        expect(found).toBeGreaterThan(walked - (km * 1000) / 20_000 - 100)
      }),
      { numRuns: 30 },
    )
  })

  it('is the same from wherever the search begins, and says of which line it is', () => {
    const lines = Array.from({ length: 40 }, (_, leg): Lonlat[] =>
      Array.from({ length: 50 }, (_, n) => [170 + leg / 2 + n / 100, 10 + Math.sin(leg + n / 9)]),
    )
    const way = wayOf(lines)
    fc.assert(
      fc.property(
        fc.record({ lat: fc.double({ min: 8, max: 12, noNaN: true }), lon: degrees(180) }),
        fc.nat(40 * 49),
        (at, from) => {
          const found = nearestOn(way, at)
          expect(nearestOn(way, at, from).distanceM).toBeCloseTo(found.distanceM, 3)
          const [withinM, near] = [20_000, nearOn(way, at, { withinM: 20_000, from })]
          expect(near.distanceM <= withinM).toBe(found.distanceM <= withinM)
          const alone = nearestOn(wayOf([lines[found.line]!]), at)
          expect(alone.distanceM).toBeCloseTo(found.distanceM, 3)
        },
      ),
    )
  })
})

describe('places', () => {
  const place = fc.record({
    at: point,
    radiusM: fc.integer({ min: 50, max: 40_000 }),
    isRing: fc.boolean(),
  })

  it('are found among thousands as by asking each of them', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), fc.nat(59), degrees(0.3), (all, n, off) => {
        const known = new Map(
          all.map(({ at, radiusM, isRing }, index): [string, KnownPlace] => {
            const id = `place ${index}`
            const spot = { ...at, radiusM }
            return [id, isRing ? { id, ring: ringAround(at, radiusM) } : { id, spot }]
          }),
        )
        const near = all[n % Math.max(1, all.length)]?.at ?? { lat: 1, lon: 1 }
        const spot: Spot = { lat: near.lat + off, lon: wrapped(near.lon - off), radiusM: 20 }
        const found = new Set(placesAt(fencesOf(known), spot).map(({ id }) => id))
        for (const each of known.values())
          if (isSurelyIn(each, spot)) expect(found).toContain(each.id)
        all.forEach(({ at, radiusM }, index) => {
          if (distanceM(at, spot) > 1.3 * radiusM + 400)
            expect(found).not.toContain(`place ${index}`)
        })
      }),
    )
  })
})
