import { expect, it } from 'vitest'
import { ambientC, positionAt, type Segment, segmentAt } from '../simulators/lanes.ts'
import { places } from '../simulators/places.ts'
import { createRoute } from '../simulators/route.ts'
import { outdoorC, solarK } from '../simulators/weather.ts'

const hour = 3_600_000
const road = (from: number, hours: number): Segment => ({
  kind: 'road',
  from,
  to: from + hours * hour,
  fromPlace: places.basel,
  toPlace: places.lyon,
  route: createRoute([places.basel, places.lyon]),
})

it('is warmer in July than in January and after noon than at dawn, by the local sun', () => {
  const { basel, dubai } = places
  const july = Date.UTC(2026, 6, 20, 14, 30)
  const january = Date.UTC(2026, 0, 20, 14, 30)
  expect(outdoorC(basel, july) - outdoorC(basel, january)).toBeCloseTo(2 * 9.5, 0)
  // Solar 15 h in Basel is 14:30 UTC; in Dubai 11:19 UTC.
  expect(outdoorC(basel, july)).toBeCloseTo(11 + 9.5 + 4.5, 1)
  expect(outdoorC(dubai, Date.UTC(2026, 6, 20, 11, 19))).toBeCloseTo(28.5 + 8 + 6, 1)
  expect(outdoorC(basel, july - 12 * hour)).toBeCloseTo(11 + 9.5 - 4.5, 1)
})

it('turns the seasons around south of the equator', () => {
  const south = { ...places.basel, lat: -47 }
  const time = Date.UTC(2026, 6, 20, 14, 30)
  expect(outdoorC(south, time)).toBeCloseTo(11 - 9.5 + 4.5, 1)
})

it('lets the sun shine by day only', () => {
  expect(solarK(0, Date.UTC(2026, 3, 1, 12), 18)).toBeCloseTo(18, 6)
  expect(solarK(0, Date.UTC(2026, 3, 1, 0), 18)).toBe(0)
  expect(solarK(90, Date.UTC(2026, 3, 1, 6), 18)).toBeCloseTo(18, 6)
})

it('goes from place to place, and from one climate to the other', () => {
  const start = Date.UTC(2026, 6, 20, 0)
  const segment = road(start, 5)
  expect(positionAt(segment, start)).toEqual({ lat: places.basel.lat, lon: places.basel.lon })
  expect(positionAt(segment, start + 9 * hour)).toEqual({
    lat: places.lyon.lat,
    lon: places.lyon.lon,
  })
  expect(ambientC(segment, start, { storeC: 5 })).toBeCloseTo(outdoorC(places.basel, start), 6)
  expect(ambientC({ ...segment, kind: 'coldStore' }, start, { storeC: 5 })).toBe(5)
  const [first, second] = [road(start, 1), road(start + hour, 1)]
  expect(segmentAt([first, second], start + hour)).toBe(second)
  expect(segmentAt([first, second], start + 5 * hour)).toBe(second)
})
