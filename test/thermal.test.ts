import { expect, it } from 'vitest'
import { liveThermal, type ThermalPlan } from '../simulators/thermal.ts'
import { drawThermalPlan } from '../simulators/thermal-plans.ts'

const from = Date.UTC(2026, 5, 1)
const minuteMs = 60_000

/** A box in a room of 25 °C without anything that happens. */
const box = (change: Partial<ThermalPlan>): ThermalPlan => ({
  seed: 'box',
  kind: 'shipper',
  from,
  to: from + 48 * 60 * minuteMs,
  body: {
    airJPerK: 2000,
    payloadJPerK: 20_000,
    wallWPerK: 1,
    doorWPerK: 5,
    airToPayloadWPerK: 20,
  },
  surroundings: { meanC: 25, dayK: 0, warmestMs: 0, weatherK: 0, sunK: 0 },
  logger: {
    airShare: 0,
    lagMs: 0,
    noiseC: 0,
    quantumC: 0.1,
    intervalMs: 5 * minuteMs,
    lossChance: 0,
    holes: [],
  },
  events: [],
  start: { airC: 5, payloadC: 5 },
  limitC: 8,
  ...change,
})

it('a box without packs warms as Newton says, with the time constant of what it holds', () => {
  const { trueC } = liveThermal(box({}))
  // Both nodes as one, but for the resistance between them: 22 kJ/K over 1 W/K and a little more.
  const tauMs = (20_000 * (1 + 1 / 20) + 2000) * 1000
  for (const hour of [2, 6, 12]) {
    const wanted = 25 - 20 * Math.exp((-hour * 60 * minuteMs) / tauMs)
    expect(Math.abs(trueC[hour * 60]! - wanted)).toBeLessThan(0.3)
  }
})

it('packs hold their temperature for as long as their latent heat lasts, and then it rises', () => {
  const packs = { latentJ: 600_000, sensibleJPerK: 6000, meltC: 5, widthK: 0.2, toAirWPerK: 20 }
  const plan = box({ start: { airC: 5, payloadC: 5, packsC: 4.9 } })
  const { trueC } = liveThermal({ ...plan, body: { ...plan.body, packs } })
  // 1 W/K over nearly 20 K melt 600 kJ in 8.5 hours or so.
  expect(trueC[7 * 60]).toBeLessThan(6.5)
  expect(trueC[20 * 60]).toBeGreaterThan(9)
})

it('a machine keeps its setpoint, fails when it is said to, and would have gone on failing', () => {
  const machine = { setpointC: 5, bandK: 0.5, coolingW: 80, heatingW: 20, isModulating: false }
  const off = { kind: 'off', from: from + 600 * minuteMs, to: from + 660 * minuteMs } as const
  const plan = box({ kind: 'fridge', events: [off] })
  const { trueC, unmended } = liveThermal({ ...plan, body: { ...plan.body, machine } })
  expect(Math.max(...trueC.slice(60, 600))).toBeLessThan(6.5)
  expect(trueC[659]).toBeGreaterThan(trueC[600]! + 1)
  expect(trueC[900]).toBeLessThan(6.5)
  const would = unmended(from + 620 * minuteMs, 300)
  expect(would[280]).toBeGreaterThan(8)
  expect(would.slice(0, 40)).toEqual(trueC.slice(620, 660))
})

it('the same seed is the same history; a logger loses, rounds and repeats nothing', () => {
  for (let n = 0; n < 6; n++) {
    const plan = drawThermalPlan({ seed: `thermal ${n}`, from, hours: 24 })
    const { readings, trueC } = liveThermal(plan)
    expect(
      liveThermal(drawThermalPlan({ seed: `thermal ${n}`, from, hours: 24 })).readings,
    ).toEqual(readings)
    const { quantumC, intervalMs } = plan.logger
    expect(readings.length).toBeGreaterThan(0)
    expect(readings.length).toBeLessThanOrEqual((24 * 60 * minuteMs) / intervalMs)
    for (const [at, { time, value }] of readings.entries()) {
      if (at > 0) expect(time - readings[at - 1]!.time).toBeGreaterThanOrEqual(intervalMs)
      expect(Math.abs(value / quantumC - Math.round(value / quantumC))).toBeLessThan(0.01)
    }
    for (const value of trueC) expect(value > -45 && value < 70).toBe(true)
  }
})
