// The parts by themselves, in this process: what decoding a packet costs, how many readings the
// detector judges in a second, what recording costs. Processor time is told beside the time on the
// clock, because the latter depends on what else the machine does.
import { performance } from 'node:perf_hooks'
import { decodePublish } from '../../ingest/decode/decode.ts'
import { giai, gtin, sgtin, sscc } from '../../simulators/keys.ts'
import type { Envelope } from '../../store/log.ts'
import { captureEnvelope, epcisEvent, openPipeline, type Pipeline } from '../pipeline.ts'

export interface Cost {
  /** Microseconds for each, on the clock and of processor time (all threads of the process). */
  wallMicros: number
  cpuMicros: number
}

const tenant = 'default'
const since = Date.UTC(2026, 0, 1)
const intervalMs = 60_000

export async function measureInner(count: number): Promise<Record<string, Cost>> {
  const pipeline = await openPipeline()
  try {
    await addFleet(pipeline)
    return {
      decode: await decodeCost(count),
      ...(await followerCosts(pipeline, count)),
    }
  } finally {
    await pipeline.close()
  }
}

const deviceCount = 200

async function addFleet(pipeline: Pipeline): Promise<void> {
  const item = gtin(0, 1)
  await pipeline.addProduct(tenant, item, {
    rules: [
      { id: 'warm', kind: 'single', above: 8, forMinutes: 10, severity: 'major' },
      { id: 'warm-sum', kind: 'cumulative', above: 8, forMinutes: 100_000, severity: 'minor' },
      { id: 'hot', kind: 'instant', above: 25, severity: 'critical' },
      { id: 'cold', kind: 'single', below: 2, forMinutes: 60, severity: 'major' },
      { id: 'frozen', kind: 'instant', below: -0.5, severity: 'critical' },
    ],
  })
  for (let n = 0; n < deviceCount; n++) {
    const logger = giai(`logger${n}`)
    await pipeline.addDevice(tenant, `logger-${n}`, { giai: logger, loggingIntervalMs: intervalMs })
    const units = Array.from({ length: 200 }, (_, i) => sgtin(item, `P${n}U${i}`))
    const container = sscc(0, n)
    const events = [
      epcisEvent('ObjectEvent', since, { action: 'ADD', bizStep: 'commissioning', epcList: units }),
      epcisEvent('AggregationEvent', since, {
        ...{ action: 'ADD', bizStep: 'packing', parentID: container, childEPCs: units },
      }),
      epcisEvent('AssociationEvent', since, {
        ...{ action: 'ADD', bizStep: 'assembling', parentID: container, childEPCs: [logger] },
      }),
    ]
    await pipeline.keep([captureEnvelope(tenant, events, since)])
  }
  await pipeline.settle()
}

/** What `count` packets of three channels look like, each device a minute further every time. */
function packets(count: number): Envelope[] {
  return Array.from({ length: count }, (_, i) => {
    const source = `logger-${i % deviceCount}`
    const seq = Math.floor(i / deviceCount)
    const warm = (seq + (i % deviceCount) * 37) % 5000 >= 4985
    const temperature = (warm ? 9 : 5) + ((seq * 7919) % 1000) / 1000
    const reading = {
      time: since + (seq + 1) * intervalMs,
      temperature,
      humidity: 45.125,
      battery: 87.5,
    }
    return {
      ...{ kind: 'publish' as const, tenant, source, topic: `v1/${tenant}/${source}/readings` },
      recordTime: Date.UTC(2027, 0, 1),
      body: Buffer.from(JSON.stringify(reading).padEnd(150)),
    }
  })
}

async function decodeCost(count: number): Promise<Cost> {
  const context = { device: () => ({}) }
  const all = packets(Math.min(count, 10_000))
  const run = async (): Promise<void> => {
    for (let i = 0; i < count; i++) decodePublish(all[i % all.length]!, context)
  }
  await run()
  return costOf(run, count)
}

async function followerCosts(
  pipeline: Pipeline,
  count: number,
): Promise<{ record: Cost; detect: Cost }> {
  const stepSize = 2500
  const cost = { record: { wallMicros: 0, cpuMicros: 0 }, detect: { wallMicros: 0, cpuMicros: 0 } }
  const all = packets(count)
  for (let at = 0; at < count; at += stepSize) {
    await pipeline.keep(all.slice(at, at + stepSize))
    for (const name of ['record', 'detect'] as const) {
      const { wallMicros, cpuMicros } = await costOf(async () => {
        while (await pipeline.step(name, stepSize)) {}
      }, count)
      cost[name].wallMicros += wallMicros
      cost[name].cpuMicros += cpuMicros
    }
  }
  return cost
}

async function costOf(work: () => Promise<void>, count: number): Promise<Cost> {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const wallMicros = ((performance.now() - startedAt) * 1000) / count
  const { user, system } = process.cpuUsage(before)
  return { wallMicros, cpuMicros: (user + system) / count }
}
