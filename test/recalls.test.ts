import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp } from '../api/app.ts'
import { checkDigit } from '../domain/gs1/gs1.ts'
import { keepRecalls } from '../recalling.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import { recallsOf } from '../store/ledger/recalled.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import type { RecallChange } from '../trace/recall/recalls.ts'
import {
  type Api,
  adminToken,
  commission,
  documentOf,
  gtin,
  openApi,
  pack,
  unit,
} from './api-app.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

let api: Api

const capture = async (...events: object[]): Promise<void> => {
  const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
  expect([answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([202, ''])
  await api.settled()
}
const place = (n: number): string => {
  const body = `95212340000${n}`
  return `https://id.gs1.org/414/${body}${checkDigit(body)}`
}
const crate = `https://id.gs1.org/00/09521234567890123${checkDigit('09521234567890123')}`
const common = { eventTimeZoneOffset: '+00:00' }
const object = (epcs: string[], eventTime: string, more: object) => ({
  ...{ ...common, type: 'ObjectEvent', action: 'OBSERVE', eventTime, epcList: epcs },
  ...more,
})
const serialsOf = async (id: string, query = ''): Promise<string[]> => {
  const answer = await api.ask('GET', `/api/v1/recalls/${id}/serials${query}`, {
    headers: { Accept: 'application/x-ndjson' },
  })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { epc: string }).epc)
}
interface Recall {
  id: string
  revision: number
  serialCount: number
  serialSetHash: string
  drill: boolean
  status: string
  units: Record<string, number>
  spared: Record<string, number>
  steps: { step: string; ms: number }[]
  errors?: unknown
}
const start = (allOf: object[], more: object = {}): Promise<Recall> =>
  api.json<Recall>('POST', '/api/v1/recalls', {
    body: { name: 'R', reason: 'test', criteria: { version: 1, allOf }, ...more },
  })
const unitPath = (epc: string): string => `/api/v1/units/${encodeURIComponent(epc)}`
interface UnitAnswer {
  state: string
  status: string
  parents: string[]
  place: { bizLocation: string | null; via: string | null } | null
  recalls: { drill: boolean }[]
}

const postgresHere = postgresPath === undefined ? [] : ['PostgreSQL']
if (postgresHere.length === 0) console.warn('skipped: recalls on PostgreSQL, which is not here')

describe.each(['SQLite', ...postgresHere])('on %s', (database) => {
  let postgres: Postgres | undefined
  let ledger: Ledger | undefined
  beforeAll(async () => {
    if (database === 'PostgreSQL') {
      postgres = await startPostgres()
      ledger = await openPostgresLedger({ url: await postgres.createLedger() })
    }
    api = await openApi(ledger ? { ledger } : {})
  })
  afterAll(async () => {
    await api.close()
    await ledger?.close()
    await postgres?.stop()
  })

  describe('a unit', () => {
    it('takes what befalls its container while it is inside, and only then', async () => {
      const box = 'https://id.gs1.org/00/106141412345678908'
      await capture(
        commission(['A1', 'A2'], 'LA'),
        pack(['A1', 'A2']),
        object([box], '2026-03-01T10:00:00Z', { bizStep: 'shipping', disposition: 'in_transit' }),
        {
          ...{ ...common, type: 'AggregationEvent', action: 'DELETE', bizStep: 'unpacking' },
          ...{ eventTime: '2026-03-01T11:00:00Z', parentID: box, childEPCs: [unit('A2')] },
          readPoint: { id: place(1) },
        },
        object([box], '2026-03-01T12:00:00Z', {
          ...{ bizStep: 'receiving', disposition: 'in_progress', bizLocation: { id: place(2) } },
        }),
      )
      const inside = await api.json<UnitAnswer>('GET', unitPath(unit('A1')))
      expect([inside.status, inside.place!.bizLocation, inside.place!.via]).toEqual([
        'available',
        place(2),
        box,
      ])
      const out = await api.json<UnitAnswer>('GET', unitPath(unit('A2')))
      expect([out.status, out.parents, out.place!.bizLocation]).toEqual(['in_transit', [], null])
      const before = '?at=2026-03-01T09:30:00Z'
      const past = await api.json<UnitAnswer>('GET', unitPath(unit('A2')) + before)
      expect([past.status, past.parents]).toEqual(['commissioned', [box]])
      const { items } = await api.json('GET', `${unitPath(unit('A1'))}/events`)
      expect(items.map(({ bizStep, via }) => [bizStep, via])).toEqual([
        ['commissioning', null],
        ['packing', null],
        ['shipping', box],
        // What else is taken out concerns the unit in no way but that it was there.
        ['unpacking', box],
        ['receiving', box],
      ])
      const first = await api.json(
        'GET',
        `${unitPath(box)}/content?limit=1&at=2026-03-01T10:00:00Z`,
      )
      expect(first.items).toHaveLength(1)
      const second = await api.json('GET', `${unitPath(box)}/content?limit=1&cursor=${first.next}`)
      expect([first, second].flatMap(({ items: [row] }) => row!.epc).sort()).toEqual([
        unit('A1'),
        unit('A2'),
      ])
      expect(second.next).toBeNull()
    })

    it('is traced through transformations, forward and back, also those told in parts', async () => {
      const made = (inputs: string[], outputs: string[], more: object = {}) => ({
        ...{ ...common, type: 'TransformationEvent', eventTime: '2026-03-01T12:00:00Z' },
        ...{ inputEPCList: inputs, outputEPCList: outputs, ...more },
      })
      const whole = `https://id.gs1.org/01/${gtin}/10/LB`
      await capture(
        commission(['B1', 'B2'], 'LB'),
        made([unit('B1')], [], { transformationID: 'urn:x:t1' }),
        made([], [unit('B3')], { transformationID: 'urn:x:t1' }),
        made([unit('B3')], [unit('B4'), unit('B1')]),
        made([], [unit('B5')], { inputQuantityList: [{ epcClass: whole, quantity: 1 }] }),
      )
      const ask = (epc: string, query: string) =>
        api.json<{
          nodes: { epc: string; depth: number }[]
          edges: { to: string; kind: string }[]
          complete: boolean
        }>('GET', `${unitPath(epc)}/trace${query}`)
      const forward = await ask(unit('B1'), '?direction=forward')
      expect(forward.nodes.map(({ epc, depth }) => [epc, depth])).toEqual(
        expect.arrayContaining([
          [unit('B1'), 0],
          [unit('B3'), 1],
          [unit('B4'), 2],
          [unit('B5'), 1],
        ]),
      )
      expect(forward.edges.find(({ to }) => to === unit('B5'))!.kind).toBe('possible')
      const back = await ask(unit('B4'), '?direction=back')
      expect(back.nodes.map(({ epc }) => epc)).toEqual([unit('B4'), unit('B3'), unit('B1')])
      const near = await ask(unit('B1'), '?direction=forward&depth=1')
      expect([near.complete, near.nodes.some(({ epc }) => epc === unit('B4'))]).toEqual([
        false,
        false,
      ])
      const drill = await start([{ field: 'input', anyOf: [unit('B3')] }], { drill: true })
      // B3 came out of a process that took in B1, which came out of one that took in B3.
      expect(await serialsOf(drill.id)).toEqual(['B1', 'B3', 'B4', 'B5'].map(unit))
    })
  })

  describe('a recall', () => {
    it('pins the units of a lot by their hash, counts where they are, and says who is spared', async () => {
      const serials = Array.from({ length: 40 }, (_, n) => `C${n}`)
      await capture(
        { ...commission(serials.slice(0, 20), 'LC'), 'urn:example:shift': 'night' },
        { ...commission(serials.slice(20), 'LC'), 'urn:example:shift': 'day' },
        object(serials.slice(0, 10).map(unit), '2026-03-01T09:00:00Z', {
          ...{ bizStep: 'receiving', bizLocation: { id: `${place(3)}/254/7` } },
        }),
        object(serials.slice(5, 10).map(unit), '2026-03-01T10:00:00Z', {
          ...{ bizStep: 'dispensing', disposition: 'dispensed', readPoint: { id: place(3) } },
        }),
        object(serials.slice(10, 12).map(unit), '2026-03-01T10:00:00Z', {
          ...{ bizStep: 'shipping', disposition: 'in_transit', readPoint: { id: place(4) } },
        }),
      )
      const recall = await start([
        { field: 'gtin', anyOf: [gtin] },
        { field: 'lot', anyOf: ['LC'] },
        { field: 'attribute', name: 'shift', anyOf: ['night'] },
      ])
      const wanted = serials.slice(0, 20).map(unit).sort()
      expect(await serialsOf(recall.id)).toEqual(wanted)
      const hash = createHash('sha256').update(wanted.map((epc) => `${epc}\n`).join(''))
      expect(recall.serialSetHash).toBe(hash.digest('hex'))
      expect(recall.units).toMatchObject({ located: 5, sold: 5, inTransit: 2, unknown: 8 })
      expect(recall.spared).toEqual({ lots: 1, lotUnits: 40, units: 20, lotUnknown: 0 })
      expect((await api.json<UnitAnswer>('GET', unitPath(unit('C1')))).state).toBe('recalled')
      expect((await api.json<UnitAnswer>('GET', unitPath(unit('C30')))).recalls).toEqual([])
      const holders = await api.json('GET', `/api/v1/recalls/${recall.id}/holders`)
      expect(holders.items.map(({ holder, units }) => [holder, units])).toEqual([
        [place(3), 10],
        [place(4), 2],
        ['unknown', 8],
      ])
      const told = { holder: place(3), by: 'Jo' }
      const path = `/api/v1/recalls/${recall.id}/acknowledgements`
      expect((await api.ask('POST', path, { body: told })).status).toBe(204)
      expect((await api.ask('POST', path, { body: { holder: 'nobody' } })).status).toBe(404)
      const after = await api.json('GET', `/api/v1/recalls/${recall.id}/holders`)
      expect(after.items[0]).toMatchObject({ acknowledgedBy: 'Jo', notifiedAt: null })
      // Closed, it blocks nothing.
      await api.json('POST', `/api/v1/recalls/${recall.id}/close`)
      expect((await api.json<UnitAnswer>('GET', unitPath(unit('C1')))).recalls).toEqual([])
    })

    it('asked for twice by one Idempotency-Key is one, also after a restart', async () => {
      await capture(commission(['K1'], 'LK'))
      const body = {
        name: 'K',
        reason: 'test',
        criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['LK'] }] },
      }
      const headers = { 'Idempotency-Key': 'once' }
      const first = await api.json<Recall>('POST', '/api/v1/recalls', { body, headers })
      // What a process remembers is gone with it.
      const app = createApp(api.deps)
      const ask = (more: object) =>
        app.request('/api/v1/recalls', {
          method: 'POST',
          headers: {
            ...headers,
            Authorization: `Bearer ${adminToken}`,
            'Content-Type': 'application/json',
          },
          body: JSON.stringify({ ...body, ...more }),
        })
      const again = await ask({})
      expect([again.status, ((await again.json()) as Recall).id]).toEqual([201, first.id])
      expect((await ask({ name: 'other' })).status).toBe(422)
    })

    it('is restated with cause and diff when a late event changes who is meant; the old stays', async () => {
      await capture(commission(['D1', 'D2'], 'LD'))
      const { id } = await start([{ field: 'lot', anyOf: ['LD'] }])
      await capture(commission(['D3'], 'LD'))
      const again = await api.json<Recall>('POST', `/api/v1/recalls/${id}/evaluate`)
      expect([again.revision, again.serialCount]).toEqual([2, 3])
      const { items } = await api.json('GET', `/api/v1/recalls/${id}/revisions`)
      expect(items[1]).toMatchObject({
        cause: 'asked',
        diff: { added: 1, removed: 0, addedSome: [unit('D3')] },
      })
      expect(await serialsOf(id, '?revision=1')).toEqual([unit('D1'), unit('D2')])
      expect((await serialsOf(id)).length).toBe(3)
      const same = await api.json<Recall>('POST', `/api/v1/recalls/${id}/evaluate`)
      expect(same.revision).toBe(2)
    })

    it('that is a drill is timed step by step, marked everywhere, and blocks nothing', async () => {
      await capture(commission(['E1'], 'LE'))
      const drill = await start([{ field: 'lot', anyOf: ['LE'] }], { drill: true })
      expect(drill.drill).toBe(true)
      expect(drill.steps.map(({ step }) => step)).toEqual(['find', 'pin', 'locate', 'store'])
      const told = await api.json<UnitAnswer>('GET', unitPath(unit('E1')))
      expect([told.state, told.recalls.map((one) => one.drill)]).toEqual(['commissioned', [true]])
      const { ledger } = api.deps
      expect(await recallsOf(ledger.db, 'default', unit('E1'))).toEqual([])
    })

    it('by place and time, container, and list means what the events say', async () => {
      await capture(
        commission(['F1', 'F2', 'F3'], 'LF'),
        {
          ...{ ...common, type: 'AggregationEvent', action: 'ADD', bizStep: 'packing' },
          ...{
            eventTime: '2026-03-01T09:00:00Z',
            parentID: crate,
          },
          childEPCs: [unit('F1'), unit('F2')],
        },
        object([crate], '2026-03-01T10:00:00Z', {
          ...{ bizStep: 'storing', bizLocation: { id: place(5) } },
        }),
        object([unit('F2')], '2026-03-01T13:00:00Z', {
          ...{ bizStep: 'storing', bizLocation: { id: place(6) } },
        }),
      )
      const found = async (...allOf: object[]): Promise<string[]> =>
        serialsOf((await start(allOf, { drill: true })).id)
      const at = { field: 'place', anyOf: [place(5)] }
      expect(await found({ ...at, when: 'is' })).toEqual([unit('F1')])
      const noon = { from: '2026-03-01T12:00:00Z', to: '2026-03-01T12:30:00Z' }
      expect(await found({ ...at, when: 'was', ...noon })).toEqual([unit('F1'), unit('F2')])
      expect(await found({ ...at, when: 'was', to: '2026-03-01T10:00:00Z' })).toEqual([])
      const box = { field: 'container', anyOf: [crate] }
      expect(await found(box, { field: 'lot', anyOf: ['LF', 'other'] })).toEqual(
        ['F1', 'F2'].map(unit),
      )
      expect(await found({ field: 'epc', anyOf: [unit('F3'), unit('none')] })).toEqual([unit('F3')])
      expect(await found({ field: 'attribute', name: 'lotNumber', anyOf: ['LF'] })).toHaveLength(3)
    })

    it('is looked at again by itself after captures', async () => {
      await capture(commission(['G1'], 'LG'))
      const { id } = await start([{ field: 'lot', anyOf: ['LG'] }])
      const failures: unknown[] = []
      const onFail = (error: unknown): void => void failures.push(error)
      const told: RecallChange[] = []
      const onChange = (change: RecallChange): void => void told.push(change)
      const { now } = api.deps
      const recalling = keepRecalls(api.deps, { now, onFail, onChange, everyMs: 1 })
      try {
        await capture(commission(['G2'], 'LG'))
        recalling.wake()
        const revision = async () =>
          (await api.json<Recall>('GET', `/api/v1/recalls/${id}`)).revision
        await vi.waitUntil(async () => (await revision()) === 2, { timeout: 20_000 })
      } finally {
        await recalling.stop()
      }
      expect(failures).toEqual([])
      // Whoever has the room open hears of it, once.
      const mine = told.filter(({ recall }) => recall.id === id)
      expect(mine.map(({ recall }) => recall.revision)).toEqual([2])
      expect(await serialsOf(id)).toEqual([unit('G1'), unit('G2')])
    })

    it('refuses what is not in its language', async () => {
      const wrong = [
        { version: 2, allOf: [{ field: 'lot', anyOf: ['L'] }] },
        { version: 1, allOf: [] },
        { version: 1, allOf: [{ field: 'colour', anyOf: ['red'] }] },
        { version: 1, allOf: [{ field: 'lot', anyOf: ['L'], more: 1 }] },
        { version: 1, allOf: [{ field: 'gtin', anyOf: ['09521234543210'] }] },
      ]
      for (const criteria of wrong) {
        const body = { name: 'R', reason: 'x', criteria }
        expect((await api.ask('POST', '/api/v1/recalls', { body })).status).toBe(400)
      }
      expect((await api.ask('GET', '/api/v1/recalls/none/serials')).status).toBe(404)
    })
  })
})
