import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import { type EventQuery, matches, parseQuery } from '../domain/epcis/query.ts'
import { planEvents, storeEvents } from '../ingest/capture/events.ts'
import { answerMasterData } from '../store/ledger/event-master.ts'
import { collectEvents, type EventPlace, findEvents } from '../store/ledger/event-queries.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { storeMasterData } from '../store/ledger/master.ts'
import { listEpcs, listFieldValues } from '../store/ledger/queries.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

const begin = Date.UTC(2026, 2, 1)
const gtins = ['09521234543213', '09521234543220']
const units = ['A1', 'A2', 'B%2F3', '0012'].flatMap((serial) =>
  gtins.map((gtin) => `https://id.gs1.org/01/${gtin}/21/${serial}`),
)
const containers = [
  'https://id.gs1.org/00/106141412345678908',
  'urn:epc:id:sscc:0614141.1234567899',
  'https://id.gs1.org/8003/09521234543213R1',
  'urn:x:box:1',
]
const places = [
  'https://id.gs1.org/414/9521234543213',
  'urn:epc:id:sgln:9521234.54321.r2',
  'urn:x:p',
]
const classes = [
  `https://id.gs1.org/01/${gtins[0]}`,
  `https://id.gs1.org/01/${gtins[0]}/10/L1`,
  'urn:epc:class:lgtin:9521234.054321.L2',
]

const when = fc.integer({ min: 0, max: 12 }).map((n) => new Date(begin + n * 600_000).toISOString())
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const some = <T>(values: readonly T[], max = 3) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max })
const quantities = fc.array(
  fc.record(
    {
      epcClass: fc.constantFrom(...classes),
      quantity: fc.integer({ min: 1, max: 5 }),
      uom: fc.constantFrom('KGM', 'GRM'),
    },
    { requiredKeys: ['epcClass', 'quantity'] },
  ),
  { minLength: 1, maxLength: 2 },
)
const report = fc.record(
  {
    type: fc.constantFrom('Temperature', 'gs1:Temperature', 'RelativeHumidity'),
    value: fc.integer({ min: -5, max: 5 }),
    uom: fc.constantFrom('CEL', 'FAH', 'KEL', 'P1'),
    deviceID: fc.constantFrom('urn:epc:id:giai:9521234.1', 'https://id.gs1.org/8004/95212341'),
  },
  { requiredKeys: ['type'] },
)
const common = fc.record({
  eventTime: when,
  bizStep: optional(fc.constantFrom('shipping', 'receiving', 'ext:step')),
  disposition: optional(fc.constantFrom('in_transit', 'active')),
  readPoint: optional(fc.constantFrom(...places).map((id) => ({ id }))),
  bizLocation: optional(fc.constantFrom(...places).map((id) => ({ id }))),
  'ext:note': optional(fc.constantFrom('1', '2', 'three')),
  sensorElementList: optional(
    fc.array(report, { minLength: 1, maxLength: 2 }).map((reports) => [{ sensorReport: reports }]),
  ),
  errorDeclaration: fc.option(
    fc.record({ declarationTime: when, reason: fc.constant('incorrect_data') }),
    { nil: undefined, freq: 5 },
  ),
})
const shaped = fc.oneof(
  fc.record({
    type: fc.constant('ObjectEvent'),
    action: fc.constantFrom('OBSERVE', 'DELETE'),
    epcList: some(units),
    quantityList: optional(quantities),
  }),
  fc.record({
    type: fc.constantFrom('AggregationEvent', 'AssociationEvent'),
    action: fc.constantFrom('ADD', 'DELETE'),
    parentID: fc.constantFrom(...containers),
    childEPCs: some(units),
    childQuantityList: optional(quantities),
  }),
  fc.record({
    type: fc.constant('TransformationEvent'),
    inputEPCList: some(units),
    outputEPCList: some(units),
    outputQuantityList: optional(quantities),
    transformationID: optional(fc.constantFrom('urn:x:t:1', 'urn:x:t:2')),
  }),
)
const anyEvent = fc.tuple(common, shaped).map(([shared, own]) => ({ ...shared, ...own }))

const conditions: Record<string, fc.Arbitrary<unknown>> = {
  eventType: some(['ObjectEvent', 'AggregationEvent', 'TransformationEvent']),
  GE_eventTime: when,
  LT_eventTime: when,
  GE_recordTime: when,
  EQ_action: some(['ADD', 'OBSERVE', 'DELETE']),
  EQ_bizStep: some(['shipping', 'packing', 'https://ext.example.com/step']),
  EQ_disposition: some(['in_transit', 'urn:x:other']),
  EQ_readPoint: some(places),
  EQ_bizLocation: some(places),
  EQ_transformationID: some(['urn:x:t:1']),
  MATCH_epc: some([...units, classes[0]!, 'urn:epc:idpat:sgtin:9521234.*.*'], 2),
  MATCH_parentID: some([...containers, 'urn:epc:idpat:sscc:0614141.*'], 2),
  MATCH_anyEPC: some([...units, ...containers, 'urn:epc:idpat:grai:9521234.*.*'], 2),
  MATCH_outputEPC: some(units, 2),
  MATCH_epcClass: some(classes, 2),
  MATCH_anyEPCClass: some([...classes, 'urn:epc:idpat:lgtin:9521234.054321.*'], 2),
  GE_quantity_GRM: fc.constantFrom(3, 3000),
  EXISTS_errorDeclaration: fc.constant(true),
  EXISTS_sensorElementList: fc.constant(true),
  EQ_type: fc.constant(['Temperature']),
  GE_value_CEL: fc.integer({ min: -20, max: 5 }),
  EQ_deviceID: fc.constant(['urn:epc:id:giai:9521234.1']),
  'EQ_e:note': some(['1', 'three']),
  'GT_e:note': fc.constant(1),
}
const anyQuery = fc
  .uniqueArray(fc.constantFrom(...Object.keys(conditions)), { maxLength: 3 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, conditions[name]!]))))
const anyOrder = fc.constantFrom(
  {},
  ...['ASC', 'DESC'].flatMap((orderDirection) =>
    ['eventTime', 'recordTime'].map((orderBy) => ({ orderBy, orderDirection })),
  ),
)

const prefixes = new Map([['e', 'https://ext.example.com/']])

describe('queries of stored events', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-queries-'))
  const opened: Record<string, Ledger> = {}
  let server: Postgres | undefined
  beforeAll(async () => {
    opened.SQLite = await openSqliteLedger(folder)
    if (absent) return
    server = await startPostgres()
    opened.PostgreSQL = await openPostgresLedger({ url: await server.createLedger() })
  }, 60_000)
  afterAll(async () => {
    for (const ledger of Object.values(opened)) await ledger.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const ledgers = absent ? ['SQLite'] : ['SQLite', 'PostgreSQL']

  it.each(ledgers)(
    'find in %s exactly what matches, in order, whatever the page',
    async (name) => {
      const ledger = opened[name]!
      let run = 0
      const world = fc.array(anyEvent, { minLength: 1, maxLength: 25 })
      const asked = fc.array(fc.tuple(anyQuery, anyOrder), { minLength: 8, maxLength: 8 })
      const property = fc.asyncProperty(
        world,
        asked,
        fc.integer({ min: 1, max: 7 }),
        async (events, queries, limit) => {
          const tenant = `t${run++}`
          await capture(ledger, tenant, events)
          const everything = await collectEvents(ledger.db, tenant, {
            query: { conditions: [] },
            keep: (found) => found,
          })
          for (const [parameters, order] of queries) {
            const query = understood({ ...parameters, ...order })
            const expected = everything!
              .filter(({ event }) => matches(event, query))
              .map(({ stored }) => stored)
              .sort(ordering(query))
            const found = await allPages(ledger, tenant, { query, limit })
            expect(found).toEqual(expected.map(({ eventID }) => eventID))
          }
        },
      )
      await fc.assert(property, { numRuns: 25 })
    },
    120_000,
  )

  it.each(ledgers)('show one tenant nothing of another in %s', async (name) => {
    const ledger = opened[name]!
    const event = {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      eventTime: new Date(begin).toISOString(),
    }
    const change = { readPoint: { id: 'urn:x:p' }, bizStep: 'shipping' }
    await capture(ledger, 'mine', [{ ...event, ...change, epcList: [units[0]!] }])
    await capture(ledger, 'theirs', [{ ...event, epcList: [units[1]!] }])
    const query = understood({ MATCH_epc: [units[0]!] })
    expect(await allPages(ledger, 'theirs', { query, limit: 5 })).toEqual([])
    expect(await allPages(ledger, 'mine', { query, limit: 5 })).toEqual(['urn:x:e:0'])
    const page = { after: '', limit: 10 }
    expect(await listEpcs(ledger.db, 'theirs', page)).toEqual([units[1]])
    const field = { field: 'bizStep' as const, ...page }
    expect(await listFieldValues(ledger.db, 'theirs', field)).toEqual([])
    expect(await listFieldValues(ledger.db, 'mine', field)).toEqual(['shipping'])
  })

  it.each(ledgers)('list in %s each value once, in order, page by page', async (name) => {
    const ledger = opened[name]!
    const values = Array.from({ length: 12 }, (_, n) => `urn:x:place:${n}`)
    const events = Array.from({ length: 60 }, (_, n) => ({
      ...{ type: 'ObjectEvent', action: 'OBSERVE', eventTime: new Date(begin + n).toISOString() },
      ...{ epcList: [units[n % 8]!], bizLocation: { id: values[(n * 7) % 12]! } },
    }))
    await capture(ledger, 'list', events)
    const seen: string[] = []
    for (;;) {
      const page = { field: 'bizLocation' as const, after: seen.at(-1) ?? '', limit: 5 }
      const next = await listFieldValues(ledger.db, 'list', page)
      if (next.length === 0) break
      seen.push(...next)
    }
    expect(seen).toEqual(values.toSorted())
    const epcs = await listEpcs(ledger.db, 'list', { after: '', limit: 5 })
    const rest = await listEpcs(ledger.db, 'list', { after: epcs.at(-1)!, limit: 50 })
    expect([...epcs, ...rest].sort()).toEqual(units.toSorted())
  })

  it.each(ledgers)(
    'ask master data in %s what is below a place and has an attribute',
    async (name) => {
      const ledger = opened[name]!
      const type = 'urn:epcglobal:epcis:vtype:BusinessLocation'
      const site = 'https://id.gs1.org/414/9521234543213'
      const latitude = { 'urn:epcglobal:cbv:mda#latitude': '50.8' }
      const elements = [
        {
          type,
          id: 'urn:epc:id:sgln:9521234.54321.0',
          attributes: latitude,
          children: ['urn:x:hall'],
        },
        // A circle of sites must not hold anybody up.
        { type, id: 'urn:x:hall', attributes: {}, children: ['urn:x:p', site] },
      ]
      await ledger.transact((db) => storeMasterData(db, 'md', { elements, at: 1 }), {
        serializable: true,
      })
      const event = { type: 'ObjectEvent', action: 'OBSERVE', epcList: [units[0]!] }
      const eventTime = new Date(begin).toISOString()
      const at = (id: string) => ({ ...event, eventTime, bizLocation: { id } })
      await capture(ledger, 'md', [at('urn:x:p'), at(site), at('urn:x:elsewhere')])
      const find = async (parameters: Record<string, unknown>): Promise<string[]> => {
        const query = await answerMasterData(ledger.db, 'md', understood(parameters))
        return allPages(ledger, 'md', { query, limit: 5 })
      }
      expect(await find({ EQ_bizLocation: [site] })).toEqual(['urn:x:e:1'])
      expect(await find({ WD_bizLocation: [site] })).toEqual(['urn:x:e:0', 'urn:x:e:1'])
      expect(await find({ WD_bizLocation: ['urn:x:p'] })).toEqual(['urn:x:e:0'])
      expect(await find({ HASATTR_bizLocation: ['cbvmda:latitude'] })).toEqual(['urn:x:e:1'])
      expect(await find({ HASATTR_bizLocation: ['cbvmda:longitude'] })).toEqual([])
      const equal = 'EQATTR_bizLocation_urn:epcglobal:cbv:mda#latitude'
      expect(await find({ [equal]: ['50.8'] })).toEqual(['urn:x:e:1'])
      expect(await find({ EQ_ATTR_bizLocation_latitude: ['50.8'] })).toEqual([])
    },
  )

  it('look at a bounded number of rows for a page, which comes short then', async () => {
    const ledger = opened.SQLite!
    const events = Array.from({ length: 40 }, (_, n) => ({
      ...{ type: 'ObjectEvent', action: 'OBSERVE', eventTime: new Date(begin + n).toISOString() },
      ...{ epcList: [units[0]!], 'ext:note': n === 35 ? 'here' : 'there' },
    }))
    await capture(ledger, 'bounded', events)
    const query = understood({ 'EQ_e:note': ['here'] })
    const first = await findEvents(ledger.db, 'bounded', { query, limit: 5, rowsMax: 20 })
    expect(first.events).toEqual([])
    expect(first.next).toBeDefined()
    const after = first.next
    const second = await findEvents(ledger.db, 'bounded', { query, limit: 5, rowsMax: 20, after })
    expect(second.events.map(({ stored }) => stored.eventID)).toEqual(['urn:x:e:35'])
  })
})

const understood = (parameters: Record<string, unknown>): EventQuery => {
  const parsed = parseQuery(parameters, { prefixes })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}

/** Three events of one record time each, in one transaction. */
async function capture(
  ledger: Ledger,
  tenant: string,
  events: readonly Record<string, unknown>[],
): Promise<void> {
  const documents = events.map((event, n) => ({
    '@context': [{ ext: 'https://ext.example.com/' }],
    eventID: `urn:x:e:${n}`,
    eventTimeZoneOffset: '+00:00',
    ...event,
  }))
  await ledger.transact(async (db) => {
    for (let n = 0; n < documents.length; n += 3) {
      // Without what is undefined, as JSON comes.
      const input: unknown = JSON.parse(JSON.stringify(documents.slice(n, n + 3)))
      const parsed = parseEpcisDocument(input)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
      const place = { recordTime: begin + n * 200_000, offset: n }
      const planned = await planEvents(db, tenant, parsed.value)
      await storeEvents(db, tenant, { place, planned })
    }
  })
}

type Sortable = { id?: number; eventTime: number; recordTime: number; seq: number; pos: number }

const ordering =
  ({ order }: EventQuery) =>
  (a: Sortable, b: Sortable): number => {
    if (!order || typeof order.by === 'object') return a.seq - b.seq || a.pos - b.pos
    const sign = order.direction === 'ASC' ? 1 : -1
    return sign * (a[order.by] - b[order.by] || a.id! - b.id!)
  }

async function allPages(
  ledger: Ledger,
  tenant: string,
  { query, limit }: { query: EventQuery; limit: number },
): Promise<string[]> {
  const found: string[] = []
  let after: EventPlace | undefined
  do {
    const page = await findEvents(ledger.db, tenant, { query, limit, rowsMax: 11, after })
    expect(page.events.length).toBeLessThanOrEqual(limit)
    found.push(...page.events.map(({ stored }) => stored.eventID))
    after = page.next
  } while (after)
  return found
}
