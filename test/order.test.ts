// Invariants I3, I4 and I5: any order, batching, duplication and delay of the same readings and events ends in
// the same alerts and the same serials, and these are what an oracle finds that walks through the minutes.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Envelope } from '../store/log.ts'
import { type FollowerName, openPipeline, type Pipeline } from './pipeline.ts'
import {
  envelopesOf,
  expectedAlerts,
  loggerOf,
  minute,
  products,
  type World,
  worldArbitrary,
} from './worlds.ts'

let pipeline: Pipeline
let tenants = 0
beforeAll(async () => {
  pipeline = await openPipeline()
})
afterAll(() => pipeline.close())

async function settleIn(world: World, play: (envelopes: Envelope[]) => Promise<void>) {
  const tenant = `w${++tenants}`
  const device = `${tenant}d`
  for (const { gtin, rules } of products) await pipeline.addProduct(tenant, gtin, { rules })
  const loggingIntervalMs = (world.gapMinutes * minute) / 2.5
  await pipeline.addDevice(tenant, device, { giai: loggerOf(tenant), loggingIntervalMs })
  await play(envelopesOf(world, { tenant, device }))
  await pipeline.settle()
  return tenant
}

/** The alerts without what tells how they came about. */
async function outcome(tenant: string) {
  const found = await pipeline.alerts(tenant)
  return found
    .map(({ alert, serials }) => ({
      container: alert.container,
      gtin: alert.gtin,
      rule: alert.rule,
      from: alert.from,
      to: alert.to,
      minutes: alert.minutes,
      unknownMinutes: alert.unknownMinutes,
      peakC: alert.peakC,
      verdict: alert.verdict,
      serials,
    }))
    .sort(byIdentity)
}

const byIdentity = (a: { container: string; rule: string; from: number }, b: typeof a): number =>
  compare(`${a.container} ${a.rule} ${a.from}`, `${b.container} ${b.rule} ${b.from}`)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** How a shuffled world is served: what comes twice, in which order, cut how, and which follower goes on when. */
const disorder = fc.record({
  keys: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 200 }),
  twice: fc.array(fc.nat(500), { maxLength: 20 }),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
  pace: fc.array(
    fc.tuple(
      fc.constantFrom<FollowerName>('record', 'capture', 'detect'),
      fc.integer({ min: 1, max: 30 }),
    ),
    { minLength: 1, maxLength: 12 },
  ),
})

function shuffled(envelopes: Envelope[], keys: number[], twice: number[]): Envelope[] {
  const all = [...envelopes, ...twice.flatMap((index) => envelopes[index % envelopes.length] ?? [])]
  return all
    .map((envelope, index) => ({
      envelope,
      key: (keys[index % keys.length]! * (index + 7)) % 1_000_003,
    }))
    .sort((a, b) => a.key - b.key)
    .map(({ envelope }) => envelope)
}

const worlds = Number(process.env.ISOTHERM_TEST_WORLDS ?? 1000)

it(`ends in the oracle's alerts in any order (${worlds} random worlds)`, {
  timeout: 600_000,
}, async () => {
  let withAlerts = 0
  await fc.assert(
    fc.asyncProperty(worldArbitrary, disorder, async (world, { keys, twice, cuts, pace }) => {
      const expected = expectedAlerts(world).sort(byIdentity)
      if (expected.length > 0) withAlerts++
      const inOrder = await settleIn(world, async (envelopes) => {
        await pipeline.keep(envelopes)
      })
      expect(await outcome(inOrder)).toEqual(expected)
      const outOfOrder = await settleIn(world, async (envelopes) => {
        const mixed = shuffled(envelopes, keys, twice)
        for (let at = 0, turn = 0; at < mixed.length; turn++) {
          const size = cuts[turn % cuts.length]!
          await pipeline.keep(mixed.slice(at, at + size))
          at += size
          const [name, count] = pace[turn % pace.length]!
          await pipeline.step(name, count)
        }
      })
      expect(await outcome(outOfOrder)).toEqual(expected)
    }),
    { numRuns: worlds },
  )
  // A property that holds because nothing ever happens would prove nothing.
  expect(withAlerts).toBeGreaterThan(worlds / 4)
})
