import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Possession } from '../store/ledger/told.ts'
import type { UnitFact } from '../trace/facts.ts'
import { holderOf } from '../trace/recall/holders.ts'
import { type Api, bodyOf, commission, documentOf, openApi, unit } from './api-app.ts'

const party = (gln: string): string => `https://id.gs1.org/417/${gln}`
const [gln1, gln2, gln3] = ['9521234000013', '9521234000020', '9521234000037'] as const
const [A, B, C] = ['a', 'b', 'c'] as const
let time = 0
const fact = (bizStep: string, tells: { place?: string } & Partial<Possession> = {}): UnitFact => {
  const { place, ...possession } = tells
  const eventTime = ++time
  const said = { type: 'ObjectEvent', action: 'OBSERVE', eventTime, eventID: `e${time}` } as const
  const event = {
    ...{ ...said, id: time, bizStep, disposition: null, readPoint: place ?? null },
    ...{ bizLocation: null, persistent: undefined },
    possession: { from: undefined, to: undefined, ...possession },
  }
  const common = { ...said, bizStep, role: 'object', inherited: false, via: undefined } as const
  return { ...common, event, ...(place !== undefined && { place }) }
}

describe('who has a unit', () => {
  it.each([
    ['nobody knows, when nothing tells', [fact('inspecting')], undefined],
    ['whoever has the place, when no party is told', [fact('storing', { place: A })], A],
    [
      'whoever has the part of a place',
      [fact('storing', { place: 'https://id.gs1.org/414/9521234000013/254/7' })],
      'https://id.gs1.org/414/9521234000013',
    ],
    ['the one it is shipped to', [fact('shipping', { place: A, from: A, to: B })], B],
    ['the sender, when it is not told to whom', [fact('shipping', { from: C, place: A })], C],
    [
      'the one it was shipped to, once it is received without a name',
      [fact('shipping', { to: B, place: A }), fact('receiving', { place: C })],
      B,
    ],
    [
      'the one who received it',
      [fact('shipping', { to: B, place: A }), fact('receiving', { to: C, from: A })],
      C,
    ],
    [
      'the same after it was put elsewhere',
      [fact('receiving', { to: B }), fact('storing', { place: C })],
      B,
    ],
    [
      'the place, when it was shipped on and nobody was named',
      [fact('receiving', { to: B, place: A }), fact('shipping', { place: C })],
      C,
    ],
    [
      'the place, when it was received again and nobody was named',
      [fact('receiving', { to: B, place: A }), fact('receiving', { place: C })],
      C,
    ],
    [
      'the one before, when the shipment was void',
      [fact('receiving', { to: A }), fact('shipping', { to: B }), fact('void_shipping')],
      A,
    ],
  ])('%s', (_, facts, wanted) => {
    expect(holderOf(facts)).toBe(wanted)
  })

  it('is asked as of a time', () => {
    const facts = [fact('receiving', { to: A }), fact('shipping', { to: B })]
    expect(holderOf(facts, facts[0]!.eventTime)).toBe(A)
    expect(holderOf(facts, facts[0]!.eventTime - 1)).toBeUndefined()
  })
})

describe('the holders of a recall', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  it('are the parties that events name in any vocabulary, also for what is inside', async () => {
    const common = { eventTimeZoneOffset: '+00:00', type: 'ObjectEvent', action: 'OBSERVE' }
    const box = 'https://id.gs1.org/00/106141412345678908'
    const shipped = (epcs: string[], eventTime: string, to: { type: string; id: string }) => ({
      ...{ ...common, epcList: epcs, eventTime, bizStep: 'shipping', disposition: 'in_transit' },
      readPoint: { id: 'https://id.gs1.org/414/9521234000013' },
      destinationList: [{ type: to.type, destination: to.id }],
    })
    const urn = 'urn:epcglobal:cbv:sdt:possessing_party'
    const answer = await api.ask('POST', '/epcis/capture', {
      body: documentOf(
        commission(['H1', 'H2', 'H3', 'H4'], 'LH'),
        {
          ...{ ...common, type: 'AggregationEvent', action: 'ADD', bizStep: 'packing' },
          ...{ eventTime: '2026-03-01T09:00:00Z', parentID: box, childEPCs: [unit('H1')] },
        },
        shipped([box], '2026-03-01T10:00:00Z', { type: 'possessing_party', id: party(gln1) }),
        shipped([unit('H2')], '2026-03-01T10:00:00Z', {
          ...{ type: urn, id: 'urn:epc:id:pgln:9521234.00002' },
        }),
        {
          ...{ ...common, epcList: [unit('H3')], bizStep: 'receiving' },
          ...{ eventTime: '2026-03-01T10:00:00Z' },
          destinationList: [{ type: 'possessing_party', destination: party(gln3) }],
        },
      ),
    })
    expect([answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([202, ''])
    await api.settled()
    const body = {
      ...{ name: 'R', reason: 'x', drill: true },
      criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['LH'] }] },
    }
    const made = await bodyOf<{ id: string; units: Record<string, number> }>(
      await api.ask('POST', '/api/v1/recalls', { body }),
    )
    expect(made.units).toMatchObject({ inTransit: 2, located: 1, unknown: 1 })
    const path = `/api/v1/recalls/${made.id}`
    const { items } = await api.json('GET', `${path}/holders`)
    const parties = [gln1, gln2, gln3].map(party)
    expect(items.map(({ holder, units }) => [holder, units])).toEqual(
      [...parties, 'unknown'].map((holder) => [holder, 1]),
    )
    const serials = await api.json('GET', `${path}/serials`)
    expect(serials.items.map(({ holder }) => holder)).toEqual([...parties, 'unknown'])
  })
})
