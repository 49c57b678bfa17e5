// The trips of a returnable asset, against a walk through the moments, whatever order its events
// came in; and what the API says of one.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cyclesOf } from '../trace/cycles.ts'
import { type Api, documentOf, openApi } from './api-app.ts'
import { worldsOf } from './depth.ts'
import { captureEnvelope, epcisEvent, openPipeline, type Pipeline } from './pipeline.ts'
import { type Stack, stacks } from './stacks.ts'

const start = Date.UTC(2026, 2, 1)
const at = (hour: number): number => start + hour * 3_600_000
const crate = 'https://id.gs1.org/8003/09506000134307CRATE1'
const box = 'https://id.gs1.org/00/106141411234567897'
const unit = (n: number): string => `https://id.gs1.org/01/09506000134352/21/U${n}`
const logger = 'https://id.gs1.org/8004/9506000134301'
const things = [unit(0), unit(1), unit(2), box]

/** Nothing named: everything out. */
interface Act {
  hour: number
  action: 'ADD' | 'DELETE'
  parent: string
  children: string[]
}

const last = 10
const actArbitrary: fc.Arbitrary<Act> = fc
  .record({
    hour: fc.nat(last),
    action: fc.constantFrom('ADD', 'ADD', 'DELETE'),
    parent: fc.constantFrom(crate, crate, box),
    children: fc.uniqueArray(fc.constantFrom(...things), { maxLength: 3 }),
  })
  .map((act) => ({ ...act, children: act.children.filter((child) => child !== act.parent) }))
  .filter(({ action, children }) => action === 'DELETE' || children.length > 0)
const actsArbitrary = fc.array(actArbitrary, { minLength: 1, maxLength: 12 })

interface Trip {
  from: number
  to: number
  children: number
  units: number
}

/** At one moment leaving comes before entering; then the id decides (domain/hierarchy.ts). */
function walk(acts: readonly Act[]): Trip[] {
  const inside = new Map<string, string>()
  const trips: { from: number; to: number; children: Set<string>; units: Set<string> }[] = []
  const held = (parent: string): string[] => things.filter((thing) => inside.get(thing) === parent)
  for (let hour = 0; hour <= last; hour++) {
    const stayed = new Set(held(crate))
    const now = acts.map((act, id) => ({ ...act, id })).filter((act) => act.hour === hour)
    for (const { parent, children } of now.filter(({ action }) => action === 'DELETE'))
      for (const child of children.length > 0 ? children : held(parent))
        if (inside.get(child) === parent) {
          inside.delete(child)
          stayed.delete(child)
        }
    for (const { parent, children } of now.filter(({ action }) => action === 'ADD'))
      for (const child of children) {
        if (inside.get(child) === parent) continue
        inside.set(child, parent)
        stayed.delete(child)
      }
    const open = trips.find(({ to }) => to === Infinity)
    if (open && stayed.size === 0) open.to = at(hour)
    const there = held(crate)
    if (there.length === 0) continue
    if (!open || stayed.size === 0)
      trips.push({ from: at(hour), to: Infinity, children: new Set(), units: new Set() })
    const trip = trips.at(-1)!
    for (const child of there) {
      trip.children.add(child)
      for (const deep of [child, ...held(child)]) if (deep !== box) trip.units.add(deep)
    }
  }
  return trips.map(({ from, to, children, units }) => {
    return { from, to, children: children.size, units: units.size }
  })
}

const eventOf = ({ hour, action, parent, children }: Act, index: number) =>
  epcisEvent('AggregationEvent', at(hour), {
    ...{ action, parentID: parent, childEPCs: children },
    eventID: `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  })

for (const stack of stacks)
  describe.skipIf(stack.missing)(`cycles on ${stack.name}`, () => {
    let running: Awaited<ReturnType<Stack['start']>>
    let pipeline: Pipeline
    let tenants = 0
    beforeAll(async () => {
      running = await stack.start()
      pipeline = await openPipeline(undefined, await running.open())
    }, 60_000)
    afterAll(async () => {
      await pipeline.close()
      await running.stop()
    })

    const played = async (acts: readonly Act[], order: readonly number[]): Promise<Trip[]> => {
      const tenant = `c${++tenants}`
      const envelopes = acts
        .map((act, index) => ({
          envelope: captureEnvelope(tenant, [eventOf(act, index)], at(100)),
          key: (order[index % order.length]! * (index + 7)) % 10_007,
        }))
        .sort((a, b) => a.key - b.key)
        .map(({ envelope }) => envelope)
      await pipeline.keep(envelopes)
      while (await pipeline.step('capture', 100)) {}
      const trips: Trip[] = []
      for (let after: number | undefined; ; after = trips.at(-1)!.from) {
        const page = await cyclesOf(pipeline.ledger.db, tenant, { asset: crate, after, limit: 2 })
        for (const { number, from, to, children, units } of page ?? []) {
          trips.push({ from, to, children, units })
          expect(number).toBe(trips.length)
        }
        if ((page ?? []).length < 2) return trips
      }
    }

    const numRuns = worldsOf(stack === stacks[0] ? 40 : 6)
    it('are those of a walk through the moments, in any order of events', () =>
      fc.assert(
        fc.asyncProperty(
          actsArbitrary,
          fc.array(fc.nat(10_000), { minLength: 1, maxLength: 12 }),
          async (acts, order) => {
            expect(await played(acts, order)).toEqual(walk(acts))
          },
        ),
        { numRuns },
      ))
  })

describe('GET /units/{epc}/cycles', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  it('tells the trips of a crate with what was in it and where it was seen', async () => {
    const place = (n: number) => ({ id: `https://id.gs1.org/414/950600013437${n}` })
    const seen = (hour: number, n: number, more: object) =>
      epcisEvent('ObjectEvent', at(hour), {
        ...{ action: 'OBSERVE', epcList: [crate], readPoint: place(n), ...more },
      })
    const filled = (hour: number, action: string, childEPCs: string[], more: object = {}) =>
      epcisEvent('AggregationEvent', at(hour), { action, parentID: crate, childEPCs, ...more })
    const events = [
      epcisEvent('AssociationEvent', at(0), {
        ...{ action: 'ADD', parentID: crate, childEPCs: [logger] },
      }),
      filled(1, 'ADD', [unit(0), box], { bizLocation: place(6) }),
      epcisEvent('AggregationEvent', at(0), {
        ...{ action: 'ADD', parentID: box, childEPCs: [unit(1), unit(2)] },
      }),
      seen(2, 6, { bizStep: 'shipping' }),
      seen(3, 6, { bizStep: 'departing' }),
      filled(4, 'DELETE', [], { bizLocation: place(6) }),
      seen(5, 6, { bizStep: 'receiving' }),
      filled(6, 'ADD', [unit(0)]),
    ]
    const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
    expect(answer.status).toBe(202)
    await api.settled()
    const path = `/api/v1/units/${encodeURIComponent(crate)}/cycles`
    const first = await api.json('GET', `${path}?limit=1`)
    const stop = { readPoint: null, bizLocation: null }
    const gate = place(6).id
    expect(first.items).toEqual([
      {
        ...{ number: 1, from: '2026-03-01T01:00:00Z', to: '2026-03-01T04:00:00Z' },
        ...{ emptied: true, children: 2, units: 3, complete: true },
        places: [
          { ...stop, bizLocation: gate, since: '2026-03-01T01:00:00Z' },
          { ...stop, readPoint: gate, since: '2026-03-01T02:00:00Z' },
          { ...stop, bizLocation: gate, since: '2026-03-01T04:00:00Z' },
        ],
      },
    ])
    const second = await api.json('GET', `${path}?cursor=${first.next}`)
    expect(second).toMatchObject({ items: [{ number: 2, to: null, emptied: false }], next: null })
    expect((await api.json('GET', `${path}?limit=1000`)).status).toBe(400)
  })

  it('tells none of an asset that was never filled, and not of one that nobody named', async () => {
    const path = `/api/v1/units/${encodeURIComponent(logger)}/cycles`
    expect(await api.json('GET', path)).toEqual({ items: [], next: null })
    const other = encodeURIComponent(crate.replace('CRATE1', 'CRATE2'))
    expect((await api.ask('GET', `/api/v1/units/${other}/cycles`)).status).toBe(404)
  })
})
