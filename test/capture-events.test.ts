// What events say of units, and where they put them, is the same whatever order they are captured
// in: commissionings, packing, transformations, and declarations that some of them were wrong, also
// those that come before the event they declare.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import { containmentOf, movesOf } from '../domain/hierarchy.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { listConflicts } from '../store/ledger/conflicts.ts'
import { readUnits, type Unit } from '../store/ledger/epcs.ts'
import { listEvents, readCapture } from '../store/ledger/events.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { eventsNaming } from '../store/ledger/mentions.ts'
import { readStays } from '../store/ledger/stays.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { captureEnvelope, epcisEvent } from './pipeline.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const start = Date.UTC(2026, 3, 1)
const gtin = '09521234543213'
const units = ['U1', 'U2', 'U3'].map((serial) => `https://id.gs1.org/01/${gtin}/21/${serial}`)
const boxes = ['095212340000000013', '095212340000000020'].map((n) => `https://id.gs1.org/00/${n}`)

type Json = Record<string, unknown>
const timeOf = (at: number): number => start + at * 60_000
const one = fc.nat(2).map((n) => [units[n]!])
const ilmd = fc.record(
  {
    'cbvmda:lotNumber': fc.constantFrom('L1', 'L2', 'l3'),
    'cbvmda:itemExpirationDate': fc.constantFrom('2027-01-31', '2026-12-31'),
  },
  { requiredKeys: [] },
)
const said = fc.oneof(
  fc
    .record({ at: fc.nat(9), epcList: one, ilmd })
    .map(({ at, ...fields }) =>
      epcisEvent('ObjectEvent', timeOf(at), { action: 'ADD', ...fields }),
    ),
  fc
    .record({
      at: fc.nat(9),
      action: fc.constantFrom('ADD', 'ADD', 'DELETE'),
      parentID: fc.constantFrom(...boxes),
      childEPCs: fc.oneof(one, one, fc.constant([])),
    })
    .filter(({ action, childEPCs }) => action === 'DELETE' || childEPCs.length > 0)
    .map(({ at, ...fields }) => epcisEvent('AggregationEvent', timeOf(at), fields)),
  fc
    .record({ at: fc.nat(9), inputEPCList: one, outputEPCList: one, ilmd })
    .map(({ at, ...fields }) => epcisEvent('TransformationEvent', timeOf(at), fields)),
  fc
    .record({ at: fc.nat(9), epcList: one })
    .map(({ at, epcList }) => epcisEvent('ObjectEvent', timeOf(at), { action: 'DELETE', epcList })),
)
const stories = fc.array(fc.tuple(said, fc.integer({ min: 0, max: 3 })), {
  minLength: 1,
  maxLength: 8,
})

const inError = (event: Json): Json => ({
  ...event,
  errorDeclaration: { declarationTime: new Date(start).toISOString(), reason: 'did_not_occur' },
})

/** What is captured: each event, and of some that it was wrong. */
const told = (story: readonly (readonly [Json, number])[]): Json[] =>
  story.flatMap(([event, luck], n) => {
    const named = { ...event, eventID: `urn:uuid:0000000${n}-0000-4000-8000-000000000000` }
    return luck === 0 ? [named, inError(named)] : [named]
  })

const parsed = (events: readonly Json[]): EpcisEvent[] => {
  const document = parseEpcisDocument(events)
  if (!document.ok) throw new Error(JSON.stringify(document.refusals))
  return document.value
}

/** From all events at once, without a ledger. */
function expected(events: readonly Json[]): { units: Unit[]; stays: unknown[] } {
  const all = parsed(events)
  const wrong = new Set(all.filter((e) => e.errorDeclaration).map(({ eventID }) => eventID))
  const standing = all.filter(({ eventID }) => !wrong.has(eventID))
  const named = (event: EpcisEvent): string[] =>
    'epcList' in event
      ? event.epcList
      : 'inputEPCList' in event
        ? [...event.inputEPCList, ...event.outputEPCList]
        : event.childEPCs
  const begins = (event: EpcisEvent, epc: string): boolean =>
    (event.type === 'TransformationEvent' && event.outputEPCList.includes(epc)) ||
    (event.type === 'ObjectEvent' && event.action === 'ADD' && event.epcList.includes(epc))
  const moves = standing.flatMap(movesOf)
  const known = units.filter((epc) => all.some((event) => named(event).includes(epc)))
  return {
    units: known.map((epc) => ({ epc, gtin, ...factsOf(standing.filter((e) => begins(e, epc))) })),
    stays: known.flatMap((epc) =>
      containmentOf(
        epc,
        moves.filter(({ child, relation }) => relation === 'aggregation' && (child ?? epc) === epc),
      ),
    ),
  }
}

/** The earliest; of several at one time what is known before what is not, then the smaller text. */
function factsOf(commissionings: readonly EpcisEvent[]): Partial<Unit> {
  const rank = (event: EpcisEvent): [number, string, string] => {
    const { lot, expiry } = event as { lot?: string; expiry?: string }
    return [event.eventTime, lot ?? '~', expiry ?? '~']
  }
  const [first] = [...commissionings].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)]
    const at = x.findIndex((each, n) => each !== y[n])
    return at < 0 ? 0 : x[at]! < y[at]! ? -1 : 1
  })
  if (!first) return {}
  const { eventTime: commissionedAt, lot, expiry } = first as EpcisEvent & Partial<Unit>
  return { ...(lot && { lot }), ...(expiry && { expiry }), commissionedAt }
}

function captureTests(to: () => Ledger): void {
  let tenants = 0
  /** `together`: how many documents a step takes, after one another and over again. */
  const play = async (
    documents: readonly (readonly Json[])[],
    together: readonly number[] = [1],
  ): Promise<string> => {
    const tenant = `e${++tenants}`
    const step = captureStep(to())
    const envelopes = documents.map((events, offset) => ({
      ...captureEnvelope(tenant, [...events], start + offset),
      ...{ offset, topic: `document-${offset}` },
    }))
    for (let at = 0, steps = 0; at < envelopes.length; steps++) {
      const next = at + together[steps % together.length]!
      await step(envelopes.slice(at, next))
      at = next
    }
    return tenant
  }

  it('are the same in any order, cut in any way, and told twice', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.func(fc.nat(1000)), fc.nat(3), async (story, luck, cut) => {
        const events = told(story)
        const shuffled = events.toSorted((a, b) => luck(a) - luck(b))
        const documents = [
          shuffled.slice(0, cut),
          ...shuffled.slice(cut).map((event) => [event]),
          shuffled.slice(1, 3),
        ]
        const tenant = await play(documents.filter((document) => document.length > 0))
        const { db } = to()
        const wanted = expected(events)
        const found = [...(await readUnits(db, tenant, units)).values()]
        expect(found.sort(byEpc)).toEqual(wanted.units.sort(byEpc))
        const stays = await readStays(db, tenant, { in: 'child', among: units })
        expect(stays.map((stay) => JSON.stringify(stay, sortedNames)).sort()).toEqual(
          wanted.stays.map((stay) => JSON.stringify(stay, sortedNames)).sort(),
        )
      }),
      { numRuns: to().dialect === 'sqlite' ? 200 : 30 },
    )
  })

  it('leave the same behind however many documents share a transaction', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(stories, fc.func(fc.nat(1000)), cuts, async (story, luck, together) => {
        const shuffled = told(story).toSorted((a, b) => luck(a) - luck(b))
        // Every other document begins with an event whose name another has taken.
        const taken = { ...shuffled[0]!, bizStep: 'urn:epcglobal:cbv:bizstep:holding' }
        const documents = shuffled.map((event, n) => (n % 2 === 1 ? [taken, event] : [event]))
        const [alone, cut] = [await play(documents), await play(documents, together)]
        const count = documents.length
        expect(await everything(to(), cut, count)).toEqual(await everything(to(), alone, count))
      }),
      { numRuns: to().dialect === 'sqlite' ? 50 : 10 },
    )
  })

  it('are kept though documents before and behind them in their transaction are refused', async () => {
    const begun = (serial: number, name: string) => ({
      ...epcisEvent('ObjectEvent', timeOf(serial), { action: 'ADD', epcList: [units[serial]] }),
      eventID: `urn:uuid:${name}`,
    })
    const wrong = { type: 'ObjectEvent' }
    const documents = [[wrong], [begun(0, 'f')], [begun(1, 'f')], [begun(2, 'g')], [wrong]]
    const tenant = await play(documents, [documents.length])
    const found = await readUnits(to().db, tenant, units)
    expect([...found.keys()].sort()).toEqual([units[0], units[2]])
    const errors = await Promise.all(
      documents.map(async (_, n) => (await readCapture(to().db, tenant, `document-${n}`))?.errors),
    )
    expect(errors.map((some) => some?.map(({ code }) => code)[0])).toEqual([
      ...[expect.stringMatching(/^epcis\//), undefined, 'epcis/event-id-conflict', undefined],
      expect.stringMatching(/^epcis\//),
    ])
  })

  it('name whom they name, with a declaration of error in the place of its event', async () => {
    const pack = {
      ...epcisEvent('AggregationEvent', timeOf(1), { action: 'ADD', parentID: boxes[0] }),
      ...{ childEPCs: [units[0]], eventID: 'urn:uuid:a' },
    }
    const other = { ...inError(pack), childEPCs: [units[1]] }
    const tenant = await play([[pack], [other], [pack]])
    const { db } = to()
    const naming = async (epc: string) =>
      (await eventsNaming(db, tenant, { epcs: [epc] })).map(({ role, event }) => [
        role,
        event.eventID,
        event.declared,
      ])
    expect(await naming(units[0]!)).toEqual([])
    expect(await naming(units[1]!)).toEqual([[3, 'urn:uuid:a', true]])
    expect(await naming(boxes[0]!)).toEqual([[2, 'urn:uuid:a', true]])
    const kept = await listEvents(db, tenant, { limit: 9 })
    expect(kept.map(({ seq, body }) => [seq, JSON.parse(body)])).toEqual([[1, other]])
  })

  it('that have an eventID of another event are told, and change nothing', async () => {
    const begun = (serial: number) => ({
      ...epcisEvent('ObjectEvent', timeOf(serial), { action: 'ADD', epcList: [units[serial]] }),
      eventID: 'urn:uuid:b',
    })
    const tenant = await play([[begun(0)]])
    const twin = captureEnvelope(tenant, [begun(1)], start)
    await captureStep(to())([{ ...twin, offset: 5 }])
    expect((await readCapture(to().db, tenant, twin.topic))?.errors).toMatchObject([
      { code: 'epcis/event-id-conflict' },
    ])
    expect((await readUnits(to().db, tenant, units)).size).toBe(1)
  })
}

/** Stores tell them in an order of their own. */
const byEpc = (a: Unit, b: Unit): number => (a.epc < b.epc ? -1 : 1)

/** All that a tenant has of its captures, without numbers, which the tenants share. */
async function everything(ledger: Ledger, tenant: string, documents: number) {
  const { db } = ledger
  const events = await listEvents(db, tenant, { limit: 99 })
  const jobs = Array.from({ length: documents }, (_, n) => readCapture(db, tenant, `document-${n}`))
  const notices = await db
    .selectFrom('notices')
    .select(['kind', 'recordTime', 'body'])
    .where('tenant', '=', tenant)
    .where('kind', '=', 'capture.applied')
    .orderBy('recordTime')
    .execute()
  const stays = await readStays(db, tenant, { in: 'child', among: [...units, ...boxes] })
  return {
    events: events.map(({ id: _, parent, ...event }) => ({ ...event, placed: parent !== null })),
    jobs: await Promise.all(jobs),
    notices,
    units: [...(await readUnits(db, tenant, units)).values()].sort(byEpc),
    stays: stays.map((stay) => JSON.stringify(stay, sortedNames)).sort(),
    conflicts: (await listConflicts(db, tenant, { limit: 99 })).map(({ id: _, ...rest }) => rest),
  }
}

/** Infinity has no JSON. */
const sortedNames = (_name: string, value: unknown): unknown =>
  value === Infinity
    ? 'open'
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).sort())
      : value

describe('events captured into SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-capture-'))
  let ledger: Ledger
  beforeAll(async () => {
    ledger = await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger?.close()
    if (existsSync(folder)) await rm(folder, { recursive: true })
  })
  captureTests(() => ledger)
})

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')
describe.skipIf(absent)('events captured into PostgreSQL', () => {
  let server: Postgres
  let ledger: Ledger
  beforeAll(async () => {
    server = await startPostgres()
    ledger = await openPostgresLedger({ url: await server.createLedger() })
  })
  afterAll(async () => {
    await ledger?.close()
    await server?.stop()
  })
  captureTests(() => ledger)
})
