// Cases over the real API: scans and events go in as strangers send them, and those who were marked
// are looked at as a running server does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { investigate } from '../analytics/cases/investigate.ts'
import { storiesOf } from '../trace/stories.ts'
import { type Api, openApi } from './api-app.ts'
import { epcisEvent } from './pipeline.ts'

const gtin = '09521234543213'
const unit = (serial: string): string => `https://id.gs1.org/01/${gtin}/21/${serial}`
const now = Date.UTC(2026, 4, 20, 18)
const at = (hour: number, minute = 0): number => Date.UTC(2026, 4, 20, hour, minute)
const iso = (time: number): string => new Date(time).toISOString()

let api: Api

beforeAll(async () => {
  api = await openApi({ now: () => now })
  const ilmd = { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': '2027-05-31' }
  const epcList = ['A1', 'A2', 'A3', 'A4'].map(unit)
  await capture([
    epcisEvent('ObjectEvent', at(1), {
      ...{ action: 'ADD', bizStep: 'commissioning', disposition: 'active', epcList, ilmd },
    }),
  ])
})
afterAll(async () => {
  expect(api.reported).toEqual([])
  await api.close()
})

async function told<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.ask(method, path, { ...(body !== undefined && { body }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text === '' ? 'null' : text)
}

const capture = (events: unknown[]) =>
  told('POST', '/epcis/capture', {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: iso(now) },
    epcisBody: { eventList: events },
  })

const scan = (serial: string, session: string, of: { place: string; time: number; lot?: string }) =>
  told('POST', '/api/v1/scans', {
    ...{ session, place: of.place },
    scans: [
      { text: unit(serial).replace('/21/', `/10/${of.lot ?? 'L1'}/21/`), time: iso(of.time) },
    ],
  })

interface CaseSaid {
  id: string
  kind: string
  status: string
  detectors: string[]
  serialCount: number
  serialSetHash: string
  revision: number
  logOdds: number
}

const cases = async (status = 'open'): Promise<CaseSaid[]> => {
  await api.settled()
  const { ledger, series } = api.deps
  await investigate({ ledger, series, stories: storiesOf, now: () => now })
  return (await told<{ items: CaseSaid[] }>('GET', `/api/v1/cases?status=${status}`)).items
}

describe('cases', () => {
  it('are not opened for one shopper who looks five times in ten minutes', async () => {
    for (let n = 0; n < 5; n++) await scan('A1', 'shopper', { place: 'PT', time: at(9, 2 * n) })
    expect(await cases('all')).toEqual([])
  })

  it('are opened for one serial in Lisbon at 09:00 and in Warsaw at 09:40, and explained', async () => {
    await scan('A2', 'phone-in-lisbon', { place: 'eyck', time: at(9) })
    await scan('A2', 'phone-in-warsaw', { place: 'u3qc', time: at(9, 40) })
    const [found, ...others] = await cases()
    expect(others).toEqual([])
    expect(found).toMatchObject({ kind: 'clone', status: 'open', serialCount: 1 })
    expect(found!.detectors.sort()).toEqual(['duplicate-scan', 'impossible-travel'])
    const whole = await told<{ evidence: { words: string }[] }>('GET', `/api/v1/cases/${found!.id}`)
    expect(whole.evidence[0]!.words).toMatch(/at least 27\d\d km apart/)
    const { items } = await told<{ items: unknown[] }>('GET', `/api/v1/cases/${found!.id}/serials`)
    expect(items).toEqual([{ epc: unit('A2') }])
  })

  it('stay one and the same when the same scans come again', async () => {
    const [before] = await cases()
    await scan('A2', 'phone-in-warsaw', { place: 'u3qc', time: at(9, 40) })
    await scan('A2', 'phone-in-lisbon', { place: 'eyck', time: at(9) })
    const after = await cases('all')
    expect(after).toHaveLength(1)
    expect(after[0]!.id).toBe(before!.id)
    expect(after[0]!.serialSetHash).toBe(before!.serialSetHash)
  })

  it('are not opened when the phone’s clock is a day off, for then nobody knows when it was', async () => {
    await scan('A3', 'first', { place: 'PT', time: at(17) })
    await scan('A3', 'clock-off', { place: 'PL', time: at(17, 10) - 24 * 3_600_000 })
    expect(await cases()).toHaveLength(1)
  })

  it('are not opened on one signal alone: one label with another lot', async () => {
    await scan('A4', 'one', { place: 'PT', time: at(10), lot: 'L9' })
    expect(await cases()).toHaveLength(1)
  })

  it('take a reviewer’s verdict, which needs a reason and the revision that stands', async () => {
    const [found] = await cases()
    const path = `/api/v1/cases/${found!.id}/verdict`
    const stale = await api.ask('POST', path, {
      body: { verdict: 'confirmed', reason: 'label looks wrong', revision: found!.revision + 7 },
    })
    expect(stale.status).toBe(409)
    const bare = await api.ask('POST', path, { body: { verdict: 'confirmed', reason: ' ' } })
    expect(bare.status).toBe(400)
    const whole = await told('POST', path, { verdict: 'confirmed', reason: 'seen in both' })
    expect(whole).toMatchObject({ status: 'confirmed', verdicts: [{ verdict: 'confirmed' }] })
    expect(await cases()).toEqual([])
  })
})
