// What a list says of very many shipments, beside what is known of each alone: products inside in
// random worlds of packing, and how far a journey has come.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Happened, type PlannedWay, plannedWays, progressOf } from '../domain/arrival.ts'
import { checkDigit, parseEpc } from '../domain/gs1/gs1.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { readClocksOf } from '../store/ledger/clocks.ts'
import { readPresence } from '../store/ledger/contents.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { readCargo } from '../store/ledger/glance.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { storeMasterData } from '../store/ledger/master.ts'
import { mountedNow } from '../store/ledger/trace.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { readGlances } from '../trace/glances.ts'
import { databases } from './api-databases.ts'
import { worldsOf } from './depth.ts'
import { captureEnvelope, epcisEvent } from './pipeline.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 3, 1)

describe('the progress of a shipment', () => {
  const leg = (origin: string, destination: string, from: number, to: number): PlannedWay => {
    return { origin, destination, from: from * hour, to: to * hour }
  }
  const plan = [leg('A', 'B', 0, 4), leg('B', 'C', 5, 10)]
  const event = (time: number, bizStep: string, place: string | null = null, sentTo?: string) => ({
    ...{ time: time * hour, bizStep, place },
    ...(sentTo !== undefined && { sentTo }),
  })

  it('is expected as planned, later by what it was late at the last planned stop', () => {
    expect(progressOf([], plan)).toMatchObject({
      ...{ phase: 'origin', origin: 'A', destination: 'C', next: 'B', expectedAt: 10 * hour },
    })
    const shipped = event(0, 'shipping', 'A')
    expect(progressOf([shipped, event(6, 'arriving', 'B')], plan)).toMatchObject({
      ...{ phase: 'transit', next: 'C', expectedAt: 12 * hour, lateMs: 2 * hour },
      last: { place: 'B', time: 6 * hour, left: false },
    })
    expect(progressOf([shipped, event(3, 'arriving', 'B')], plan).expectedAt).toBe(10 * hour)
    expect(progressOf([shipped, event(11, 'receiving', 'C')], plan)).toMatchObject({
      ...{ phase: 'destination', next: null, expectedAt: null, lateMs: 0 },
    })
  })

  it('without a plan goes where it was sent to, and nobody guesses when', () => {
    const shipped = event(0, 'shipping', 'A', 'C')
    expect(progressOf([shipped], [])).toEqual({
      ...{ phase: 'transit', origin: 'A', destination: 'C', next: 'C', expectedAt: null },
      ...{ lateMs: 0, last: { place: 'A', time: 0, left: true } },
    })
    expect(progressOf([shipped, event(2, 'receiving', 'B')], [])).toMatchObject({
      ...{ phase: 'transit', last: { place: 'B', left: false } },
    })
    expect(progressOf([shipped, event(3, 'receiving', 'C')], []).phase).toBe('destination')
    expect(progressOf([], [])).toMatchObject({ phase: 'origin', destination: null, last: null })
  })

  it('does not depend on the order in which it was told', () => {
    const happened = fc.record<Happened>({
      time: fc.nat(50).map((time) => time * hour),
      bizStep: fc.constantFrom('shipping', 'receiving', 'arriving', 'void_shipping', null),
      place: fc.constantFrom('A', 'B', 'C', null),
    })
    // Of one moment nothing is first.
    const apart = fc.uniqueArray(happened, { selector: ({ time }) => time, maxLength: 12 })
    fc.assert(
      fc.property(apart, fc.boolean(), (events, planned) => {
        const ways = planned ? plan : []
        const found = progressOf(events, ways)
        expect(progressOf(events.toReversed(), ways)).toEqual(found)
        expect(found.next === null).toBe(
          found.phase === 'destination' || found.destination === null,
        )
        expect(found.expectedAt ?? Infinity).toBeGreaterThanOrEqual(ways.at(-1)?.to ?? 0)
      }),
      { numRuns: worldsOf(10_000) },
    )
  })

  it('reads a plan whole or not at all', () => {
    const [departs, arrives] = ['2026-04-01T00:00:00Z', '2026-04-01T04:00:00Z']
    const good = { from: 'A', to: 'B', departs, arrives }
    expect(plannedWays([good])).toEqual([
      { origin: 'A', destination: 'B', from: start, to: start + 4 * hour },
    ])
    for (const bad of [null, { ...good, to: 1 }, { ...good, arrives: 'soon' }, 'x'])
      expect(plannedWays([good, bad])).toEqual([])
    expect(plannedWays({ good })).toEqual([])
  })
})

const gtins = ['0952123450001', '0952123450002', '1952123450001'].map((body) => {
  return body + checkDigit(body)
})
const units = [0, 1, 2, 3, 4, 5].map(
  (n) => `https://id.gs1.org/01/${gtins[n % gtins.length]}/21/U${n}`,
)
const boxes = [0, 1, 2].map((n) => {
  const body = `0952123400000000${n}`
  return `https://id.gs1.org/00/${body}${checkDigit(body)}`
})
const things = [...units, ...boxes]

const step = fc.record({
  at: fc.nat(20),
  parent: fc.nat(boxes.length - 1),
  children: fc.uniqueArray(fc.nat(things.length - 1), { minLength: 1, maxLength: 5 }),
  action: fc.constantFrom('ADD', 'ADD', 'DELETE'),
})

describe.each(databases)('the products in many containers on %s', (database) => {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'glances-'))
  let postgres: Postgres | undefined
  let ledger: Ledger
  beforeAll(async () => {
    if (database === 'PostgreSQL') postgres = await startPostgres()
    ledger = postgres
      ? await openPostgresLedger({ url: await postgres.createLedger() })
      : await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger?.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  let worlds = 0

  it('stand beside the way of each, also of what is in something that was shipped', async () => {
    const [from, to] = ['9521234543213', '9521234543220'].map(
      (gln) => `https://id.gs1.org/414/${gln}`,
    )
    const [lorry, pallet] = boxes
    const events = [
      epcisEvent('AggregationEvent', start, {
        ...{ action: 'ADD', parentID: lorry, childEPCs: [pallet] },
      }),
      epcisEvent('ObjectEvent', start + hour, {
        ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [lorry], readPoint: { id: from } },
        destinationList: [{ type: 'location', destination: to }],
      }),
    ]
    await captureStep(ledger)([{ ...captureEnvelope('way', events, start), offset: 0 }])
    const leg = { from, to, departs: '2026-04-01T01:00:00Z', arrives: '2026-04-01T05:00:00Z' }
    const attributes = { 'urn:isotherm:mda#legs': [leg] }
    const plan = { type: 'urn:isotherm:vtype:Plan', id: lorry!, attributes, children: [] }
    await storeMasterData(ledger.db, 'way', { elements: [plan], at: start })
    const mounts = [pallet!, boxes[2]!].map((container) => ({
      container,
      from: start,
      to: Infinity,
    }))
    const [inside, unknown] = await readGlances(ledger.db, 'way', { mounts, now: start + 2 * hour })
    expect(inside!.progress).toMatchObject({
      ...{ phase: 'transit', origin: from, destination: to, next: to },
      ...{ expectedAt: start + 5 * hour, last: { place: from, left: true } },
    })
    expect(unknown).toMatchObject({ gtins: [], progress: { phase: 'origin', last: null } })
    expect(await mountedNow(ledger.db, 'way', { devices: ['x'], now: start })).toEqual(new Map())
    const clocks = { tenant: 'way', devices: ['x'] }
    expect(await readClocksOf(ledger.db, clocks, { from: 0, to: start })).toEqual(new Map())
  })

  it('are those that are inside of each alone, all of them when it says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.nat(21),
        async (steps, time) => {
          const tenant = `w${++worlds}`
          const commissioned = epcisEvent('ObjectEvent', start - hour, {
            ...{ action: 'ADD', bizStep: 'commissioning', epcList: units },
          })
          const packed = steps.flatMap(({ at, parent, children, action }) => {
            const childEPCs = children.map((n) => things[n]!).filter((epc) => epc !== boxes[parent])
            const fields = { action, parentID: boxes[parent], childEPCs }
            return childEPCs.length === 0
              ? []
              : [epcisEvent('AggregationEvent', start + at * hour, fields)]
          })
          const events = [commissioned, ...packed]
          await captureStep(ledger)([{ ...captureEnvelope(tenant, events, start), offset: 0 }])
          const at = start + time * hour
          const ids = await idsOf(ledger.db, tenant, boxes)
          const cargo = await readCargo(ledger.db, tenant, { containers: [...ids.values()], at })
          for (const [container, id] of ids) {
            const window = { from: at, to: at + 1 }
            const inside = await readPresence(ledger.db, tenant, { container, window })
            const known = [...inside.keys()].flatMap((epc) => {
              const key = parseEpc(epc)
              return key?.key === 'sgtin' ? key.gtin : []
            })
            const truth = [...new Set(known)].sort()
            const { gtins: told, complete } = cargo.get(id)!
            if (complete) expect(told).toEqual(truth)
            else for (const gtin of told) expect(truth).toContain(gtin)
            expect(told.length > 0).toBe(truth.length > 0)
          }
        },
      ),
      { numRuns: worldsOf(database === 'SQLite' ? 60 : 8) },
    )
  })
})
