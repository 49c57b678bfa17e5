// Passports of many units at once, held against the passport of each: units that went the same way,
// units of which a partner or a person signed something, and names that nobody knows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HandOver } from '../domain/hand-over.ts'
import { createRandom } from '../simulators/random.ts'
import { insertCorrection } from '../store/ledger/corrections.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { putHandOverKey } from '../store/ledger/hand-overs.ts'
import { readKept } from '../store/ledger/retention.ts'
import { newHandOverKey, signHandOver } from '../trace/hand-overs.ts'
import { passportsOf } from '../trace/many-passports.ts'
import { passportOf } from '../trace/passports.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 0, 10)
const gtins = ['09521234543213', '09521234543220']
const unit = (n: number): string => `https://id.gs1.org/01/${gtins[n % 2]}/21/S${n}`
const vessel = (n: number): string => `https://id.gs1.org/8003/09521234000013V${n}`
const giai = (n: number): string => `https://id.gs1.org/8004/9521234LOG${n}`
const tenant = 'default'
const count = 24
const seed = 20_261_123

describe(`passports of many units, seed ${seed}`, () => {
  let pipeline: Pipeline
  beforeAll(async () => {
    pipeline = await openPipeline()
    await fill()
  }, 60_000)
  afterAll(() => pipeline.close())

  const random = createRandom(seed)
  const moment = () => start + random.below(24 * 60) * minute
  const all = Array.from({ length: count }, (_, n) => unit(n))

  async function fill(): Promise<void> {
    await pipeline.addProduct(tenant, gtins[0]!, {
      ...{ rangeC: { min: 2, max: 8 }, budgets: [{ above: 8, minutes: 90 }] },
      rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30 }],
    })
    const pack = (time: number, parentID: string, childEPCs: string[]) =>
      epcisEvent('AggregationEvent', time, { action: 'ADD', parentID, childEPCs })
    const events = [
      epcisEvent('ObjectEvent', start, {
        ...{ action: 'ADD', bizStep: 'commissioning', epcList: all },
      }),
    ]
    // By sixes into four boxes, boxes onto two pallets and from one to the other, one unit out.
    for (let box = 0; box < 4; box++) {
      events.push(pack(start + minute, vessel(box), all.slice(6 * box, 6 * box + 6)))
      events.push(pack(start + 2 * minute, vessel(10 + (box % 2)), [vessel(box)]))
      events.push(pack(moment(), vessel(10 + random.below(2)), [vessel(box)]))
    }
    events.push(pack(moment(), vessel(3), [unit(1)]))
    for (const logger of [0, 1]) {
      const about = { giai: giai(logger), loggingIntervalMs: 10 * minute }
      await pipeline.addDevice(tenant, `d${logger}`, about)
      const mount = { action: 'ADD', parentID: vessel(10 + logger), childEPCs: [giai(logger)] }
      events.push(epcisEvent('AssociationEvent', start, mount))
      const readings = Array.from({ length: 24 * 6 }, (_, n) => ({
        time: start + n * 10 * minute,
        temperature: 5 + (n % 40 < 6 ? 4 : random.below(20) / 10),
      }))
      await pipeline.keep([readingsEnvelope(tenant, `d${logger}`, { readings, recordTime: start })])
    }
    // What a partner signed of unit 6 stands in an event that names unit 8, too.
    const key = newHandOverKey('Partner', start)
    const at = start + hour
    const handOver: HandOver = {
      ...{ epc: unit(6), from: start - 10 * hour, to: at, knownMs: hour, kineticMs: hour },
      ...{ whole: false, minC: 4, maxC: 9, mktC: 5, freezeThawCycles: 0, verdict: 'in' },
      ...{ passportHash: 'a'.repeat(64), draws: [], zones: [] },
    }
    const fields = {
      ...{ action: 'OBSERVE', bizStep: 'sensor_reporting' },
      epcList: [unit(6), unit(8)],
    }
    const statement = { 'ext:statement': signHandOver(handOver, key) }
    events.push(epcisEvent('ObjectEvent', at, { ...fields, ...statement }))
    await putHandOverKey(pipeline.ledger.db, tenant, { ...key, privateKey: null })
    await pipeline.keep([captureEnvelope(tenant, events, start)])
    await pipeline.settle()
    await correct(unit(12))
  }

  /** Ten minutes more for one unit. */
  async function correct(epc: string): Promise<void> {
    const { db } = pipeline.ledger
    const limit = { side: 'above', limitC: 8 }
    const signed = { printedName: 'Ada', signedAt: new Date(start).toISOString(), reason: 'x' }
    const record = { limit, addedMinutes: 10, reason: 'x', document: 'x', units: {} }
    const row = {
      ...{ tenant, id: 'c', gtin: gtins[0]!, lot: null, state: 'signed', proposedAt: start },
      ...{ record: JSON.stringify(record), recordHash: 'x', signature: JSON.stringify(signed) },
      reversal: null,
    }
    await insertCorrection(db, row, [(await idsOf(db, tenant, [epc])).get(epc)!])
  }

  it('are those of each unit, in any order and number', async () => {
    const { ledger, series } = pipeline
    const from = { db: ledger.db, series, kept: () => readKept(ledger.db) }
    const epcs = [...all, 'https://id.gs1.org/01/09521234543213/21/NOBODY'].reverse()
    const told = await passportsOf(from, tenant, epcs)
    expect([...told.keys()].sort()).toEqual([...epcs].sort())
    const kinds = new Set<unknown>()
    for (const epc of epcs) {
      const alone = await passportOf(from, tenant, { epc })
      expect(told.get(epc), epc).toEqual(alone)
      kinds.add(told.get(epc))
    }
    // Fewer were made than units asked for, and units that differ have passports of their own.
    expect(kinds.size).toBeLessThan(count)
    expect(told.get(unit(6))).toMatchObject({ handOvers: { opening: { partner: 'Partner' } } })
    expect(told.get(unit(8))).toMatchObject({ handOvers: { refused: [{}] } })
    expect(told.get(unit(12))).toMatchObject({ corrections: [{ addedMs: 10 * minute }] })
    expect(told.get(unit(14))).toMatchObject({ corrections: [] })
    expect(told.get(epcs[0]!)).toBe('unknown')
  })
})
