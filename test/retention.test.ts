// Readings past their time go; what was found of them stays, and what is found later is not spoilt
// by what is gone.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { exposureOf } from '../domain/exposure.ts'
import { exposureOfHours, hoursOf } from '../domain/hours.ts'
import { Unavailable } from '../domain/refusal.ts'
import { dropOld } from '../retention.ts'
import { readHoursTo, readKeptFrom } from '../store/ledger/retention.ts'
import type { Series } from '../store/series.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'

const minute = 60_000
const day = 24 * 60 * minute
const gtin = '09521234543213'
const unit = (serial: string): string => `https://id.gs1.org/01/${gtin}/21/${serial}`
const pallet = 'https://id.gs1.org/00/095212340000000013'
const logger = 'https://id.gs1.org/8004/9521234LOG1'
const start = Date.UTC(2026, 0, 10)

for (const stack of stacks)
  describe.skipIf(stack.missing)(`on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    let pipeline: Pipeline
    let tenants = 0
    let tenant = ''
    beforeAll(async () => {
      running = await stack.start()
    }, 60_000)
    afterAll(() => running.stop())
    // From when on readings are kept is the installation's affair: each test has its own.
    beforeEach(async () => {
      pipeline = await openPipeline(undefined, await running.open())
    })
    afterEach(() => pipeline.close())

    /** One reading each five minutes for so many days: warm at noon, for an hour. */
    async function live(days: number): Promise<void> {
      tenant = `t${++tenants}`
      await pipeline.addProduct(tenant, gtin, {
        rules: [
          { id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' },
          { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 150, severity: 'minor' },
        ],
      })
      await pipeline.addDevice(tenant, `${tenant}d`, {
        giai: logger,
        loggingIntervalMs: 5 * minute,
      })
      const events = [
        epcisEvent('ObjectEvent', start - day, {
          action: 'ADD',
          bizStep: 'commissioning',
          epcList: [unit('A')],
        }),
        epcisEvent('AggregationEvent', start - day, {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [unit('A')],
        }),
        epcisEvent('AssociationEvent', start - day, {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [logger],
        }),
      ]
      await pipeline.keep([captureEnvelope(tenant, events, start)])
      for (let n = 0; n < days; n++) await tell(n, (time) => isNoon(time))
      await pipeline.settle()
    }
    const isNoon = (time: number): boolean =>
      time % day >= 12 * 60 * minute && time % day < 13 * 60 * minute
    async function tell(n: number, warm: (time: number) => boolean): Promise<void> {
      const times = Array.from({ length: 288 }, (_, i) => start + n * day + i * 5 * minute)
      const readings = times.map((time) => ({ time, temperature: warm(time) ? 9 : 5 }))
      await pipeline.keep([
        readingsEnvelope(tenant, `${tenant}d`, { readings, recordTime: start + (n + 1) * day }),
      ])
      await pipeline.settle()
    }
    const drop = (keepDays: number, at: number): Promise<void> =>
      dropOld(pipeline, { now: at, days: keepDays })
    const alerts = async (rule: string) =>
      (await pipeline.alerts(tenant))
        .filter(({ alert }) => alert.rule === rule && alert.status === 'open')
        .map(({ alert, serials }) => [
          alert.from,
          alert.minutes,
          alert.verdict,
          Object.keys(serials),
        ])
        .sort()
    const noon = (n: number): number => start + n * day + 12 * 60 * minute
    const late = async (n: number): Promise<void> => {
      const readings = [{ time: start + n * day + 487 * minute, temperature: 5 }]
      await pipeline.keep([
        readingsEnvelope(tenant, `${tenant}d`, { readings, recordTime: start + 9 * day }),
      ])
      await pipeline.settle()
    }

    it('leaves alerts of dropped readings as they were when late ones come', async () => {
      await live(4)
      const before = [await alerts('heat'), await alerts('sum')]
      expect(before[0]).toHaveLength(4)
      expect(before[1]).toEqual([[noon(0), 240, 'out', [unit('A')]]])
      await drop(2, start + 4 * day)
      const span = { tenant, device: `${tenant}d`, channel: 'temperature', from: 0, to: 8.64e15 }
      expect((await pipeline.series.range(span))[0]!.time).toBe(start + 2 * day)
      await late(3)
      expect([await alerts('heat'), await alerts('sum')]).toEqual(before)
    })

    it('goes on judging after it: the same breach, the same sum', async () => {
      await live(2)
      await drop(1, start + 2 * day)
      await late(1)
      await tell(2, isNoon)
      await late(2)
      expect(await alerts('heat')).toEqual([0, 1, 2].map((n) => [noon(n), 60, 'out', [unit('A')]]))
      expect(await alerts('sum')).toEqual([[noon(0), 180, 'out', [unit('A')]]])
    })

    it('takes no breach that was cut by it for a new one', async () => {
      await live(1)
      // Warm over midnight: the beginning goes, the end stays.
      const night = (time: number): boolean =>
        time >= start + 2 * day - 60 * minute && time < start + 2 * day + 60 * minute
      await tell(1, night)
      await tell(2, night)
      const before = await alerts('heat')
      expect(before).toContainEqual([start + 2 * day - 60 * minute, 120, 'out', [unit('A')]])
      await drop(1, start + 3 * day)
      await late(2)
      expect(await alerts('heat')).toEqual(before)
    })

    const key = (): { tenant: string; device: string; channel: string } => ({
      ...{ tenant, device: `${tenant}d`, channel: 'temperature' },
    })
    const always = { from: -8.64e15, to: 8.64e15 }
    const gapMs = 12.5 * minute
    const readingsOf = (series: Series) => series.range({ ...key(), ...always })
    const refusals = async (): Promise<string[]> => {
      const rows = await pipeline.ledger.db
        .selectFrom('refusals')
        .select(['code', 'detail'])
        .where('tenant', '=', tenant)
        .execute()
      return rows.map(({ code, detail }) => `${code} ${detail}`)
    }

    it('keeps of what goes the hours, which say what the readings said', async () => {
      await live(4)
      const points = await readingsOf(pipeline.series)
      expect(points).toHaveLength(4 * 288)
      // In steps, as days go by, the same as at once; a step again changes nothing.
      for (const at of [1, 1.5, 2, 3, 3]) await drop(1, start + at * day + day)
      const window = { from: start, to: start + 3 * day }
      const hours = await pipeline.series.hours({ ...key(), ...always })
      expect(hours).toEqual(hoursOf(points, { gapMs, window, temperature: true }))
      expect(hours).toHaveLength(72)
      const wanted = exposureOf(points, { gapMs, window })
      const found = exposureOfHours(hours, { window })
      expect(found).toMatchObject({ knownMs: wanted.knownMs, min: wanted.min, max: wanted.max })
      expect(found.unknownMs).toBe(0)
      expect(found.mkt).toBeCloseTo(wanted.mkt!, 9)
      expect(await readingsOf(pipeline.series)).toEqual(
        points.filter(({ time }) => time >= start + 3 * day),
      )
    })

    it('drops nothing while the series store takes no hours, and goes on when it does', async () => {
      await live(3)
      const before = await readingsOf(pipeline.series)
      let failures = 0
      const full: Series = {
        ...pipeline.series,
        writeHours: async () => {
          failures++
          throw new Unavailable('full')
        },
      }
      const at = { now: start + 3 * day, days: 1 }
      await expect(dropOld({ ...pipeline, series: full }, at)).rejects.toBeInstanceOf(Unavailable)
      expect(failures).toBe(1)
      expect(await readingsOf(pipeline.series)).toEqual(before)
      await dropOld(pipeline, at)
      expect((await readingsOf(pipeline.series)).length).toBeLessThan(before.length)
      const window = { from: start, to: await readHoursTo(pipeline.ledger.db) }
      expect(await pipeline.series.hours({ ...key(), ...always })).toEqual(
        hoursOf(before, { gapMs, window, temperature: true }),
      )
    })

    it('ended between any two steps, it ends the same', async () => {
      await live(2)
      const points = await readingsOf(pipeline.series)
      const at = { now: start + 3 * day, days: 1 }
      for (const last of ['writeHours', 'dropBefore'] as const) {
        const dying: Series = {
          ...pipeline.series,
          [last]: async (given: never) => {
            if (last === 'writeHours') await pipeline.series.writeHours(given)
            throw new Unavailable('ended')
          },
        }
        await expect(dropOld({ ...pipeline, series: dying }, at)).rejects.toThrow('ended')
        expect(await readingsOf(pipeline.series)).toEqual(points)
      }
      await dropOld(pipeline, at)
      const window = { from: start, to: start + 2 * day }
      expect(await pipeline.series.hours({ ...key(), ...always })).toEqual(
        hoursOf(points, { gapMs, window, temperature: true }),
      )
    })

    it('refuses what comes in for a time that is gone, so that it is not dropped unseen', async () => {
      await live(2)
      await drop(1, start + 3 * day)
      const kept = await readKeptFrom(pipeline.ledger.db)
      const hours = await pipeline.series.hours({ ...key(), ...always })
      const readings = [kept - minute, kept, kept + minute].map((time) => ({
        time,
        temperature: 3,
      }))
      await pipeline.keep([
        readingsEnvelope(tenant, `${tenant}d`, { readings, recordTime: kept + day }),
      ])
      await pipeline.settle()
      expect(await refusals()).toEqual([
        `series/rejected before ${new Date(kept).toISOString()}, from when on readings are kept`,
      ])
      expect((await readingsOf(pipeline.series)).slice(0, 2).map(({ time }) => time)).toEqual([
        ...[kept, kept + minute],
      ])
      expect(await pipeline.series.hours({ ...key(), ...always })).toEqual(hours)
    })

    it('reads a long past in pages of whole hours, and more readings in an hour than a page', async () => {
      await live(0)
      const device = `${tenant}d`
      const few = Array.from({ length: 300 }, (_, i) => ({ time: start + i * day, value: i % 7 }))
      const many = Array.from({ length: bounds.hoursReadings + 500 }, (_, i) => ({
        ...{ time: start + 2 * day + minute + i * 100, value: (i % 90) / 10 },
      }))
      const points = [...few, ...many].sort((one, other) => one.time - other.time)
      await pipeline.series.write(points.map((point) => ({ ...key(), ...point, offset: 1 })))
      await pipeline.series.write([
        { ...key(), channel: 'humidity', time: start, value: 40, offset: 1 },
      ])
      await drop(1, start + 200 * day)
      const to = await readHoursTo(pipeline.ledger.db)
      const window = { from: start, to }
      const rule = { gapMs, window, temperature: true }
      expect(await pipeline.series.hours({ ...key(), ...always })).toEqual(hoursOf(points, rule))
      expect((await pipeline.series.hourChannels(tenant, device)).map((one) => one.count)).toEqual(
        expect.arrayContaining([1]),
      )
    })
  })
