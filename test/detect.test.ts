import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'

const day = '2026-03-02'
const at = (clock: string): number => Date.parse(`${day}T${clock}:00Z`)
const minute = 60_000

const gtin = '09521234543213'
const unit = (serial: string) => `https://id.gs1.org/01/${gtin}/21/${serial}`
const pallet = 'https://id.gs1.org/00/095212340000000013'
const caseA = 'https://id.gs1.org/00/095212340000000105'
const caseB = 'https://id.gs1.org/00/095212340000000204'
const giai = 'https://id.gs1.org/8004/9521234LOG1'

const profile = {
  rangeC: { min: 2, max: 8 },
  rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
  loggingIntervalSeconds: 300,
}

const pack = (time: number, parentID: string, childEPCs: string[], action = 'ADD') =>
  epcisEvent('AggregationEvent', time, {
    action,
    parentID,
    childEPCs,
    bizStep: action === 'ADD' ? 'packing' : 'unpacking',
  })
const mount = (time: number) =>
  epcisEvent('AssociationEvent', time, { action: 'ADD', parentID: pallet, childEPCs: [giai] })

/** 5 °C, and 10 °C from 10:00 until 10:40, every 5 minutes from 09:00 to 12:00. */
function readings(): { time: number; temperature: number }[] {
  const rows = []
  for (let time = at('09:00'); time <= at('12:00'); time += 5 * minute)
    rows.push({ time, temperature: time >= at('10:00') && time < at('10:40') ? 10 : 5 })
  return rows
}

const packing = [
  pack(at('08:00'), caseA, [unit('A1'), unit('A2')]),
  pack(at('08:01'), caseB, [unit('B1')]),
  pack(at('08:10'), pallet, [caseA, caseB]),
  mount(at('08:20')),
]
const takenOff = pack(at('10:07'), pallet, [caseB], 'DELETE')

let pipeline: Pipeline
let tenants = 0
beforeAll(async () => {
  pipeline = await openPipeline()
})
afterAll(() => pipeline.close())

async function newTenant(): Promise<string> {
  const tenant = `t${++tenants}`
  await pipeline.addProduct(tenant, gtin, profile)
  await pipeline.addDevice(tenant, `${tenant}-logger`, { giai, loggingIntervalMs: 5 * minute })
  return tenant
}

const caseOfRecord = {
  alert: {
    rule: 'heat',
    container: pallet,
    from: at('10:00'),
    to: at('10:40'),
    minutes: 40,
    peakC: 10,
    verdict: 'out',
    status: 'open',
    serialCount: 3,
  },
  serials: {
    [unit('A1')]: { from: at('10:00'), to: at('10:40'), minutes: 40, peakC: 10, verdict: 'out' },
    [unit('A2')]: { from: at('10:00'), to: at('10:40'), minutes: 40, peakC: 10, verdict: 'out' },
    [unit('B1')]: { from: at('10:00'), to: at('10:07'), minutes: 7, peakC: 10, verdict: 'in' },
  },
}

describe('the case of record', () => {
  it('gives 40 minutes and out to what stayed, 7 minutes and in to what was taken off at 10:07', async () => {
    const tenant = await newTenant()
    const device = `${tenant}-logger`
    await pipeline.keep([captureEnvelope(tenant, packing, at('08:30'))])
    for (const reading of readings().filter(({ time }) => time < at('10:07')))
      await pipeline.keep([
        readingsEnvelope(tenant, device, { readings: [reading], recordTime: reading.time }),
      ])
    await pipeline.keep([captureEnvelope(tenant, [takenOff], at('10:07'))])
    for (const reading of readings().filter(({ time }) => time > at('10:07'))) {
      await pipeline.keep([
        readingsEnvelope(tenant, device, { readings: [reading], recordTime: reading.time }),
      ])
      await pipeline.settle()
    }
    expect(await pipeline.alerts(tenant)).toMatchObject([caseOfRecord])
  })

  it('gives the same when everything came 20 hours late, backwards and twice', async () => {
    const tenant = await newTenant()
    const device = `${tenant}-logger`
    const late = at('12:00') + 20 * 60 * minute
    const backwards = readings().toReversed()
    for (const reading of backwards)
      await pipeline.keep([
        readingsEnvelope(tenant, device, { readings: [reading, reading], recordTime: late }),
      ])
    await pipeline.settle()
    expect(await pipeline.alerts(tenant)).toEqual([])
    for (const event of [takenOff, ...packing.toReversed()]) {
      await pipeline.keep([
        captureEnvelope(tenant, [event], late),
        captureEnvelope(tenant, [event], late),
      ])
      await pipeline.settle()
    }
    expect(await pipeline.alerts(tenant)).toMatchObject([caseOfRecord])
  })

  it('restates the alert as a new revision when the taking-off is reported late, and keeps the old one', async () => {
    const tenant = await newTenant()
    const device = `${tenant}-logger`
    await pipeline.keep([captureEnvelope(tenant, packing, at('08:30'))])
    for (const reading of readings())
      await pipeline.keep([
        readingsEnvelope(tenant, device, { readings: [reading], recordTime: reading.time }),
      ])
    await pipeline.settle()
    const [before] = await pipeline.alerts(tenant)
    expect(before).toMatchObject({
      alert: { revision: 1 },
      serials: { [unit('B1')]: { minutes: 40, verdict: 'out' } },
    })
    await pipeline.keep([captureEnvelope(tenant, [takenOff], at('12:30'))])
    await pipeline.settle()
    const [after] = await pipeline.alerts(tenant)
    expect(after).toMatchObject({
      ...caseOfRecord,
      alert: { ...caseOfRecord.alert, id: before!.alert.id, revision: 2 },
    })
  })
})

it('raises the alert while the breach is still going on, without an end', async () => {
  const tenant = await newTenant()
  const device = `${tenant}-logger`
  await pipeline.keep([captureEnvelope(tenant, packing, at('08:30'))])
  await pipeline.settle()
  const raisedAt: number[] = []
  for (const reading of readings().filter(({ time }) => time <= at('10:35'))) {
    await pipeline.keep([
      readingsEnvelope(tenant, device, { readings: [reading], recordTime: reading.time }),
    ])
    await pipeline.settle()
    if ((await pipeline.alerts(tenant)).length > 0) raisedAt.push(reading.time)
  }
  expect(raisedAt[0]).toBe(at('10:30'))
  expect(await pipeline.alerts(tenant)).toMatchObject([
    {
      alert: { from: at('10:00'), to: null, minutes: 35, revision: 1 },
      serials: { [unit('A1')]: { to: null, minutes: 35 } },
    },
  ])
})

it('retracts an alert that late readings disprove, and says so', async () => {
  const tenant = await newTenant()
  const device = `${tenant}-logger`
  await pipeline.keep([captureEnvelope(tenant, packing, at('08:30'))])
  const held = readings().filter(({ time }) => time === at('10:15') || time === at('10:20'))
  const sent = readings().filter((reading) => !held.some(({ time }) => time === reading.time))
  await pipeline.keep([
    readingsEnvelope(tenant, device, { readings: sent, recordTime: at('12:00') }),
  ])
  await pipeline.settle()
  // 10:10 stands until 10:22:30, so 22.5 + 15 known minutes and 2.5 unknown: the allowance may be
  // used up.
  expect(await pipeline.alerts(tenant)).toMatchObject([{ alert: { verdict: 'indeterminate' } }])
  const cool = held.map(({ time }) => ({ time, temperature: 5 }))
  await pipeline.keep([
    readingsEnvelope(tenant, device, { readings: cool, recordTime: at('13:00') }),
  ])
  await pipeline.settle()
  expect(await pipeline.alerts(tenant)).toEqual([])
  expect(pipeline.changes.filter((change) => change.tenant === tenant).at(-1)).toMatchObject({
    change: 'retracted',
    alert: { status: 'retracted', revision: 2 },
  })
})
