// Mock recalls in a simulated world whose truth is known beside its events: who was inside while
// its container was out of range, and where everything is at any time. The figures must be these.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { captureStep } from '../ingest/capture/capture.ts'
import type { Breach, Outbox } from '../simulators/actions.ts'
import { createAgenda } from '../simulators/agenda.ts'
import { type Consignment, drawChoice, hourMs, settle } from '../simulators/consignment.ts'
import { journey } from '../simulators/journey.ts'
import { giai } from '../simulators/keys.ts'
import type { Device } from '../simulators/logger.ts'
import { createRandom } from '../simulators/random.ts'
import { sayUntil } from '../simulators/ride.ts'
import { noTruth } from '../simulators/world.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { type Recall, startRecall } from '../trace/recall/recalls.ts'
import { captureEnvelope, epcisEvent } from './pipeline.ts'

const startTime = Date.UTC(2026, 6, 1, 6)
const truth = noTruth()
const consignments: Consignment[] = []
let ledger: Ledger
let folder: string

/** Every third item is sold an hour after the way ends. */
const soldOf = ({ cases }: Consignment): string[] =>
  cases.flatMap(({ items }) => items).filter((_, n) => n % 3 === 0)
const soldAt = ({ endAt }: Consignment): number => endAt + hourMs

beforeAll(async () => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isotherm-drill-'))
  ledger = await openSqliteLedger(folder)
  const random = createRandom('drill')
  const events: object[] = []
  for (let index = 0; index < 10; index++) {
    const dice = random.fork(index)
    const device: Device = {
      ...{ id: `logger-${index}`, giai: giai(`LG${index}`), biasC: 0, noiseC: 0.02 },
      ...{ phaseMs: 0, reportEvery: 1 },
    }
    const consignment = settle(
      drawChoice(dice.fork('choice'), startTime + index * hourMs, 0.8),
      { run: 1, device: index, consignment: 0 },
      { random: dice.fork('way'), load: { cases: 3, itemsPerCase: 4 } },
    )
    consignments.push(consignment)
    const outbox: Outbox = createAgenda()
    const tools = { truth, outbox, loggingIntervalMs: 300_000, sequence: { next: 1 } }
    const actions = [...journey(consignment, device, { ...tools, random: dice.fork('lived') })]
    actions.push(...sayUntil(outbox, Number.MAX_VALUE))
    for (const action of actions) if (action.kind === 'capture') events.push(...action.events)
    events.push(
      epcisEvent('ObjectEvent', soldAt(consignment), {
        ...{ action: 'OBSERVE', bizStep: 'dispensing', disposition: 'dispensed' },
        epcList: soldOf(consignment),
      }),
    )
  }
  await captureStep(ledger)([{ ...captureEnvelope('t', events, startTime), offset: 1 }])
})
afterAll(async () => {
  await ledger.close()
  await rm(folder, { recursive: true, force: true })
})

let recalls = 0
async function drill({ container, from, to }: Breach, at: number): Promise<Recall> {
  const condition = { field: 'container' as const, anyOf: [container], from, to }
  const made = await startRecall(ledger, 't', {
    ...{ id: `drill-${recalls++}`, now: () => at },
    asked: {
      ...{ name: 'D', reason: 'drill', drill: true },
      criteria: { version: 1, allOf: [condition] },
    },
  })
  if (!made.ok) throw new Error(JSON.stringify(made.refusals))
  return made.value
}

/** By the loading list and the timetable. */
function standingsAt(breach: Breach, at: number): Record<string, number> {
  const way = consignments.find(({ container }) => container === breach.container)!
  const counts = { located: 0, inTransit: 0, sold: 0, destroyed: 0, gone: 0, unknown: 0 }
  const sold = new Set(at >= soldAt(way) ? soldOf(way) : [])
  const shippedAt = way.segments[0]!.to
  const arrivedAt = way.segments.at(-1)!.from
  for (const { epc, items, takenOffAt = Infinity } of way.cases) {
    const under = at >= shippedAt && at < Math.min(arrivedAt, takenOffAt)
    for (const unit of [epc, ...items]) {
      if (!breach.cases.includes(unit) && !breach.serials.includes(unit)) continue
      counts[sold.has(unit) ? 'sold' : under ? 'inTransit' : 'located']++
    }
  }
  return counts
}

const timesOf = ({ from, to, container }: Breach): number[] => {
  const way = consignments.find((one) => one.container === container)!
  return [way.startAt + 20 * 60_000, from, to, way.endAt + 30 * 60_000, soldAt(way) + hourMs]
}

it('finds exactly the units that were inside, and says where they are at each time', async () => {
  expect(truth.breaches.length).toBeGreaterThan(3)
  const seen = { located: 0, inTransit: 0, sold: 0 }
  for (const breach of truth.breaches)
    for (const at of timesOf(breach)) {
      const { body } = await drill(breach, at)
      expect(body.serialCount).toBe(breach.serials.length + breach.cases.length)
      expect(body.figures.standings).toEqual(standingsAt(breach, at))
      for (const name of ['located', 'inTransit', 'sold'] as const)
        seen[name] += body.figures.standings[name]
    }
  // The world had something of everything.
  expect(Object.values(seen).every((count) => count > 0)).toBe(true)
})

it('says how many units of the same lots are spared', async () => {
  const itemsOf = (lot: string, gtin: string): string[] =>
    consignments
      .filter((one) => one.lot === lot && one.product.gtin === gtin)
      .flatMap(({ cases }) => cases.flatMap(({ items }) => items))
  for (const breach of truth.breaches) {
    const way = consignments.find(({ container }) => container === breach.container)!
    const { body } = await drill(breach, way.endAt)
    const lotUnits = itemsOf(way.lot, way.product.gtin).length
    expect(body.figures.spared).toEqual({
      ...{ lots: 1, lotUnits, units: lotUnits - breach.serials.length },
      // Cases have no lot of their own.
      lotUnknown: breach.cases.length,
    })
  }
})

it('is timed step by step, to the end', async () => {
  const { body } = await drill(truth.breaches[0]!, startTime)
  expect(body.steps.map(({ step }) => step)).toEqual(['find', 'pin', 'locate', 'store'])
})
