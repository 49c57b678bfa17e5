import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createReefer, createShipper, packSets, type Surroundings } from '../simulators/vessels.ts'

const start = Date.UTC(2026, 5, 1)
const hour = 3_600_000
const around = (ambientC: number, more: Partial<Surroundings> = {}): Surroundings => ({
  ambientC: () => ambientC,
  doorOpen: () => false,
  failed: () => false,
  ...more,
})
const shipper = () =>
  createShipper({
    time: start,
    packs: packSets.pcm5,
    packC: 5,
    payloadC: 5,
    wallC: 10,
    liquidFraction: 0.1,
  })
const reefer = () => createReefer({ time: start, setpointC: 5, cargoC: 5 })

it('holds the payload at the melting point while the packs melt, for the time their latent heat lasts', () => {
  const vessel = shipper()
  const { massKg, latentJPerKg } = packSets.pcm5
  // 0.7 W/K over 20 K is 14 W against nine tenths of the latent heat.
  const holdMs = ((0.9 * massKg * latentJPerKg) / 14) * 1000
  vessel.liveTo(start + 0.97 * holdMs, around(25))
  expect(vessel.cargoC).toBeCloseTo(5, 2)
  expect(vessel.liquidFraction).toBeGreaterThan(0.95)
  vessel.liveTo(start + holdMs + 6 * hour, around(25))
  expect(vessel.cargoC).toBeGreaterThan(8)
})

it('freezes the payload when the packs come straight from the freezer', () => {
  const vessel = createShipper({
    time: start,
    packs: packSets.ice,
    packC: -20,
    payloadC: 5,
    wallC: 10,
    liquidFraction: 0,
  })
  vessel.liveTo(start + hour, around(20))
  expect(vessel.cargoC).toBeLessThan(-0.5)
  vessel.liveTo(start + 12 * hour, around(20))
  expect(vessel.cargoC).toBeCloseTo(0, 1)
})

it('loses no joule in melting and freezing', () => {
  const vessel = shipper()
  // An insulated world: the heat content moves only through the wall, and ends where it began.
  const before = vessel.heatJ
  vessel.liveTo(start + 40 * hour, around(35))
  const warm = vessel.heatJ
  const { massKg, latentJPerKg, specificJPerKgK } = packSets.pcm5
  const capacity = 2000 + massKg * specificJPerKgK + 18_000
  expect(vessel.liquidFraction).toBe(1)
  vessel.liveTo(start + 2000 * hour, around(35))
  expect(vessel.heatJ).toBeCloseTo(capacity * 35 + massKg * latentJPerKg, 0)
  expect(warm).toBeGreaterThan(before)
  vessel.liveTo(start + 6000 * hour, around(-10))
  expect(vessel.heatJ).toBeCloseTo(capacity * -10, 0)
})

it('gives the same temperatures for any cut of the time, in a shipper and in a reefer', () => {
  const surroundings: Surroundings = {
    ambientC: (time) => 25 + 8 * Math.sin(time / hour),
    doorOpen: (time) => time >= start + 2 * hour && time < start + 2.5 * hour,
    failed: (time) => time >= start + 4 * hour && time < start + 6 * hour,
  }
  const cuts = fc.array(fc.integer({ min: 1, max: 8 * hour }), { maxLength: 30 })
  for (const create of [shipper, reefer]) {
    const whole = create()
    whole.liveTo(start + 8 * hour, surroundings)
    const same = fc.property(cuts, (times) => {
      const cut = create()
      for (const time of [...times].sort((a, b) => a - b)) cut.liveTo(start + time, surroundings)
      cut.liveTo(start + 8 * hour, surroundings)
      expect(cut.loggerC).toBeCloseTo(whole.loggerC, 8)
      expect(cut.cargoC).toBeCloseTo(whole.cargoC, 8)
    })
    fc.assert(same, { numRuns: 25 })
  }
})

it('keeps a reefer within the range through heat, defrost and a frosty night', () => {
  for (const ambientC of [-15, 15, 40]) {
    const vessel = reefer()
    for (let minute = 0; minute < 48 * 60; minute += 5) {
      vessel.liveTo(start + minute * 60_000, around(ambientC))
      expect(vessel.loggerC, `${ambientC} °C outside`).toBeGreaterThan(2)
      expect(vessel.loggerC, `${ambientC} °C outside`).toBeLessThan(8)
    }
  }
})

it('warms when the machine fails, and faster when the door stays open', () => {
  const failed = reefer()
  const open = reefer()
  failed.liveTo(start + 3 * hour, around(30, { failed: () => true }))
  open.liveTo(start + 3 * hour, around(30, { doorOpen: () => true }))
  expect(failed.loggerC).toBeGreaterThan(8)
  expect(open.loggerC).toBeGreaterThan(failed.loggerC + 2)
  open.liveTo(start + 30 * hour, around(30))
  expect(open.loggerC).toBeLessThan(8)
})
