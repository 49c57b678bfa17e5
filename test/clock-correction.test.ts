import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { changedFrom, correctTime, piecesOf } from '../domain/clock-correction.ts'
import { openClockMemory } from '../store/clock-memory.ts'
import { correctSeries } from '../store/corrected-series.ts'
import { listRevisions } from '../store/ledger/alerts.ts'
import {
  insertClockCorrection,
  withdrawClockCorrection,
} from '../store/ledger/clock-corrections.ts'
import { markDirty } from '../store/ledger/detectors.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import { loggerOf } from './worlds.ts'

const minute = 60_000
const begin = Date.UTC(2026, 2, 1)
const recordTime = begin + 40 * 86_400_000
const gtin = '09521234543213'
const pallet = 'https://id.gs1.org/00/095212340000000013'
const unit = (n: number): string => `https://id.gs1.org/01/${gtin}/21/S${n}`

let pipeline: Pipeline
beforeAll(async () => {
  pipeline = await openPipeline(() => recordTime)
})
afterAll(() => pipeline.close())

const rules = [
  { id: 'heat', kind: 'single', above: 8, forMinutes: 45, severity: 'major' },
  { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 120, severity: 'minor' },
  { id: 'freeze', kind: 'instant', below: 0, severity: 'critical' },
]

/** A logger on a pallet of two units, of which one leaves on the way. */
async function addTenant(tenant: string, leaves: number): Promise<void> {
  await pipeline.addProduct(tenant, gtin, { rules })
  const loggingIntervalMs = 15 * minute
  await pipeline.addDevice(tenant, `${tenant}d`, { giai: loggerOf(tenant), loggingIntervalMs })
  const packs = (action: string, children: string[]) => ({
    ...{ action, parentID: pallet, childEPCs: children },
  })
  const events = [
    epcisEvent('AggregationEvent', begin, packs('ADD', [unit(1), unit(2)])),
    epcisEvent('AssociationEvent', begin, packs('ADD', [loggerOf(tenant)])),
    epcisEvent('AggregationEvent', begin + leaves * minute, packs('DELETE', [unit(1)])),
  ]
  await pipeline.keep([captureEnvelope(tenant, events, recordTime)])
}

type Told = { time: number; temperature: number }
const send = (tenant: string, readings: Told[]) =>
  pipeline.keep([readingsEnvelope(tenant, `${tenant}d`, { readings, recordTime })])

async function outcome(tenant: string) {
  const found = await pipeline.alerts(tenant)
  return found
    .filter(({ alert }) => alert.status === 'open')
    .map(({ alert, serials }) => ({
      ...{ rule: alert.rule, from: alert.from, to: alert.to, minutes: alert.minutes },
      ...{ unknownMinutes: alert.unknownMinutes, peakC: alert.peakC, verdict: alert.verdict },
      serials,
    }))
    .sort((a, b) => a.from - b.from || (a.rule < b.rule ? -1 : 1))
}

/** As the route does it. */
async function state(
  tenant: string,
  of: { id: string; from: number; to: number | null; aheadMs: number },
): Promise<void> {
  const device = `${tenant}d`
  const row = { tenant, device, ...of, reason: 'set wrong', at: recordTime, by: 'qp' }
  const since = changedFrom({ ...of, to: of.to ?? Infinity })
  await pipeline.ledger.transact(async (db) => {
    await insertClockCorrection(db, row)
    await markDirty(db, tenant, { devices: [device], since, cause: 'clock' })
  })
}

async function takeBack(tenant: string, id: string): Promise<void> {
  const device = `${tenant}d`
  await pipeline.ledger.transact(async (db) => {
    const about = { at: recordTime, by: 'qp', reason: 'was right after all' }
    expect(await withdrawClockCorrection(db, { tenant, device, id }, about)).toBe(true)
    expect(await withdrawClockCorrection(db, { tenant, device, id }, about)).toBe(false)
    await markDirty(db, tenant, { devices: [device], since: 0, cause: 'clock' })
  })
}

/** Six days of a logger whose clock was wrong from one reading to another. */
const world = fc.record({
  warm: fc.array(
    fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 14 }), fc.constantFrom(9, 12, -1)),
    { minLength: 3, maxLength: 8 },
  ),
  holes: fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 12 })), { maxLength: 3 }),
  wrong: fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 300 })),
  ahead: fc.constantFrom(62, -62, 15, -3, 24 * 60, -24 * 60, 1500),
  told: fc.constantFrom('before', 'between', 'after'),
  cut: fc.nat(500),
  leaves: fc.nat(500 * 15),
})

it('judges readings of a clock that was wrong as those of one that was right all the time', async () => {
  let [alerts, number] = [0, 0]
  await fc.assert(
    fc.asyncProperty(world, async ({ warm, holes, wrong, ahead, told, cut, leaves }) => {
      const [own, other] = [`w${number}`, `r${number}`]
      number++
      const isHole = (i: number) => holes.some(([from, length]) => i >= from && i < from + length)
      const right = Array.from({ length: 520 }, (_, i) => ({
        time: begin + i * 15 * minute,
        temperature: warm.find(([from, length]) => i >= from && i < from + length)?.[2] ?? 5,
      })).filter((_, i) => !isHole(i))
      const aheadMs = ahead * minute
      const [first, count] = wrong
      const isWrong = ({ time }: Told): boolean =>
        time >= begin + first * 15 * minute && time < begin + (first + count) * 15 * minute
      const said = right.map((one) => (isWrong(one) ? { ...one, time: one.time + aheadMs } : one))
      const bad = right.filter(isWrong).map(({ time }) => time + aheadMs)
      // What the clock told twice, before and after it was set, nobody can tell apart.
      const span = { from: bad[0] ?? begin, to: (bad.at(-1) ?? begin) + 1 }
      const good = right.filter((one) => !isWrong(one))
      fc.pre(!good.some(({ time }) => time >= span.from && time < span.to))
      await addTenant(own, leaves)
      await addTenant(other, leaves)
      await send(other, right)
      const correction = { id: 'c', ...span, aheadMs }
      if (told === 'before') await state(own, correction)
      await send(own, said.slice(0, cut))
      await pipeline.settle()
      if (told === 'between') await state(own, correction)
      await send(own, said.slice(cut))
      await pipeline.settle()
      const before = await outcome(own)
      if (told === 'after') await state(own, correction)
      await pipeline.settle()
      const expected = await outcome(other)
      expect(await outcome(own)).toEqual(expected)
      alerts += expected.length
      await takeBack(own, 'c')
      await pipeline.settle()
      if (told === 'after') expect(await outcome(own)).toEqual(before)
    }),
    { numRuns: Number(process.env.CLOCK_RUNS ?? 10), endOnFailure: true },
  )
  expect(alerts).toBeGreaterThan(0)
})

it('restates alerts with the clock as their cause', async () => {
  await addTenant('cause', 9999)
  const heat = Array.from({ length: 20 }, (_, i) => ({
    time: begin + (i + 10) * 15 * minute,
    temperature: i > 4 && i < 12 ? 10 : 5,
  }))
  await send('cause', heat)
  await pipeline.settle()
  const [before] = await outcome('cause')
  pipeline.changes.length = 0
  await state('cause', { id: 'c1', from: begin, to: null, aheadMs: 62 * minute })
  await pipeline.settle()
  const [after] = await outcome('cause')
  expect(after!.from).toBe(before!.from - 62 * minute)
  const { db } = pipeline.ledger
  const restated = pipeline.changes.map(async ({ alert }) => {
    const revisions = await listRevisions(db, 'cause', alert.id)
    return revisions.map(({ cause }) => cause).at(-1)
  })
  expect(new Set(await Promise.all(restated))).toEqual(new Set(['clock']))
  expect(pipeline.changes.length).toBeGreaterThan(0)
})

describe('a series of a clock that was wrong', () => {
  const correction = { from: begin + 10 * minute, to: begin + 20 * minute, aheadMs: 30 * minute }
  const key = { tenant: 'series', device: 'd', channel: 'temperature' }
  const rows = [
    { time: begin - 20 * minute, value: 1 },
    { time: begin - 15 * minute, value: 9 },
    { time: begin, value: 2 },
    { time: begin + 12 * minute, value: 3 },
    { time: begin + 15 * minute, value: 4 },
    { time: begin + 30 * minute, value: 5 },
  ]
  const series = () => correctSeries(pipeline.series, () => [correction])
  beforeAll(async () => {
    await pipeline.series.write(rows.map((row) => ({ ...key, ...row, offset: 0 })))
  })

  it('is read at the right times, and of two at one time the greater counts', async () => {
    const points = await series().range({ ...key, from: 0, to: begin + 86_400_000 })
    expect(points.map(({ time, value }) => [(time - begin) / minute, value])).toEqual([
      [-20, 1],
      [-18, 3],
      [-15, 9],
      [0, 2],
      [30, 5],
    ])
    const part = { ...key, from: begin - 18 * minute, to: begin + 1 }
    expect((await series().columns(part)).values).toEqual(Float64Array.of(3, 9, 2))
    expect(await series().range({ ...part, limit: 2 })).toHaveLength(2)
    const buckets = await series().downsample({ ...part, everyMs: 86_400_000 })
    expect(buckets.map(({ min, max, count }) => [min, max, count])).toEqual([
      [3, 9, 2],
      [2, 2, 1],
    ])
  })

  it('tells the extremes of its days by them, beside those of devices that were right', async () => {
    await pipeline.series.write([{ ...key, device: 'e', time: begin, value: 7, offset: 0 }])
    const only = correctSeries(pipeline.series, (_, device) => (device === 'd' ? [correction] : []))
    const asked = { from: 0, to: begin + 86_400_000, wanted: () => true }
    const days = await only.dayExtremes('series', ['d', 'e'], asked)
    const told = days.map(({ device, time, min, max }) => [device, time - begin, min, max])
    expect(told.sort()).toEqual([
      ['d', -86_400_000, 1, 9],
      ['d', 0, 2, 5],
      ['e', 0, 7, 7],
    ])
  })

  it('tells its newest reading and its extent by them', async () => {
    expect(await series().latest('series', 'd')).toMatchObject([{ time: rows.at(-1)!.time }])
    const behind = { from: begin + 10 * minute, to: begin + 20 * minute, aheadMs: -60 * minute }
    const slow = correctSeries(pipeline.series, () => [behind])
    expect((await slow.latestOf('series', ['d', 'e'])).get('d')).toEqual(
      await slow.latest('series', 'd'),
    )
    expect(await slow.latest('series', 'd')).toMatchObject([
      { time: begin + 75 * minute, value: 4 },
    ])
    expect(await slow.channels('series', 'd')).toMatchObject([
      { from: begin - 20 * minute, to: begin + 75 * minute, count: 6 },
    ])
  })

  it('is as before for other devices', async () => {
    const plain = correctSeries(pipeline.series, () => [])
    const all = { ...key, from: 0, to: begin + 86_400_000 }
    expect(await plain.range(all)).toEqual(await pipeline.series.range(all))
    expect(await plain.latest('series', 'd')).toEqual(await pipeline.series.latest('series', 'd'))
  })
})

it('cuts all of a device’s time into pieces that do not overlap', () => {
  const one = { from: 10, to: 20, aheadMs: 5 }
  const two = { from: 30, to: Infinity, aheadMs: -5 }
  const pieces = piecesOf([two, one])
  expect(pieces.map(({ from, to }) => [from, to])).toEqual([
    [-Infinity, 10],
    [10, 20],
    [20, 30],
    [30, Infinity],
  ])
  for (const time of [0, 10, 19, 20, 30, 99]) {
    const { aheadMs } = pieces.find(({ from, to }) => time >= from && time < to)!
    expect(correctTime([one, two], time)).toBe(time - aheadMs)
  }
})

it('is known to reads as soon as it is stated here, and elsewhere when it is looked at again', async () => {
  const open = () => openClockMemory(pipeline.ledger, { everyMs: undefined })
  const [here, there] = [await open(), await open()]
  expect(here.of('memory', 'd')).toEqual([])
  const row = { tenant: 'memory', device: 'd', id: 'm', from: 1, to: null, aheadMs: -7 }
  const why = { reason: 'slow', at: recordTime, by: 'qp' }
  await insertClockCorrection(pipeline.ledger.db, { ...row, ...why })
  await here.renew()
  expect(here.of('memory', 'd')).toMatchObject([{ from: 1, to: Infinity, aheadMs: -7 }])
  expect(here.slowestMs()).toBe(7)
  expect(there.of('memory', 'd')).toEqual([])
  await there.renew()
  expect(there.of('memory', 'd')).toHaveLength(1)
  const often = await openClockMemory(pipeline.ledger, { everyMs: 5 })
  await insertClockCorrection(pipeline.ledger.db, { ...row, ...why, device: 'e' })
  await vi.waitFor(() => expect(often.of('memory', 'e')).toHaveLength(1))
  often.stop()
})
