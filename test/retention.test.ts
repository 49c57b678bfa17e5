// Readings past their time go; what was found of them stays, and what is found later is not spoilt
// by what is gone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropOld } from '../retention.ts'
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
      pipeline = await openPipeline(undefined, await running.open())
    }, 60_000)
    afterAll(async () => {
      await pipeline.close()
      await running.stop()
    })

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
  })
