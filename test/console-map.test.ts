import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeLabels } from '../dashboards/console/src/map/labels.ts'
import {
  clusterOf,
  fitView,
  fromPixels,
  metresPerPx,
  panBy,
  project,
  stepOf,
  toPixels,
  unproject,
  worldPxLeast,
  worldPxMost,
  zoomBy,
} from '../dashboards/console/src/map/view.ts'

const size = { width: 800, height: 500 }
const spots = fc.record({
  lon: fc.double({ min: -180, max: 179.9, noNaN: true }),
  lat: fc.double({ min: -80, max: 80, noNaN: true }),
})
const views = fc.record({
  x: fc.double({ min: 0, max: 0.999, noNaN: true }),
  y: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
  // Wider than two frames: of a smaller world several copies are in sight.
  worldPx: fc.double({ min: 4000, max: 1e6, noNaN: true }),
})

describe('the map of the console', () => {
  it('comes back to a place from its point', () => {
    fc.assert(
      fc.property(spots, (spot) => {
        const back = unproject(project(spot))
        expect(back.lat).toBeCloseTo(spot.lat, 6)
        expect(Math.cos(((back.lon - spot.lon) * Math.PI) / 180)).toBeCloseTo(1, 9)
      }),
    )
  })

  it('has Null Island in its middle and the north above', () => {
    expect(project({ lon: 0, lat: 0 })).toEqual({ x: 0.5, y: 0.5 })
    expect(project({ lon: 10, lat: 60 }).y).toBeLessThan(project({ lon: 10, lat: 50 }).y)
    expect(metresPerPx(60, 1e6)).toBeCloseTo(metresPerPx(0, 1e6) / 2, 6)
  })

  it('keeps what is below the pointer below it when it goes closer', () => {
    fc.assert(
      fc.property(views, fc.double({ min: 0.5, max: 2, noNaN: true }), (view, factor) => {
        const pixel = { x: 130, y: 310 }
        const before = fromPixels(pixel, view, size)
        const zoomed = zoomBy(view, factor, { pixel, size })
        if (zoomed.y === 0 || zoomed.y === 1) return
        const after = toPixels(before, zoomed, size)
        expect(after.x).toBeCloseTo(pixel.x, 3)
        expect(after.y).toBeCloseTo(pixel.y, 3)
      }),
    )
  })

  it('never goes closer or wider than makes sense, nor off the world', () => {
    const at = { pixel: { x: 0, y: 0 }, size }
    const view = { x: 0.5, y: 0.5, worldPx: 1000 }
    expect(zoomBy(view, 1e9, at).worldPx).toBe(worldPxMost)
    expect(zoomBy(view, 1e-9, at).worldPx).toBe(worldPxLeast)
    expect(panBy(view, 0, -1e9).y).toBe(1)
    expect(panBy(view, 700, 0).x).toBeCloseTo(0.8, 9)
  })

  it('shows all places at once, also those on both sides of the date line', () => {
    fc.assert(
      fc.property(fc.array(spots, { minLength: 1, maxLength: 20 }), (list) => {
        const points = list.map(project)
        const view = fitView(points, size)
        if (view.worldPx === worldPxLeast) return
        for (const point of points) {
          const { x, y } = toPixels(point, view, size)
          expect(x).toBeGreaterThanOrEqual(0)
          expect(x).toBeLessThanOrEqual(size.width)
          expect(y).toBeGreaterThanOrEqual(0)
          expect(y).toBeLessThanOrEqual(size.height)
        }
      }),
    )
    const fiji = [179, -179].map((lon) => project({ lon, lat: -17 }))
    expect(fitView(fiji, size).worldPx).toBeGreaterThan(20_000)
  })

  it('shows many things at one place as one, and loses none', () => {
    fc.assert(
      fc.property(fc.array(spots, { maxLength: 200 }), (list) => {
        const points = list.map((spot, index) => ({ ...project(spot), index }))
        const clusters = clusterOf(points, 1024, 34)
        const members = clusters.flatMap((cluster) => cluster.members.map(({ index }) => index))
        expect(members.sort((a, b) => a - b)).toEqual(points.map(({ index }) => index))
      }),
    )
    const depot = Array.from({ length: 300 }, () => project({ lon: 8, lat: 50 }))
    expect(clusterOf(depot, 1e6, 34)).toHaveLength(1)
    const two = [8, 9].map((lon) => project({ lon, lat: 50 }))
    expect(clusterOf(two, 1000, 34)).toHaveLength(1)
    expect(clusterOf(two, 100_000, 34)).toHaveLength(2)
  })

  it('clusters by steps of scale, so that nothing jumps while it goes closer', () => {
    const steps = new Set(Array.from({ length: 100 }, (_, n) => stepOf(1000 * 1.01 ** n)))
    expect(steps.size).toBeLessThan(6)
  })

  it('writes no name over another, over a mark or out of the frame, and the first ones first', () => {
    const points = fc.record({
      x: fc.double({ min: -50, max: 850, noNaN: true }),
      y: fc.double({ min: -50, max: 550, noNaN: true }),
    })
    const names = fc.array(
      fc
        .tuple(points, fc.string({ minLength: 1, maxLength: 20 }), fc.boolean())
        .map(([at, text, area]) => ({ ...at, ...{ text, area, width: text.length * 7 } })),
      { maxLength: 40 },
    )
    const [emPx, clearPx] = [12, 10]
    fc.assert(
      fc.property(names, fc.array(points, { maxLength: 10 }), (all, marks) => {
        const labels = placeLabels(all, { marks, size, emPx, clearPx })
        const widthOf = new Map(all.map(({ text, width }) => [text, width]))
        const boxes = labels.map(({ text, x, y }) => ({ x, y, width: widthOf.get(text) ?? 0 }))
        for (const [index, { x, y, width }] of boxes.entries()) {
          expect(x >= 0 && x + width <= size.width && y >= 0 && y <= size.height).toBe(true)
          for (const other of boxes.slice(0, index))
            expect(
              other.x >= x + width ||
                x >= other.x + other.width ||
                Math.abs(other.y - y) >= emPx * 1.3,
            ).toBe(true)
          for (const mark of marks)
            expect(
              mark.x + clearPx <= x ||
                mark.x - clearPx >= x + width ||
                Math.abs(mark.y - y) >= clearPx + emPx * 0.65,
            ).toBe(true)
        }
        expect(new Set(labels.map(({ text }) => text)).size).toBe(labels.length)
        // Who comes first is asked first: without the rest it stands where it stood.
        for (const [index, label] of labels.entries()) {
          const upTo = all.findIndex(({ text, y }) => text === label.text && y === label.y) + 1
          const fewer = placeLabels(all.slice(0, upTo), { marks, size, emPx, clearPx })
          expect(fewer[index]).toEqual(label)
        }
      }),
    )
  })
})
