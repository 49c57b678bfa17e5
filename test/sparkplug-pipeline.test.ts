// A logger behind an edge node that names nothing but in its births, and one that names everything
// as JSON: the same readings, the same alerts with the same units, on both sets of stores, however
// record and detect cut the log.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { worldsOf } from './depth.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { payload, type Sent } from './sparkplug-encoder.ts'
import { stacks } from './stacks.ts'

const minute = 60_000
const start = Date.UTC(2026, 2, 2)
const gtin = '09521234543213'
const pallet = 'https://id.gs1.org/00/095212340000000013'
const units = ['A', 'B'].map((serial) => `https://id.gs1.org/01/${gtin}/21/${serial}`)
const giaiOf = (tenant: string) => `https://id.gs1.org/8004/9521234LOG${tenant}`
const profile = {
  rangeC: { min: 2, max: 8 },
  rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
  loggingIntervalSeconds: 300,
}

/** Every 5 minutes one; the node is born again where it says so, with other aliases. */
const trips = fc.array(
  fc.record({
    celsius: fc.constantFrom(5, 9, 10, 10, 10),
    reborn: fc.option(fc.integer({ min: 0, max: 50 }), { freq: 3 }),
  }),
  { minLength: 20, maxLength: 40, size: 'max' },
)
const cuts = fc.array(
  fc.record({ name: fc.constantFrom('record', 'detect'), count: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 30, size: 'max' },
)

type Trip = { celsius: number; reborn: number | null }[]

function saidByNode(tenant: string, trip: Trip) {
  let alias = 1
  return trip.flatMap(({ celsius, reborn }, index) => {
    const time = start + index * 5 * minute
    const packet = (type: string, sent: Sent[]) => ({
      ...{ kind: 'publish' as const, tenant, source: 'key', recordTime: time },
      topic: `spBv1.0/${tenant}/${type}/gateway/logger`,
      body: payload(sent, time),
    })
    const isBirth = reborn !== null || index === 0
    if (reborn !== null) alias = reborn
    // What another alias stands for is as warm as can be: to mistake it shows.
    const born: Sent[] = [
      { name: 'Probes/temperature', alias, type: 'Double', value: celsius },
      { name: 'Core/temperature.2', alias: alias + 1, type: 'Double', value: 60 },
    ]
    const data: Sent = { alias, type: 'Double', value: celsius, timestamp: time }
    return isBirth ? [packet('DBIRTH', born), packet('DDATA', [data])] : [packet('DDATA', [data])]
  })
}

const saidAsJson = (tenant: string, trip: Trip) =>
  trip.map(({ celsius, reborn }, index) => {
    const time = start + index * 5 * minute
    const born = { 'temperature.2': 60 }
    const reading = {
      ...{ time, temperature: celsius },
      ...((reborn !== null || index === 0) && born),
    }
    return readingsEnvelope(tenant, 'logger', { readings: [reading], recordTime: time })
  })

describe.each(stacks)('on $name', ({ missing, start: startStack }) => {
  let pipeline: Pipeline
  let stack: Awaited<ReturnType<typeof startStack>>
  beforeAll(async () => {
    if (missing) return
    stack = await startStack()
    pipeline = await openPipeline(undefined, await stack.open())
  })
  afterAll(async () => {
    await pipeline?.close()
    await stack?.stop()
  })

  it.skipIf(missing)('aliases tell what names tell', async () => {
    let [worlds, alerts] = [0, 0]
    await fc.assert(
      fc.asyncProperty(trips, cuts, async (trip, script) => {
        const [node, named] = [`n${worlds}`, `j${worlds++}`]
        for (const tenant of [node, named]) await openTenant(pipeline, tenant)
        await pipeline.keep([...saidByNode(node, trip), ...saidAsJson(named, trip)])
        for (const { name, count } of script)
          await pipeline.step(name as 'record' | 'detect', count)
        await pipeline.settle()
        for (const channel of ['temperature', 'temperature.2']) {
          const [told, meant] = await Promise.all(
            [node, named].map((tenant) => readingsOf(pipeline, tenant, channel)),
          )
          expect(told).toEqual(meant)
        }
        const told = await alertsOf(pipeline, node)
        expect(told).toEqual(await alertsOf(pipeline, named))
        alerts += told.length
      }),
      { numRuns: worldsOf(8) },
    )
    expect(alerts).toBeGreaterThan(0)
  })
})

async function openTenant(pipeline: Pipeline, tenant: string): Promise<void> {
  await pipeline.addProduct(tenant, gtin, profile)
  await pipeline.addDevice(tenant, 'logger', { giai: giaiOf(tenant), loggingIntervalMs: 300_000 })
  const [parentID, action] = [pallet, 'ADD']
  const packed = epcisEvent('AggregationEvent', start - 2 * minute, {
    ...{ action, parentID, childEPCs: units, bizStep: 'packing' },
  })
  const childEPCs = [giaiOf(tenant)]
  const mounted = epcisEvent('AssociationEvent', start - minute, { action, parentID, childEPCs })
  await pipeline.keep([captureEnvelope(tenant, [packed, mounted], start - minute)])
  while (await pipeline.step('capture', 100)) {}
}

async function readingsOf(pipeline: Pipeline, tenant: string, channel: string) {
  const span = { from: start - minute, to: start + 1000 * minute, limit: 1000 }
  const points = await pipeline.series.range({ tenant, device: 'logger', channel, ...span })
  return points.map(({ time, value }) => [time, value])
}

async function alertsOf(pipeline: Pipeline, tenant: string) {
  const told = await pipeline.alerts(tenant)
  return told
    .map(({ alert, serials }) => [alert.channel, alert.status, serials])
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}
