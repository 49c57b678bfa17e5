// Invariants I3, I4 and I5: any order, batching, duplication and delay of the same readings and
// events ends in the same alerts and the same serials, and these are what an oracle finds that
// walks through the minutes.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Envelope } from '../store/log.ts'
import { worldsOf } from './depth.ts'
import { type FollowerName, openPipeline, type Pipeline } from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'
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

/** Plays worlds side by side in one pipeline, each in a tenant of its own. */
async function settleAll(
  worlds: World[],
  play: (envelopes: Envelope[]) => Promise<void>,
): Promise<string[]> {
  const own: string[] = []
  const envelopes: Envelope[] = []
  for (const world of worlds) {
    const tenant = `w${++tenants}`
    const device = `${tenant}d`
    for (const { gtin, rules } of products) await pipeline.addProduct(tenant, gtin, { rules })
    const loggingIntervalMs = (world.gapMinutes * minute) / 2.5
    await pipeline.addDevice(tenant, device, { giai: loggerOf(tenant), loggingIntervalMs })
    envelopes.push(...envelopesOf(world, { tenant, device }))
    own.push(tenant)
  }
  await play(envelopes)
  await pipeline.settle()
  return own
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

/**
 * How a shuffled world is served: what comes twice, in which order, cut how, and which follower
 * goes on when.
 */
const disorder = fc.record({
  keys: fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 500 }),
  twice: fc.array(fc.nat(5000), { maxLength: 200 }),
  cuts: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
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

const atOnce = 20

for (const stack of stacks)
  describe.skipIf(stack.missing)(`on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    beforeAll(async () => {
      running = await stack.start()
      pipeline = await openPipeline(undefined, await running.open())
    }, 60_000)
    afterAll(async () => {
      await pipeline.close()
      await running.stop()
    })
    // Every step waits for real servers there: fewer worlds say the same of the adapters.
    const count = worldsOf(stack === stacks[0] ? 120 : 20)
    it(`ends in the oracle's alerts in any order (${count} random worlds)`, () => holds(count))
  })

async function holds(count: number): Promise<void> {
  let withAlerts = 0
  const several = fc.array(worldArbitrary, { minLength: atOnce, maxLength: atOnce })
  await fc.assert(
    fc.asyncProperty(several, disorder, async (worlds, { keys, twice, cuts, pace }) => {
      const expected = worlds.map((world) => expectedAlerts(world).sort(byIdentity))
      withAlerts += expected.filter((alerts) => alerts.length > 0).length
      const inOrder = await settleAll(worlds, (envelopes) => pipeline.keep(envelopes))
      for (const [index, tenant] of inOrder.entries())
        expect(await outcome(tenant), JSON.stringify(worlds[index])).toEqual(expected[index])
      const outOfOrder = await settleAll(worlds, async (envelopes) => {
        const mixed = shuffled(envelopes, keys, twice)
        for (let at = 0, turn = 0; at < mixed.length; turn++) {
          const size = cuts[turn % cuts.length]!
          await pipeline.keep(mixed.slice(at, at + size))
          at += size
          const [name, count] = pace[turn % pace.length]!
          await pipeline.step(name, count)
        }
      })
      for (const [index, tenant] of outOfOrder.entries())
        expect(await outcome(tenant), JSON.stringify(worlds[index])).toEqual(expected[index])
    }),
    { numRuns: Math.ceil(count / atOnce) },
  )
  // A property that holds because nothing ever happens would prove nothing.
  expect(withAlerts).toBeGreaterThan(count / 4)
}
