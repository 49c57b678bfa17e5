// The rows of the FSMA 204 spreadsheet out of the ledger: which events, and which lots were in
// them, in containers too. Reads no more than a report may and says so.
import { bounds } from '../../config.ts'
import type { EpcisEvent, QuantityElement } from '../../domain/epcis/epcis.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import type { Result } from '../../domain/refusal.ts'
import { ancestorsOf } from '../../store/ledger/contents.ts'
import { idsOf, readUnits } from '../../store/ledger/epcs.ts'
import { findEvents } from '../../store/ledger/event-queries.ts'
import { readEventsById } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { eventsNaming, readMentions } from '../../store/ledger/mentions.ts'
import { unitsOfLot } from '../../store/ledger/reports.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import { readStays } from '../../store/ledger/stays.ts'
import { tooLarge } from './concerned.ts'
import { assignsLot, criticalEventOf, type FsmaRow, fsmaRow, type LotShare, lotId } from './fsma.ts'
import { productId, readMasters, referencedBy } from './masters.ts'

export interface FsmaQuestion {
  gtin?: string | undefined
  /** With its GTIN. */
  lot?: string | undefined
  /** Event time, epoch ms; `to` exclusive. */
  from?: number | undefined
  to?: number | undefined
}

/** By event time, event, use, product and lot. Refusal request/too-large. */
export async function fsmaRows(
  db: LedgerQuery,
  tenant: string,
  question: FsmaQuestion,
): Promise<Result<FsmaRow[]>> {
  const found =
    question.gtin !== undefined && question.lot !== undefined
      ? await eventsOfLot(db, tenant, { gtin: question.gtin, lot: question.lot })
      : await eventsBetween(db, tenant, question)
  if (!found.ok) return found
  const { gtin, lot, from = -Infinity, to = Infinity } = question
  const shares: { event: EpcisEvent; share: LotShare }[] = []
  for (const event of found.value) {
    if (!criticalEventOf(event)) continue
    const whole = await sharesOf(db, tenant, event)
    // What a lot was made into, or of, stands beside it.
    const concerns = whole.some((one) => isMeant(one, { gtin, lot }))
    const own = event.type === 'TransformationEvent' && concerns
    for (const share of whole)
      if (own || isMeant(share, { gtin, lot })) shares.push({ event, share })
    if (shares.length > bounds.reportRowsMax)
      return tooLarge(`the report has more than ${bounds.reportRowsMax} rows`)
  }
  const sources = sourcesOf(shares)
  const ids = new Set(referencedBy(shares.map(({ event }) => event)))
  for (const { share } of shares) ids.add(productId(share.gtin))
  const masters = await readMasters(db, tenant, [...ids].sort())
  const rows = shares
    .filter(({ event }) => event.eventTime >= from && event.eventTime < to)
    .map(({ event, share }) => {
      const source = share.lot === undefined ? undefined : sources.get(lotId(share.gtin, share.lot))
      return fsmaRow(event, { share, source, masters })
    })
  return { ok: true, value: rows.sort(inOrder) }
}

const isMeant = (share: LotShare, of: { gtin: string | undefined; lot: string | undefined }) =>
  (of.gtin === undefined || share.gtin === of.gtin) &&
  (of.lot === undefined || share.lot === of.lot)

function inOrder(a: FsmaRow, b: FsmaRow): number {
  for (const name of ['eventTime', 'eventID', 'use', 'gtin', 'traceabilityLotCode'] as const) {
    const [one, other] = [String(a[name] ?? ''), String(b[name] ?? '')]
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

function sourcesOf(shares: readonly { event: EpcisEvent; share: LotShare }[]): Map<string, string> {
  const sources = new Map<string, string>()
  const assigning = shares
    .filter(({ event, share }) => assignsLot(criticalEventOf(event)!, share.role))
    .sort((a, b) => a.event.eventTime - b.event.eventTime)
  for (const { event, share } of assigning) {
    const place = event.bizLocation ?? event.readPoint
    const id = share.lot === undefined ? undefined : lotId(share.gtin, share.lot)
    if (id !== undefined && place !== undefined && !sources.has(id)) sources.set(id, place)
  }
  return sources
}

/** Those that name the lot, its units, or anything that they were in. */
async function eventsOfLot(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot }: { gtin: string; lot: string },
): Promise<Result<EpcisEvent[]>> {
  const limit = bounds.reportUnitsMax + 1
  const units = await unitsOfLot(db, tenant, { gtin, lot, limit })
  if (units.length === limit) return tooLarge(`lot ${lot} has more than ${limit - 1} units`)
  const named = lotId(gtin, lot)
  const classes = [...(await idsOf(db, tenant, [named])).values()]
  const packed = await eventsNaming(db, tenant, {
    epcs: [named],
    roles: [mentionRoles.childQuantityList],
  })
  const holders = packed.flatMap(({ event }) => event.parent ?? [])
  const things = await ancestorsOf(db, tenant, [...units, ...classes, ...holders])
  const mentions = await readMentions(db, tenant, { epcs: [...things] })
  const numbers = [...new Set(mentions.map(({ event }) => event))]
  if (numbers.length > bounds.reportLookMax)
    return tooLarge(`${numbers.length} events name the lot or what it was in`)
  const events = await readEventsById(db, tenant, numbers)
  return { ok: true, value: events.map(parseStored) }
}

async function eventsBetween(
  db: LedgerQuery,
  tenant: string,
  { from, to }: FsmaQuestion,
): Promise<Result<EpcisEvent[]>> {
  const window = {
    on: 'eventTime' as const,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { before: to }),
  }
  const order = { by: 'eventTime', direction: 'ASC' } as const
  const events: EpcisEvent[] = []
  let after: Awaited<ReturnType<typeof findEvents>>['next']
  do {
    const request = { query: { conditions: [window], order }, after, limit: bounds.pageMax }
    const page = await findEvents(db, tenant, request)
    for (const { event } of page.events) events.push(event)
    if (events.length > bounds.reportLookMax)
      return tooLarge(`more than ${bounds.reportLookMax} events happened in this time`)
    after = page.next
  } while (after !== undefined)
  return { ok: true, value: events }
}

/** The lots that an event is about, with what was in the containers it names. */
async function sharesOf(db: LedgerQuery, tenant: string, event: EpcisEvent): Promise<LotShare[]> {
  const at = event.eventTime
  if (event.type === 'TransformationEvent')
    return summed([
      ...(await partsOf(db, tenant, { epcs: event.inputEPCList, role: 'input', at })),
      ...classShares(event.inputQuantityList, 'input'),
      ...(await partsOf(db, tenant, { epcs: event.outputEPCList, role: 'output', at })),
      ...classShares(event.outputQuantityList, 'output'),
    ])
  if (event.type !== 'ObjectEvent') return []
  const { epcList: epcs, quantityList } = event
  const parts = await partsOf(db, tenant, { epcs, role: 'object', at })
  return summed([...parts, ...classShares(quantityList, 'object')])
}

async function partsOf(
  db: LedgerQuery,
  tenant: string,
  { epcs, role, at }: { epcs: readonly string[]; role: LotShare['role']; at: number },
): Promise<LotShare[]> {
  const things = new Set(epcs)
  const holders = new Set<string>()
  let level = [...epcs]
  for (let depth = 0; depth < bounds.containmentDepthMax && level.length > 0; depth++) {
    const window = { from: at, to: at + 1 }
    const by = { in: 'parent', among: level, window, relation: 'aggregation' } as const
    level = []
    for (const { child, parent } of await readStays(db, tenant, by)) {
      holders.add(parent)
      if (things.has(child)) continue
      things.add(child)
      level.push(child)
    }
  }
  const shares: LotShare[] = []
  for (const [epc, unit] of await readUnits(db, tenant, [...things])) {
    // A case counts by what is in it.
    if (unit.gtin === undefined || holders.has(epc)) continue
    shares.push({ gtin: unit.gtin, lot: unit.lot, role, quantity: 1, uom: 'EA' })
  }
  const containers = [...things].filter((epc) => parseEpc(epc)?.key !== 'sgtin' || holders.has(epc))
  const loose = await looseIn(db, tenant, { containers, at })
  return [...shares, ...classShares(loose, role)]
}

/** Quantities of classes that were packed into containers and not taken out by then. */
async function looseIn(
  db: LedgerQuery,
  tenant: string,
  { containers, at }: { containers: readonly string[]; at: number },
): Promise<QuantityElement[]> {
  if (containers.length === 0) return []
  const packings = await eventsNaming(db, tenant, {
    epcs: containers,
    roles: [mentionRoles.parentID],
    window: { from: -Infinity, to: at + 1 },
  })
  const inside = new Map<string, Map<string, QuantityElement>>()
  for (const { epc, event: stored } of packings) {
    if (stored.type !== 'AggregationEvent' || stored.declared) continue
    if (stored.empties) inside.delete(epc)
    if (!stored.body.includes('childQuantityList')) continue
    const event = parseStored(stored)
    if (event.type !== 'AggregationEvent' || event.action === 'OBSERVE') continue
    const sign = event.action === 'ADD' ? 1 : -1
    const own = inside.get(epc) ?? new Map<string, QuantityElement>()
    inside.set(epc, own)
    for (const { epcClass, quantity = 0, uom } of event.childQuantityList) {
      const key = `${epcClass} ${uom ?? ''}`
      const left = (own.get(key)?.quantity ?? 0) + sign * quantity
      if (left > 0) own.set(key, { epcClass, quantity: left, ...(uom !== undefined && { uom }) })
      else own.delete(key)
    }
  }
  return [...inside.values()].flatMap((own) => [...own.values()])
}

const classShares = (list: readonly QuantityElement[], role: LotShare['role']): LotShare[] =>
  list.flatMap(({ epcClass, quantity, uom = 'EA' }) => {
    const key = parseEpc(epcClass)
    if (key?.key !== 'lgtin' && key?.key !== 'gtin') return []
    const lot = key.key === 'lgtin' ? key.lot : undefined
    return [{ gtin: key.gtin, lot, role, quantity, uom }]
  })

function summed(shares: readonly LotShare[]): LotShare[] {
  const sums = new Map<string, LotShare>()
  for (const share of shares) {
    const key = `${share.role} ${share.uom} ${share.gtin} ${share.lot ?? ''}`
    const known = sums.get(key)
    if (!known) sums.set(key, { ...share })
    else if (share.quantity !== undefined) known.quantity = (known.quantity ?? 0) + share.quantity
  }
  return [...sums.values()]
}
