// Passports over HTTP on both sets of stores: across containers, loggers and owners, before and
// after retention, held against an oracle that looks at each minute.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { trainInThread } from '../analytics/anomaly/band-training.ts'
import { scoreReadings } from '../analytics/anomaly/score-readings.ts'
import { createApp } from '../api/app.ts'
import { openBackTestRuns } from '../back-testing.ts'
import { dropOld } from '../retention.ts'
import { insertArmings } from '../store/ledger/limits.ts'
import { hashToken } from '../store/ledger/registry.ts'
import { readKept } from '../store/ledger/retention.ts'
import type { Series } from '../store/series.ts'
import { rememberReadings } from '../store/series-memory.ts'
import {
  type Backends,
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const gtin = '09521234543213'
const unit = (serial: string): string => `https://id.gs1.org/01/${gtin}/21/${serial}`
const box = 'https://id.gs1.org/00/095212340000000013'
const pallet = 'https://id.gs1.org/00/095212340000000020'
const truck = 'https://id.gs1.org/8003/09521234000013TRUCK1'
const giai = (n: number): string => `https://id.gs1.org/8004/9521234LOG${n}`
const start = Date.UTC(2026, 0, 10)
const token = 'the-token-of-the-administrator'

interface Leg {
  from: string
  to: string
  container: string | null
  device: string | null
  loggers: { container: string; device: string; channels: string[] }[]
  minutes: number
  unknownMinutes: number
  mktC: number | null
}
interface Answer extends Omit<Leg, 'container' | 'device'> {
  verdict: string
  minC: number | null
  maxC: number | null
  meanC: number | null
  freezeThawCycles: number
  zones: Record<string, number>[]
  budgets: Record<string, number>[]
  legs: Leg[]
  reasons: { step: string; outcome: string; finding: string; figures: Record<string, unknown> }[]
  status?: number
}

const profile = {
  rangeC: { min: 2, max: 8 },
  rules: [
    { id: 'heat', kind: 'cumulative', above: 8, forMinutes: 240, severity: 'major' },
    { id: 'freeze', kind: 'single', below: -0.5, forMinutes: 60, severity: 'critical' },
  ],
}

for (const stack of stacks)
  describe.skipIf(stack.missing)(`on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    let pipeline: Pipeline
    let bare: Backends
    let app: ReturnType<typeof createApp>
    let forgetful: typeof app
    const tenant = 'default'
    beforeAll(async () => {
      running = await stack.start()
    }, 60_000)
    afterAll(() => running.stop())
    beforeEach(async () => {
      bare = await running.open()
      const series = rememberReadings(bare.series, { sizeMax: 10_000, hoursMax: 10_000 })
      pipeline = await openPipeline(undefined, { ...bare, series })
      app = appOn(pipeline.series)
      forgetful = appOn(bare.series)
      await pipeline.addProduct(tenant, gtin, profile)
      for (const n of [1, 2, 3])
        await pipeline.addDevice(tenant, `d${n}`, {
          giai: giai(n),
          loggingIntervalMs: 5 * minute,
        })
    })
    const appOn = (series: Series): ReturnType<typeof createApp> => {
      const kept = () => readKept(pipeline.ledger.db)
      const now = () => start
      return createApp({
        ...{ ledger: pipeline.ledger, series, log: pipeline.log, kept, now },
        backTests: openBackTestRuns({ series, kept, now }),
        anomalies: { score: scoreReadings, train: trainInThread },
        admin: { tokenHash: hashToken(token) },
        applied: async () => undefined,
        changes: () => () => undefined,
        health: () => ({ parts: {} }),
        metrics: async () => '',
        report: (error) => {
          throw error
        },
      })
    }
    afterEach(() => pipeline.close())

    const ask = async (serial: string, query = ''): Promise<Answer> => {
      const path = `/api/v1/units/${encodeURIComponent(unit(serial))}/passport${query}`
      const headers = { Authorization: `Bearer ${token}` }
      const answer = await app.request(path, { headers })
      const text = await answer.text()
      // What is remembered and what is read anew say the same, bit for bit.
      const anew = await forgetful.request(path, { headers })
      const { requestId: _, ...told } = JSON.parse(text) as Answer & { requestId?: string }
      const { requestId: __, ...toldAnew } = JSON.parse(await anew.text()) as typeof told & {
        requestId?: string
      }
      expect(told).toEqual(toldAnew)
      return { ...told, status: answer.status }
    }
    const at = (time: number): string => new Date(time).toISOString()
    const span = (from: number, to: number, more = ''): string =>
      `?from=${at(from)}&to=${at(to)}${more}`
    const move = (time: number, [action, parentID, children]: [string, string, string[]]) =>
      epcisEvent(children[0]!.includes('/8004/') ? 'AssociationEvent' : 'AggregationEvent', time, {
        action,
        parentID,
        childEPCs: children,
      })
    const commissioned = (...serials: string[]) =>
      epcisEvent('ObjectEvent', start, {
        ...{ action: 'ADD', bizStep: 'commissioning', epcList: serials.map(unit) },
      })
    const capture = async (...events: object[]): Promise<void> => {
      await pipeline.keep([captureEnvelope(tenant, events, start)])
      await pipeline.settle()
    }
    const tell = async (
      device: number,
      [from, to]: [number, number],
      celsius: (time: number) => number,
    ): Promise<void> => {
      const readings = []
      for (let time = from; time < to; time += 5 * minute)
        readings.push({ time, temperature: celsius(time) })
      await pipeline.keep([readingsEnvelope(tenant, `d${device}`, { readings, recordTime: to })])
      await pipeline.settle()
    }

    it('follows the unit over its containers, and takes the nearest logger', async () => {
      await capture(
        commissioned('A'),
        move(start + hour, ['ADD', box, [unit('A')]]),
        move(start + hour, ['ADD', pallet, [box]]),
        move(start + hour, ['ADD', pallet, [giai(1)]]),
        move(start + 3 * hour, ['ADD', box, [giai(2)]]),
        move(start + 5 * hour, ['DELETE', box, [giai(2)]]),
        move(start + 6 * hour, ['DELETE', pallet, [box]]),
        move(start + 6 * hour, ['ADD', truck, [box]]),
        move(start + 6 * hour, ['ADD', truck, [giai(3)]]),
      )
      await tell(1, [start, start + 8 * hour], () => 9)
      await tell(2, [start, start + 8 * hour], () => 5)
      await tell(3, [start, start + 8 * hour], () => -1)
      const answer = await ask('A', span(start, start + 7 * hour, '&limits=above:8,below:0'))
      expect(answer.status).toBe(200)
      expect(
        answer.legs.map(({ from, container, device, minutes, unknownMinutes }) => [
          ...[(Date.parse(from) - start) / hour, container, device, minutes, unknownMinutes],
        ]),
      ).toEqual([
        [0, null, null, 0, 60],
        [1, pallet, 'd1', 120, 0],
        [3, box, 'd2', 120, 0],
        [5, pallet, 'd1', 60, 0],
        [6, truck, 'd3', 60, 0],
      ])
      expect(answer).toMatchObject({
        ...{ minutes: 360, unknownMinutes: 60, minC: -1, maxC: 9, freezeThawCycles: 1 },
        zones: [
          { above: 8, minutes: 180 },
          { below: 0, minutes: 60 },
        ],
        // Below -0.5 °C for 60 minutes: a hard limit.
        verdict: 'out',
      })
      expect(answer.meanC).toBeCloseTo((9 * 180 + 5 * 120 - 60) / 360, 6)
      const [hard, evidence] = answer.reasons
      expect(hard).toMatchObject({ step: 'hard-limits', outcome: 'out', finding: 'used-up' })
      expect(hard!.figures).toMatchObject({ condition: 'freeze', longestMinutes: 60 })
      expect(evidence).toMatchObject({ step: 'evidence', outcome: 'indeterminate' })
      const inside = await ask('A', span(start + 3 * hour, start + 5 * hour))
      expect([inside.verdict, inside.minutes, inside.mktC]).toEqual(['in', 120, 5])
    })

    it('says the same after readings were replaced by hours', async () => {
      await capture(
        commissioned('A', 'B'),
        move(start, ['ADD', box, [unit('A'), unit('B')]]),
        move(start, ['ADD', box, [giai(1)]]),
        move(start + 30 * hour, ['DELETE', box, [unit('B')]]),
      )
      const celsius = (time: number): number => {
        const h = ((time - start) / hour) % 24
        return h >= 12 && h < 14 ? 9.3 : h >= 20 && h < 21 ? -0.2 : 5 + (h % 3) / 10
      }
      await tell(1, [start, start + 4 * day], celsius)
      const asked = (): Promise<Answer[]> =>
        Promise.all([
          ask('A'),
          ask('A', span(start + hour, start + 3 * day)),
          ask('B', span(start, start + 30 * hour)),
        ])
      const before = await asked()
      await dropOld(pipeline, { now: start + 4 * day, days: 2 })
      const after = await asked()
      const round = (answer: Answer): unknown => {
        const { meanC, mktC, reasons, legs, ...rest } = answer
        const told = reasons.map(({ step, outcome, finding }) => [step, outcome, finding])
        return [meanC?.toFixed(5), mktC?.toFixed(5), legs.length, told, rest]
      }
      expect(after.map(round)).toEqual(before.map(round))
      expect(before.map(({ verdict }) => verdict)).toEqual(['out', 'out', 'in'])
      expect(before[0]).toMatchObject({ freezeThawCycles: 4, maxC: 9.3, minC: -0.2 })
    })

    it('joins what two loggers on one container say: the warmest and the coldest', async () => {
      await capture(
        commissioned('A'),
        move(start, ['ADD', box, [unit('A')]]),
        move(start, ['ADD', box, [giai(1), giai(2)]]),
      )
      await tell(1, [start, start + 2 * hour], (time) => (time < start + hour ? 9 : 5))
      await tell(2, [start + hour, start + 3 * hour], () => 1)
      const query = '&limits=above:8,below:2'
      const answer = await ask('A', span(start, start + 2 * hour, query))
      expect(answer).toMatchObject({
        ...{ minutes: 120, unknownMinutes: 0, minC: 1, maxC: 9 },
        zones: [
          { above: 8, minutes: 60 },
          { below: 2, minutes: 60 },
        ],
      })
      expect(answer.legs).toHaveLength(1)
      expect(answer.legs[0]!.loggers.map(({ device }) => device)).toEqual(['d1', 'd2'])
    })

    it('goes from its first event to its newest reading when not asked for a time', async () => {
      await capture(
        commissioned('A'),
        move(start, ['ADD', box, [unit('A')]]),
        move(start, ['ADD', box, [giai(1)]]),
      )
      await tell(1, [start, start + 2 * hour], () => 5)
      const answer = await ask('A')
      expect(answer).toMatchObject({ verdict: 'in', minutes: 115, unknownMinutes: 0 })
      expect(answer.from).toBe(at(start).replace('.000Z', 'Z'))
      expect(await ask('none')).toMatchObject({ status: 404 })
      expect(await ask('A', span(start + hour, start))).toMatchObject({ status: 400 })
      expect(await ask('A', '?limits=8')).toMatchObject({ status: 400 })
    })

    it('takes a silent near logger for unknown time, not for a far one', async () => {
      await capture(
        commissioned('A'),
        move(start, ['ADD', box, [unit('A')]]),
        move(start, ['ADD', pallet, [box]]),
        move(start, ['ADD', pallet, [giai(1)]]),
        move(start, ['ADD', box, [giai(2)]]),
      )
      await tell(1, [start, start + 2 * hour], () => 5)
      await tell(2, [start, start + hour], () => 5)
      const answer = await ask('A', span(start, start + 2 * hour))
      expect(answer).toMatchObject({ verdict: 'indeterminate', minutes: 55, unknownMinutes: 65 })
    })

    it.runIf(stack === stacks[0])(
      'draws on budgets over the whole life, and knows late readings, changes and calibrations',
      async () => {
        const put = (method: string, path: string, body: unknown) =>
          app.request(path, {
            ...{ method, body: JSON.stringify(body) },
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          })
        const store = (budgets: object[], more = {}) =>
          put('PUT', `/api/v1/products/${gtin}`, {
            ...{ name: 'x', profile: { ...profile, budgets, repeatsMax: 1 }, ...more },
          })
        expect((await store([{ above: 8, minutes: 120 }])).status).toBe(200)
        await capture(
          commissioned('A'),
          move(start, ['ADD', box, [unit('A')]]),
          move(start, ['ADD', box, [giai(1)]]),
        )
        const warm = (time: number) => (time >= start + hour && time < start + 2 * hour ? 9 : 5)
        await tell(1, [start, start + 6 * hour], warm)
        const later = span(start + 4 * hour, start + 5 * hour)
        const budget = (answer: Answer) => answer.budgets[0]
        expect(budget(await ask('A', later))).toEqual({
          ...{ above: 8, allowedMinutes: 120, drawnMinutes: 60, leftMinutes: 60 },
          unknownMinutes: 0,
        })
        expect(await ask('A', later)).toMatchObject({
          verdict: 'in',
          zones: [{ minutes: 0 }, {}, {}],
        })
        // Hours late, and twice.
        for (let twice = 0; twice < 2; twice++)
          await tell(1, [start + 2 * hour, start + 3 * hour + 5 * minute], () => 8.5)
        expect(budget(await ask('A', later))).toMatchObject({ drawnMinutes: 125, leftMinutes: -5 })
        const found = (answer: Answer) => answer.reasons.map(({ finding }) => finding)
        expect(found(await ask('A', later))).toContain('budget-overdrawn')
        expect((await store([{ above: 8, minutes: 125 }])).status).toBe(200)
        expect(await ask('A', later)).toMatchObject({ verdict: 'in' })
        // Not known since it came into being: nobody can say what is left.
        await capture(
          epcisEvent('ObjectEvent', start, {
            ...{ action: 'OBSERVE', bizStep: 'receiving', epcList: [unit('B')] },
          }),
          move(start, ['ADD', box, [unit('B')]]),
        )
        expect(found(await ask('B', later))).toContain('unknown-life')
        const device = '/api/v1/devices/d1'
        const due = { calibratedAt: at(start - day), calibrationDue: at(start + 4.5 * hour) }
        const changed = await put('PATCH', device, due)
        expect(await changed.json()).toMatchObject({
          calibratedAt: at(start - day).replace('.000', ''),
        })
        expect(await ask('A', later)).toMatchObject({ verdict: 'indeterminate' })
        expect(found(await ask('A', later))).toContain('calibration-overdue')
        await put('PATCH', device, { calibratedAt: at(start + 4 * hour) })
        expect(await ask('A', later)).toMatchObject({ verdict: 'in' })
        const wrong = { calibratedAt: at(start), calibrationDue: at(start - 1) }
        expect((await put('PATCH', device, wrong)).status).toBe(400)
        await insertArmings(pipeline.ledger.db, tenant, [
          {
            ...{ container: box, minC: 2, maxC: 8, armedAt: start + hour, label: 'x' },
            ...{ armedBy: 'admin', recordTime: start },
          },
        ])
        expect(await ask('A', span(start, start + 3 * hour))).toMatchObject({
          labelLimits: [{ container: box, from: at(start + hour).replace('.000', ''), maxC: 8 }],
        })
        // A logger that measures worse than the profile allows for is judged more strictly.
        await put('PATCH', device, { uncertaintyC: 3.5 })
        expect(await ask('A', later)).toMatchObject({ verdict: 'out' })
      },
    )
  })
