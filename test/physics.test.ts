import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  advance,
  airDensity,
  approach,
  approachIntegral,
  createNetwork,
  doorHeatW,
} from '../simulators/physics.ts'

const box = () =>
  createNetwork({
    capacitiesJPerK: [2000, 8000, 18_000],
    linksWPerK: [
      [0, 1, 1.2],
      [1, 2, 3],
    ],
    surroundingsWPerK: [1.2, 0, 0],
  })

it('lets one body approach its surroundings as Newton says', () => {
  const body = createNetwork({
    capacitiesJPerK: [10_000],
    linksWPerK: [],
    surroundingsWPerK: [2],
  })
  const temperatures = [5]
  advance(body, temperatures, { ambientC: 25, heatW: 0, seconds: 5000 })
  // One time constant, C/G = 5000 s: 25 - 20/e.
  expect(temperatures[0]).toBeCloseTo(25 - 20 / Math.E, 10)
  expect(approach(5, 25, 5000, 5000)).toBeCloseTo(25 - 20 / Math.E, 12)
  // The half-life is τ ln 2.
  expect(approach(0, 1, 5000 * Math.LN2, 5000)).toBeCloseTo(0.5, 12)
})

it('settles where the heat put in equals the heat that leaks', () => {
  const network = box()
  const temperatures = [0, 0, 0]
  advance(network, temperatures, { ambientC: 20, heatW: 12, seconds: 1e7 })
  // 12 W through 1.2 W/K: 10 K above the surroundings, everywhere.
  for (const temperature of temperatures) expect(temperature).toBeCloseTo(30, 6)
})

it('agrees for any cut of the same time', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(cuts, fc.integer({ min: -40, max: 60 }), (pieces, ambientC) => {
      const whole = [5, -3, 12]
      const cut = [...whole]
      const drive = { ambientC, heatW: -7 }
      advance(box(), whole, { ...drive, seconds: pieces.reduce((a, b) => a + b) })
      const network = box()
      for (const seconds of pieces) advance(network, cut, { ...drive, seconds })
      for (let i = 0; i < 3; i++) expect(cut[i]).toBeCloseTo(whole[i]!, 8)
    }),
  )
})

it('keeps the energy balance: what the bodies gain has come through the wall', () => {
  const network = box()
  const capacities = [2000, 8000, 18_000]
  const temperatures = [20, 5, 4]
  const heat = () => temperatures.reduce((sum, t, i) => sum + t * capacities[i]!, 0)
  const before = heat()
  let through = 0
  const seconds = 0.5
  for (let i = 0; i < 20_000; i++) {
    const wallBefore = temperatures[0]!
    advance(network, temperatures, { ambientC: 30, heatW: 0, seconds })
    through += 1.2 * (30 - (wallBefore + temperatures[0]!) / 2) * seconds
  }
  expect(Math.abs(heat() - before - through)).toBeLessThan(1e-5 * Math.abs(through))
})

it('integrates an approach in closed form', () => {
  let sum = 0
  const steps = 20_000
  for (let i = 0; i < steps; i++) sum += (approach(2, 9, ((i + 0.5) / steps) * 600, 450) - 3) * 600
  const integral = approachIntegral(2, 9, { baseC: 3, seconds: 600, tauSeconds: 450 })
  expect(integral).toBeCloseTo(sum / steps, 5)
})

it('refuses bodies without capacity and bodies cut off from the world', () => {
  const shape = { capacitiesJPerK: [1, 0], linksWPerK: [], surroundingsWPerK: [1, 1] }
  expect(() => createNetwork(shape)).toThrow(RangeError)
  const island = { capacitiesJPerK: [1, 1], linksWPerK: [], surroundingsWPerK: [1, 0] }
  expect(() => createNetwork(island)).toThrow(/cut off/)
})

it('knows the density of air', () => {
  expect(airDensity(15)).toBeCloseTo(1.225, 3)
  expect(airDensity(0)).toBeCloseTo(1.2922, 3)
})

it('lets heat in through an open door as Gosney and Olama found', () => {
  // By hand for 2 m x 2 m, 5 °C inside, 25 °C outside: ρ 1.26900 and 1.18388; 1 - ρi/ρr = 0.067080;
  // F_m = (2 / (1 + 1.023415))^1.5 = 0.982686; 0.221 · 4 · 20120 · 1.269 · 0.258998 · 4.429447 ·
  // 0.982686.
  expect(doorHeatW({ widthM: 2, heightM: 2 }, 5, 25) / 25_446).toBeCloseTo(1, 3)
  expect(doorHeatW({ widthM: 2, heightM: 2 }, 25, 5)).toBeLessThan(0)
  expect(doorHeatW({ widthM: 2, heightM: 2 }, 5, 5)).toBe(0)
  const narrow = doorHeatW({ widthM: 1, heightM: 2 }, 5, 25)
  expect(doorHeatW({ widthM: 2, heightM: 2 }, 5, 25)).toBeCloseTo(2 * narrow, 6)
})
