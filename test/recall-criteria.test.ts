// Conditions on what is recorded beside events: suppliers and expiry dates of lots, and what alerts
// say that units went through. Asked over HTTP.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, commission, documentOf, openApi, unit } from './api-app.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'

const gtin = '09521234543213'

async function start(api: Api, ...allOf: object[]): Promise<{ id: string; serialCount: number }> {
  const body = { name: 'R', reason: 'x', drill: true, criteria: { version: 1, allOf } }
  return api.json('POST', '/api/v1/recalls', { body })
}

async function serialsOf(api: Api, { id }: { id: string }): Promise<unknown[]> {
  const { items } = await api.json('GET', `/api/v1/recalls/${id}/serials`)
  return items.map(({ epc }) => epc)
}

describe('by what is told of lots', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
    const dated = (serials: string[], lot: string, date: string) => ({
      ...commission(serials, lot),
      ilmd: { 'cbvmda:lotNumber': lot, 'cbvmda:itemExpirationDate': date },
    })
    const events = [
      commission(['A1', 'A2'], 'LA'),
      commission(['B1'], 'LB'),
      dated(['C1'], 'LC', '2027-03-31'),
      // Of one lot, and printed with another date.
      dated(['A3'], 'LA', '2028-01-01'),
    ]
    await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
    await api.settled()
    const tell = (lot: string, body: object) =>
      api.json('PUT', `/api/v1/lots/${gtin}/${lot}`, { body })
    await tell('LA', { supplier: 'ACME', expiry: '2027-06-30' })
    await tell('LB', { supplier: 'Bolt', expiry: '2027-01-31' })
    await tell('LC', { supplier: 'ACME', expiry: '2029-01-01' })
  })
  afterAll(() => api.close())
  const found = async (...allOf: object[]) => serialsOf(api, await start(api, ...allOf))

  it('a supplier means all units of its lots, and only as the record stands', async () => {
    const acme = { field: 'supplier', anyOf: ['ACME'] }
    expect(await found(acme)).toEqual(['A1', 'A2', 'A3', 'C1'].map(unit))
    expect(await found(acme, { field: 'lot', anyOf: ['LC', 'LB'] })).toEqual([unit('C1')])
    expect(await found({ field: 'supplier', anyOf: ['nobody', 'Bolt'] })).toEqual([unit('B1')])
    const recall = await start(api, acme)
    const body = { supplier: 'Other', expiry: '2027-06-30' }
    await api.json('PUT', `/api/v1/lots/${gtin}/LA`, { body })
    await api.json('POST', `/api/v1/recalls/${recall.id}/evaluate`)
    expect(await serialsOf(api, recall)).toEqual([unit('C1')])
  })

  it('an expiry date is the one the unit was made with, else that of its lot; both ends count', async () => {
    const by = (from?: string, to?: string) =>
      found({ field: 'expiry', ...(from && { from }), ...(to && { to }) })
    expect(await by(undefined, '2027-01-31')).toEqual([unit('B1')])
    expect(await by(undefined, '2027-01-30')).toEqual([])
    expect(await by('2027-03-31', '2027-06-30')).toEqual(['A1', 'A2', 'C1'].map(unit))
    expect(await by('2027-04-01')).toEqual(['A1', 'A2', 'A3'].map(unit))
  })
})

describe('by what units went through', () => {
  const pallet = 'https://id.gs1.org/00/095212340000000013'
  const cases = ['0105', '0204'].map((end) => `https://id.gs1.org/00/09521234000000${end}`)
  const giai = 'https://id.gs1.org/8004/9521234LOG1'
  const at = (clock: string): number => Date.parse(`2026-03-02T${clock}:00Z`)
  const minute = 60_000
  let pipeline: Pipeline
  let api: Api
  const warm = (time: number) => ({ time, temperature: 10 })
  const send = async (readings: { time: number; temperature: number }[]): Promise<void> => {
    await pipeline.keep([
      readingsEnvelope('default', 'logger', { readings, recordTime: at('13:00') }),
    ])
    await pipeline.settle()
  }
  beforeAll(async () => {
    pipeline = await openPipeline()
    api = await openApi({ ledger: pipeline.ledger })
    await pipeline.addProduct('default', gtin, {
      rangeC: { min: 2, max: 8 },
      rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
      loggingIntervalSeconds: 300,
    })
    await pipeline.addDevice('default', 'logger', { giai, loggingIntervalMs: 5 * minute })
    const pack = (clock: string, parentID: string, childEPCs: string[], action = 'ADD') =>
      epcisEvent('AggregationEvent', at(clock), { action, parentID, childEPCs })
    const events = [
      commission(['A1', 'A2', 'B1'], 'LA', '2026-03-02T07:00:00Z'),
      pack('08:00', cases[0]!, [unit('A1'), unit('A2')]),
      pack('08:01', cases[1]!, [unit('B1')]),
      pack('08:10', pallet, cases),
      epcisEvent('AssociationEvent', at('08:20'), {
        ...{ action: 'ADD', parentID: pallet, childEPCs: [giai] },
      }),
      pack('10:07', pallet, [cases[1]!], 'DELETE'),
    ]
    await pipeline.keep([captureEnvelope('default', events, at('12:00'))])
    const readings = Array.from({ length: 37 }, (_, n) => {
      const time = at('09:00') + n * 5 * minute
      return time >= at('10:00') && time < at('10:40') ? warm(time) : { time, temperature: 5 }
    })
    await send(readings)
  })
  afterAll(async () => {
    await api.close()
    await pipeline.close()
  })
  const found = async (condition: object) =>
    serialsOf(api, await start(api, { field: 'condition', ...condition }))

  it('minutes, verdict, rule and product of an alert are asked of each unit, not of the alert', async () => {
    const [{ alert, serials }] = (await pipeline.alerts('default')) as [
      Awaited<ReturnType<Pipeline['alerts']>>[number],
    ]
    expect(Object.values(serials).map(({ minutes }) => minutes)).toEqual([40, 40, 7])
    const all = ['A1', 'A2', 'B1'].map(unit)
    expect(await found({})).toEqual(all)
    expect(await found({ alerts: [alert.id], rule: 'heat', gtin })).toEqual(all)
    expect(await found({ minutesMin: 7 })).toEqual(all)
    expect(await found({ minutesMin: 8 })).toEqual(all.slice(0, 2))
    expect(await found({ verdicts: ['out'] })).toEqual(
      all.filter((epc) => serials[epc]!.verdict === 'out'),
    )
    expect(await found({ verdicts: ['indeterminate'] })).toEqual([])
    expect(await found({ rule: 'cold' })).toEqual([])
    expect(await found({ gtin: '09506000134352' })).toEqual([])
    expect(await found({ alerts: ['none'] })).toEqual([])
  })

  it('an alert that another took the place of means that one', async () => {
    const [{ alert }] = (await pipeline.alerts('default')) as [
      Awaited<ReturnType<Pipeline['alerts']>>[number],
    ]
    const recall = await start(api, { field: 'condition', alerts: [alert.id], minutesMin: 41 })
    expect(recall.serialCount).toBe(0)
    // The breach began before, as a late reading tells.
    await send([warm(at('09:57'))])
    const [{ alert: now }] = (await pipeline.alerts('default')) as [
      Awaited<ReturnType<Pipeline['alerts']>>[number],
    ]
    expect([now.id === alert.id, now.minutes]).toEqual([false, 43])
    await api.json('POST', `/api/v1/recalls/${recall.id}/evaluate`)
    expect(await serialsOf(api, recall)).toEqual(['A1', 'A2'].map(unit))
  })
})
