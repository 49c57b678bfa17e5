// Parsed events into the ledger: the events themselves, which of them name whom, and what
// commissionings say of units. An event is kept once; an error declaration takes the place of its
// event, whichever comes first. Derives no containment: ingest/capture/containment.ts.
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { eventHash } from '../../domain/epcis/hash.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { commission, forgetFacts, internEpcs } from '../../store/ledger/epcs.ts'
import {
  type Capture,
  insertEvents,
  readEvents,
  replaceEvent,
  type StoredEvent,
} from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  deleteMentions,
  eventsNaming,
  insertMentions,
  type Mentions,
} from '../../store/ledger/mentions.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'

export type CaptureProblem = Capture['errors'][number]

/** Where a document stands in the log. */
export interface CapturePlace {
  recordTime: number
  offset: number
}

/** What is in the ledger now and was not before: containment follows from both. */
export interface Stored {
  fresh: EpcisEvent[]
  /** Events that are declared in error now, as they were and as they are. */
  withdrawn: EpcisEvent[]
  /** The number of every EPC that these name. */
  ids: Map<string, number>
}

/** What is to become of the events of a document. Nothing is written yet. */
export interface Planned {
  fresh: Placed[]
  declared: { now: Placed; before: StoredEvent }[]
  /** Events that are not taken. */
  problems: CaptureProblem[]
}

export async function planEvents(
  db: LedgerQuery,
  tenant: string,
  events: readonly EpcisEvent[],
): Promise<Planned> {
  const planned: Planned = { fresh: [], declared: [], problems: [] }
  const once = eachOnce(events, planned.problems)
  const known = new Map<string, StoredEvent>()
  for (const row of await readEvents(db, tenant, [...once.keys()])) known.set(row.eventID, row)
  for (const now of once.values()) {
    const before = known.get(now.event.eventID)
    if (!before) planned.fresh.push(now)
    else if (now.event.errorDeclaration) {
      if (replaces(now, before)) planned.declared.push({ now, before })
    } else if (!before.declared && saysOther(before.body, now.body))
      planned.problems.push(idConflict(now.event.eventID))
  }
  return planned
}

/** In the transaction in which they were planned. */
export async function storeEvents(
  db: LedgerQuery,
  tenant: string,
  { place, planned }: { place: CapturePlace; planned: Planned },
): Promise<Stored> {
  const stored: Stored = { fresh: [], withdrawn: [], ids: new Map() }
  await insertFresh(db, tenant, { fresh: planned.fresh, place, stored })
  for (const each of planned.declared) await declareError(db, tenant, { ...each, place, stored })
  return stored
}

/** An event, its place in the document, and the text that is kept of it. */
export interface Placed {
  event: EpcisEvent
  pos: number
  body: string
}

/** The first of those with one eventID; but an error declaration before anything else. */
function eachOnce(events: readonly EpcisEvent[], problems: CaptureProblem[]): Map<string, Placed> {
  const once = new Map<string, Placed>()
  events.forEach((event, pos) => {
    const now = { event, pos, body: JSON.stringify(event.raw) }
    const twin = once.get(event.eventID)
    if (!twin || (event.errorDeclaration && !twin.event.errorDeclaration))
      once.set(event.eventID, now)
    else if (!twin.event.errorDeclaration && saysOther(twin.body, now.body))
      problems.push(idConflict(event.eventID))
    else if (event.errorDeclaration && isLater(now, twin)) once.set(event.eventID, now)
  })
  return once
}

/** In another order, spelling or syntax it is the same event all the same. */
const saysOther = (a: string, b: string): boolean =>
  a !== b && eventHash(JSON.parse(a)) !== eventHash(JSON.parse(b))

const idConflict = (eventID: string): CaptureProblem => ({
  code: 'epcis/event-id-conflict',
  path: '',
  detail: `${eventID} was captured before with other content, which stands`,
})

/** Of several declarations of one event the latest stands, whatever order they come in (I3). */
const replaces = (now: Placed, before: StoredEvent): boolean =>
  before.body !== now.body &&
  (!before.declared || isLater(now, { event: parseStored(before), body: before.body }))

function isLater(a: Pick<Placed, 'event' | 'body'>, b: Pick<Placed, 'event' | 'body'>): boolean {
  const [at, bt] = [a, b].map(({ event }) => event.errorDeclaration?.declarationTime ?? 0)
  return at! > bt! || (at === bt && a.body > b.body)
}

async function insertFresh(
  db: LedgerQuery,
  tenant: string,
  { fresh, place, stored }: { fresh: Placed[]; place: CapturePlace; stored: Stored },
): Promise<void> {
  if (fresh.length === 0) return
  const events = fresh.map(({ event }) => event)
  await nameUnits(db, tenant, { events, ids: stored.ids })
  const rows = fresh.map((each) => rowOf(each, { place, ids: stored.ids }))
  const numbers = await insertEvents(db, tenant, rows)
  const mentions = events.flatMap((event) => {
    const number = numbers.get(event.eventID)
    return number === undefined ? [] : mentionsIn(event, { number, ids: stored.ids })
  })
  await insertMentions(db, tenant, mentions)
  stored.fresh.push(...events.filter((event) => numbers.has(event.eventID)))
}

function rowOf(
  { event, pos, body }: Placed,
  { place, ids }: { place: CapturePlace; ids: ReadonlyMap<string, number> },
): StoredEvent {
  const { eventID, type, eventTime } = event
  const parent = 'parentID' in event ? event.parentID : undefined
  const contained = event.type === 'AggregationEvent' || event.type === 'AssociationEvent'
  return {
    ...{ eventID, type, eventTime, recordTime: place.recordTime, seq: place.offset, pos, body },
    action: 'action' in event ? event.action : null,
    bizStep: event.bizStep ?? null,
    disposition: event.disposition ?? null,
    readPoint: event.readPoint ?? null,
    bizLocation: event.bizLocation ?? null,
    parent: parent === undefined ? null : ids.get(parent)!,
    empties:
      contained &&
      event.action === 'DELETE' &&
      event.childEPCs.length === 0 &&
      event.childQuantityList.length === 0,
    declared: event.errorDeclaration !== undefined,
  }
}

/** What an event names, by role. */
export function namedIn(event: EpcisEvent): Partial<Record<keyof typeof mentionRoles, string[]>> {
  const classes = (list: readonly { epcClass: string }[]) => list.map(({ epcClass }) => epcClass)
  const parent = 'parentID' in event && event.parentID !== undefined ? [event.parentID] : []
  switch (event.type) {
    case 'ObjectEvent':
    case 'TransactionEvent':
      return {
        epcList: event.epcList,
        parentID: parent,
        quantityList: classes(event.quantityList),
      }
    case 'AggregationEvent':
    case 'AssociationEvent':
      return {
        parentID: parent,
        childEPCs: event.childEPCs,
        childQuantityList: classes(event.childQuantityList),
      }
    case 'TransformationEvent':
      return {
        inputEPCList: event.inputEPCList,
        outputEPCList: event.outputEPCList,
        inputQuantityList: classes(event.inputQuantityList),
        outputQuantityList: classes(event.outputQuantityList),
      }
  }
}

function mentionsIn(
  event: EpcisEvent,
  { number, ids }: { number: number; ids: ReadonlyMap<string, number> },
): Mentions[] {
  return Object.entries(namedIn(event))
    .filter(([, epcs]) => epcs.length > 0)
    .map(([role, epcs]) => ({
      event: number,
      role: mentionRoles[role as keyof typeof mentionRoles],
      epcs: epcs.map((epc) => ids.get(epc)!),
    }))
}

/** Gives everything that the events name its number, and units what commissionings say of them. */
async function nameUnits(
  db: LedgerQuery,
  tenant: string,
  { events, ids }: { events: readonly EpcisEvent[]; ids: Map<string, number> },
): Promise<void> {
  // Those that are the same in what they say are one statement.
  const commissionings = Map.groupBy(events.filter(isCommissioning), (event) =>
    JSON.stringify([event.eventTime, event.lot, event.expiry]),
  )
  for (const group of commissionings.values()) {
    const { eventTime, lot, expiry } = group[0]!
    const facts = {
      commissionedAt: eventTime,
      ...(lot !== undefined && { lot }),
      ...(expiry !== undefined && { expiry }),
    }
    const epcs = [...new Set(group.flatMap(commissionedBy))]
    for (const [epc, id] of await commission(db, tenant, { epcs, facts })) ids.set(epc, id)
  }
  const others = new Set<string>()
  for (const event of events)
    for (const epcs of Object.values(namedIn(event)))
      for (const epc of epcs) if (!ids.has(epc)) others.add(epc)
  for (const [epc, id] of await internEpcs(db, tenant, [...others])) ids.set(epc, id)
}

/** Whether objects begin with it: EPCIS 2.0 §7.4.2 (ADD) and §7.4.6 (outputs). */
type Commissioning = Extract<EpcisEvent, { type: 'ObjectEvent' | 'TransformationEvent' }>
const isCommissioning = (event: EpcisEvent): event is Commissioning =>
  !event.errorDeclaration &&
  (event.type === 'TransformationEvent' || (event.type === 'ObjectEvent' && event.action === 'ADD'))

const commissionedBy = (event: Commissioning): string[] =>
  event.type === 'ObjectEvent' ? event.epcList : event.outputEPCList

/** The declaration takes the place of the event; what the event said is taken back. */
async function declareError(
  db: LedgerQuery,
  tenant: string,
  of: { now: Placed; before: StoredEvent; place: CapturePlace; stored: Stored },
): Promise<void> {
  const { now, before, place, stored } = of
  const past = parseStored(before)
  const both = [past, now.event]
  await nameUnits(db, tenant, { events: both.map(asDeclared), ids: stored.ids })
  // In the place of the declaration: whoever reads on from a place (subscribers) learns of it.
  await replaceEvent(db, tenant, rowOf(now, { place, ids: stored.ids }))
  const number = before.id!
  const names = Object.values(namedIn(past)).flat()
  const gone = { event: number, epcs: [...new Set(names)].map((epc) => stored.ids.get(epc)!) }
  await deleteMentions(db, tenant, gone)
  await insertMentions(db, tenant, mentionsIn(now.event, { number, ids: stored.ids }))
  if (isCommissioning(past)) await commissionAnew(db, tenant, commissionedBy(past))
  stored.withdrawn.push(...both)
}

/** So that it commissions nothing. */
const asDeclared = (event: EpcisEvent): EpcisEvent => ({
  ...event,
  errorDeclaration: { declarationTime: 0, correctiveEventIDs: [] },
})

/** What the commissionings that still stand say of these units. */
async function commissionAnew(db: LedgerQuery, tenant: string, epcs: string[]): Promise<void> {
  await forgetFacts(db, tenant, epcs)
  const roles = [mentionRoles.epcList, mentionRoles.outputEPCList]
  const naming = await eventsNaming(db, tenant, { epcs, roles })
  const byEvent = Map.groupBy(naming, ({ event }) => event.eventID)
  for (const group of byEvent.values()) {
    if (group[0]!.event.declared) continue
    const event = parseStored(group[0]!.event)
    if (!isCommissioning(event)) continue
    const said = new Set(commissionedBy(event))
    const { lot, expiry, eventTime } = event
    await commission(db, tenant, {
      epcs: group.map(({ epc }) => epc).filter((epc) => said.has(epc)),
      facts: {
        commissionedAt: eventTime,
        ...(lot !== undefined && { lot }),
        ...(expiry !== undefined && { expiry }),
      },
    })
  }
}
