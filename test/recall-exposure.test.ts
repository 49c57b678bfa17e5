// Units by how long they were beyond a limit, held against the passport of every unit of worlds
// drawn by chance: boxes that change pallets, loggers on both, holes, late readings.
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Limit } from '../domain/exposure.ts'
import { keepRecalls } from '../recalling.ts'
import { dropOld } from '../retention.ts'
import { createRandom } from '../simulators/random.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { listRecallRevisions, readRecall } from '../store/ledger/recalls.ts'
import { readKept } from '../store/ledger/retention.ts'
import { rememberReadings } from '../store/series-memory.ts'
import { exposuresOf } from '../trace/exposures.ts'
import { passportOf } from '../trace/passports.ts'
import type { ConditionOf } from '../trace/recall/criteria.ts'
import { evaluateRecall, type Recall, startRecall } from '../trace/recall/recalls.ts'
import { openApi } from './api-app.ts'
import {
  captureEnvelope,
  epcisEvent,
  openEmbedded,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2026, 0, 10)
const gtin = '09521234543213'
const unit = (n: number): string => `https://id.gs1.org/01/${gtin}/21/S${n}`
const vessel = (n: number): string => `https://id.gs1.org/8003/09521234000013V${n}`
const giai = (n: number): string => `https://id.gs1.org/8004/9521234LOG${n}`
const hours = 24
const rfc = (time: number): string => new Date(time).toISOString()
const worlds = 3
const seed = 20_261_123

describe(`units by exposure, seed ${seed}`, () => {
  let pipeline: Pipeline
  beforeAll(async () => {
    const backends = await openEmbedded()
    const series = rememberReadings(backends.series, { sizeMax: 1e6, hoursMax: 10_000 })
    pipeline = await openPipeline(undefined, { ...backends, series })
  })
  afterAll(() => pipeline.close())

  const random = createRandom(seed)
  const below = (n: number): number => random.below(n)

  const world = async (tenant: string, profile: object = {}): Promise<number> => {
    const [boxes, pallets, units] = [4, 3, 24]
    await pipeline.addProduct(tenant, gtin, {
      ...{ rangeC: { min: 2, max: 8 }, ...profile },
      rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30 }],
    })
    const move = (time: number, parent: string, [action, ...children]: string[]) =>
      epcisEvent(children[0]!.includes('/8004/') ? 'AssociationEvent' : 'AggregationEvent', time, {
        ...{ action, parentID: parent, childEPCs: children },
      })
    const moment = () => start + below(hours * 60) * minute
    const events: object[] = [
      epcisEvent('ObjectEvent', start, {
        ...{ action: 'ADD', bizStep: 'commissioning' },
        epcList: Array.from({ length: units }, (_, n) => unit(n)),
      }),
    ]
    // Units come to boxes by sixes, and some go elsewhere later.
    for (let box = 0; box < boxes; box++) {
      const inside = Array.from({ length: 6 }, (_, n) => unit(6 * box + n))
      events.push(move(start + minute, vessel(box), ['ADD', ...inside]))
      if (below(2) === 0) events.push(move(moment(), vessel(below(boxes)), ['ADD', inside[0]!]))
      for (let times = below(3); times > 0; times--)
        events.push(move(moment(), vessel(boxes + below(pallets)), ['ADD', vessel(box)]))
    }
    for (let logger = 0; logger < 5; logger++) {
      const id = { giai: giai(logger), loggingIntervalMs: 5 * minute }
      await pipeline.addDevice(tenant, `d${logger}`, id)
      const on = below(8) === 0 ? unit(below(units)) : vessel(below(boxes + pallets))
      events.push(move(moment(), on, ['ADD', giai(logger)]))
      if (below(2) === 0) events.push(move(moment(), on, ['DELETE', giai(logger)]))
    }
    await pipeline.keep([captureEnvelope(tenant, events, start)])
    for (let logger = 0; logger < 5; logger++) {
      let warm = false
      const readings = []
      for (let at = 0; at < hours * 60; at += 5) {
        if (below(12) === 0) warm = !warm
        if (below(30) === 0) at += 40
        readings.push({
          time: start + at * minute,
          temperature: (warm ? 80 : 60) / 10 + below(10) / 10,
        })
      }
      const [early, late] = [readings.slice(0, 150), readings.slice(150)]
      for (const part of below(2) === 0 ? [late, early] : [early, late])
        await pipeline.keep([
          readingsEnvelope(tenant, `d${logger}`, { readings: part, recordTime: start }),
        ])
    }
    await pipeline.settle()
    return units
  }

  const found = async (tenant: string, condition: ConditionOf<'exposure'>): Promise<string[]> => {
    const { series, ledger } = pipeline
    const heard = { series, kept: () => readKept(ledger.db) }
    const criteria = { version: 1 as const, allOf: [condition] }
    const result = await evaluateRecall(ledger.db, tenant, { criteria, at: start, heard })
    if (!result.ok) throw new Error(JSON.stringify(result.refusals))
    return result.value.units.map(({ epc }) => epc)
  }

  const settling = [
    {},
    { acclimatisationMinutes: 90 },
    { acclimatisation: { untilSlopeBelowCPerHour: 2, atMostMinutes: 120 }, gapFactor: 1.2 },
  ]

  /** Compares what is found with each passport; how often some, but not all, were. */
  const compare = async (tenant: string, units: number): Promise<number> => {
    const { series, ledger } = pipeline
    const from = { db: ledger.db, series, kept: () => readKept(ledger.db) }
    const whole = { from: start, to: start + 2 * hours * hour }
    const part = { from: start + below(600) * minute, to: start + (700 + below(700)) * minute }
    const limits: Limit[] = [
      { side: 'above', limitC: 8 },
      { side: 'above', limitC: 8.8 },
      { side: 'atOrBelow', limitC: 6.2 },
    ]
    let some = 0
    for (const { window, asked } of [
      { window: part, asked: part },
      { window: whole, asked: {} },
    ]) {
      const told: { epc: string; ms: number[] }[] = []
      for (let serial = 0; serial < units; serial++) {
        const passport = await passportOf(from, tenant, { epc: unit(serial), ...window, limits })
        if (typeof passport === 'string') throw new Error(passport)
        told.push({ epc: unit(serial), ms: passport.zones.map(({ ms }) => ms) })
      }
      for (const [n, { side, limitC }] of limits.entries())
        for (const moreThanMinutes of [0, 30, 120]) {
          const wanted = told.filter(({ ms }) => ms[n]! > moreThanMinutes * minute)
          const condition = { [side]: limitC, moreThanMinutes, ...asked }
          const epcs = await found(tenant, { field: 'exposure', ...condition })
          expect(epcs).toEqual(wanted.map(({ epc }) => epc).sort())
          if (wanted.length > 0 && wanted.length < units) some++
        }
    }
    return some
  }

  it('finds exactly those whose passports say so', async () => {
    let some = 0
    for (const [n, profile] of settling.entries())
      some += await compare(`t${n}`, await world(`t${n}`, profile))
    expect(some).toBeGreaterThan(12)
  }, 60_000)

  it('tells of many units at once what the passport of each says, to the last bit', async () => {
    const kinds = new Set<string>()
    for (let n = 0; n < worlds; n++) {
      const [tenant, profile] = [`many${n}`, settling[n % settling.length]]
      await world(tenant, profile)
      const { series, ledger } = pipeline
      const from = { db: ledger.db, series, kept: () => readKept(ledger.db) }
      const ids = await idsOf(
        ledger.db,
        tenant,
        Array.from({ length: 24 }, (_, n) => unit(n)),
      )
      for (const window of [
        { from: start, to: start + hours * hour },
        { from: start + below(600) * minute, to: start + (700 + below(700)) * minute + 1 },
      ]) {
        const told = await exposuresOf(from, tenant, { units: [...ids.values()], window })
        for (const [place, epc] of [...ids.keys()].entries()) {
          const passport = await passportOf(from, tenant, { epc, ...window })
          if (typeof passport === 'string') throw new Error(passport)
          const account = told!.accountOf(told!.wayOf[place]!)
          expect(passport).toMatchObject(account)
          kinds.add(JSON.stringify(account))
        }
        expect(told!.ways).toBeGreaterThan(1)
      }
    }
    expect(kinds.size).toBeGreaterThan(2 * worlds)
  }, 60_000)

  it('is found anew when readings alone come late, with their name as cause', async () => {
    const tenant = 'late'
    const { series, ledger } = pipeline
    await pipeline.addProduct(tenant, gtin, {
      rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 600 }],
    })
    await pipeline.addDevice(tenant, 'd', { giai: giai(9), loggingIntervalMs: 5 * minute })
    const mount = { action: 'ADD', parentID: vessel(1), childEPCs: [giai(9)] }
    const pack = { action: 'ADD', parentID: vessel(1), childEPCs: [unit(1), unit(2)] }
    const events = [
      epcisEvent('AggregationEvent', start, pack),
      epcisEvent('AssociationEvent', start, mount),
    ]
    const told = (from: number, temperature: number) =>
      readingsEnvelope(tenant, 'd', {
        ...{ recordTime: start },
        readings: Array.from({ length: 12 }, (_, n) => ({
          time: start + (from + 5 * n) * minute,
          temperature,
        })),
      })
    await pipeline.keep([captureEnvelope(tenant, events, start), told(240, 5)])
    await pipeline.settle()
    const heard = { series, kept: () => readKept(ledger.db) }
    const now = (): number => start + 10 * hour
    const view = ledger.forTenant(tenant)
    const condition = { field: 'exposure' as const, above: 8, moreThanMinutes: 30 }
    const asked = {
      ...{ name: 'warm', reason: 'x', drill: false },
      criteria: { version: 1 as const, allOf: [condition] },
    }
    const started = await startRecall(view, tenant, { id: 'r', asked, now, heard })
    expect(started.ok && started.value.body.serialCount).toBe(0)
    const failures: unknown[] = []
    const onFail = (error: unknown): void => void failures.push(error)
    const recalling = keepRecalls({ ledger, series }, { now, onFail, everyMs: 1 })
    try {
      await pipeline.keep([told(60, 12)])
      await pipeline.settle()
      recalling.heard()
      const recall = async () => (await readRecall(view.db, tenant, 'r')) as Recall
      await vi.waitUntil(async () => (await recall()).revision === 2, { timeout: 20_000 })
      expect((await recall()).body.serialCount).toBe(2)
      const revisions = await listRecallRevisions(view.db, tenant, 'r')
      expect(revisions.map(({ cause }) => cause).sort()).toEqual(['readings', 'started'])
    } finally {
      await recalling.stop()
    }
    expect(failures).toEqual([])
  })

  it('is a criterion of recalls, and refused where it says no limit', async () => {
    const api = await openApi()
    try {
      const ask = (condition: object) =>
        api.ask('POST', '/api/v1/recalls', {
          body: {
            ...{ name: 'warm', reason: 'x', drill: true },
            criteria: { version: 1, allOf: [{ field: 'exposure', ...condition }] },
          },
        })
      const fine = await ask({ above: 8, moreThanMinutes: 120 })
      expect(fine.status).toBe(201)
      expect((await ask({ moreThanMinutes: 120 })).status).toBe(400)
      expect((await ask({ above: 8, below: 2, moreThanMinutes: 120 })).status).toBe(400)
    } finally {
      await api.close()
    }
  })

  it('lists what the units of a recall went through, as their passports say it', async () => {
    await world('default')
    const { ledger, series } = pipeline
    const api = await openApi({ ledger, series })
    onTestFinished(api.close)
    const times = `from=${rfc(start)}&to=${rfc(start + hours * hour)}&limits=above:8,below:6.5`
    const started = await api.ask('POST', '/api/v1/recalls', {
      body: {
        ...{ name: 'all', reason: 'x', drill: true },
        criteria: { version: 1, allOf: [{ field: 'gtin', anyOf: [gtin] }] },
      },
    })
    const { id, serialCount } = (await started.json()) as { id: string; serialCount: number }
    expect(serialCount).toBe(24)
    const path = `/api/v1/recalls/${id}/exposures?${times}`
    const items: Record<string, unknown>[] = []
    for (let cursor = ''; ; ) {
      const page = await api.ask('GET', `${path}&limit=10${cursor}`)
      expect(page.status).toBe(200)
      const body = (await page.json()) as { items: typeof items; next: string | null }
      items.push(...body.items)
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
    }
    for (const { epc, 'above:8': above, 'below:6.5': below, ...row } of items) {
      const asked = `/api/v1/units/${encodeURIComponent(String(epc))}/passport?${times}`
      const passport = await (await api.ask('GET', asked)).json()
      const zones = [{ minutes: above }, { minutes: below }]
      expect(passport).toMatchObject({ ...row, zones })
    }
    const file = await api.ask('GET', path, { headers: { Accept: 'application/x-ndjson' } })
    const lines = (await file.text()).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(items)
    expect((await api.ask('GET', path.replace('from=', 'x='))).status).toBe(400)
  })

  // The last one: what is gone is gone for all.
  it('finds the same as passports when only hours are left of a part', async () => {
    const units = await world('gone', settling[1])
    const { ledger, series } = pipeline
    const cutAt = start + 9 * hour
    await dropOld({ ledger, series }, { now: cutAt + day, days: 1 })
    expect((await readKept(ledger.db)).hoursTo).toBe(cutAt)
    expect(await compare('gone', units)).toBeGreaterThan(2)
  }, 60_000)
})
