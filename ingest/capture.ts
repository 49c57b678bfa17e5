// Captured EPCIS documents become events, units and stays in the ledger; every logger that watches
// something they moved is marked, so that the detector looks again. Order, repetition and delay of
// captures do not matter: stays are derived anew from all moves of a child.
import { bounds } from '../config.ts'
import type { AggregationEvent, AssociationEvent, EpcisEvent } from '../domain/epcis.ts'
import { parseEpcisDocument } from '../domain/epcis-parse.ts'
import { parseEpc } from '../domain/gs1.ts'
import { type Move, movesOf, type Relation } from '../domain/hierarchy.ts'
import type { Ledger, LedgerQuery } from '../store/ledger.ts'
import { devicesMountedOn, readAncestors } from '../store/ledger-contents.ts'
import { markDirty, marking } from '../store/ledger-detectors.ts'
import {
  type Capture,
  childrenEver,
  deleteMoves,
  insertCapture,
  insertEvents,
  insertMoves,
  readEvents,
  readStays,
  readUnits,
  replaceEvent,
  restateStays,
  type StoredEvent,
  type Unit,
  upsertUnits,
} from '../store/ledger-events.ts'
import { devicesByGiai } from '../store/ledger-registry.ts'
import type { LoggedEnvelope } from '../store/log.ts'

type CaptureProblem = Capture['errors'][number]

/**
 * The step of the follower `capture`: one transaction a document. Replaying documents changes
 * nothing.
 */
export function captureStep(
  ledger: Ledger,
  onApplied?: (capture: { tenant: string; id: string; events: number }) => void,
): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    for (const envelope of envelopes) {
      if (envelope.kind !== 'capture') continue
      const { tenant } = envelope
      const events = await ledger.transact((db) => applyCapture(db, envelope), marking(tenant))
      onApplied?.({ tenant, id: envelope.topic, events })
    }
  }
}

async function applyCapture(db: LedgerQuery, envelope: LoggedEnvelope): Promise<number> {
  const { tenant, recordTime } = envelope
  const finish = (events: number, errors: CaptureProblem[]): Promise<void> =>
    insertCapture(db, tenant, {
      id: envelope.topic,
      createdAt: recordTime,
      finishedAt: recordTime,
      events,
      errors,
    })
  const parsed = parseBody(envelope.body)
  if (!parsed.ok) {
    await finish(
      0,
      parsed.refusals.map(({ code, path, detail }) => ({ code, path, detail })),
    )
    return 0
  }
  const errors: CaptureProblem[] = []
  const fresh = await storeEvents(db, { envelope, events: parsed.value, errors })
  await storeUnits(db, tenant, fresh)
  errors.push(...(await unknownParents(db, tenant, fresh)))
  const moves = fresh.flatMap(movesOf)
  await insertMoves(db, tenant, moves)
  await applyMoves(db, tenant, moves)
  await finish(parsed.value.length, errors)
  return fresh.length
}

function parseBody(body: Uint8Array): ReturnType<typeof parseEpcisDocument> {
  try {
    return parseEpcisDocument(JSON.parse(Buffer.from(body).toString('utf8')), {
      eventsMax: bounds.captureEventsMax,
      epcsPerEventMax: bounds.epcsPerEventMax,
    })
  } catch (error) {
    // The API parses before it keeps; this is for documents that came another way.
    return { ok: false, refusals: [{ code: 'epcis/json', path: '', detail: String(error) }] }
  }
}

/**
 * Keeps the events; returns those that are new here. An error declaration takes the place of its
 * event (§7.4.1.3).
 */
async function storeEvents(
  db: LedgerQuery,
  {
    envelope,
    events,
    errors,
  }: { envelope: LoggedEnvelope; events: EpcisEvent[]; errors: CaptureProblem[] },
): Promise<EpcisEvent[]> {
  const { tenant, recordTime, offset } = envelope
  const rows = new Map<string, { event: EpcisEvent; row: StoredEvent }>()
  const declarations: EpcisEvent[] = []
  events.forEach((event, pos) => {
    const { eventID, type, eventTime } = event
    const row = {
      eventID,
      type,
      eventTime,
      recordTime,
      seq: offset,
      pos,
      body: JSON.stringify(event.raw),
    }
    const twin = rows.get(eventID)
    if (event.errorDeclaration) declarations.push(event)
    if (!twin || event.errorDeclaration) rows.set(eventID, { event, row })
    else if (twin.row.body !== row.body && !twin.event.errorDeclaration)
      errors.push(idConflict(eventID))
  })
  const known = new Map(
    (await readEvents(db, tenant, [...rows.keys()])).map((row) => [row.eventID, row]),
  )
  const fresh = await insertEvents(
    db,
    tenant,
    [...rows.values()].map(({ row }) => row),
  )
  for (const { event, row } of rows.values()) {
    const before = known.get(event.eventID)
    if (!before || before.body === row.body) continue
    if (event.errorDeclaration) await declareError(db, tenant, { row, before })
    else if (!('errorDeclaration' in JSON.parse(before.body)))
      errors.push(idConflict(event.eventID))
  }
  return [...rows.values()].map(({ event }) => event).filter((event) => fresh.has(event.eventID))
}

const idConflict = (eventID: string): CaptureProblem => ({
  code: 'epcis/event-id-conflict',
  path: '',
  detail: `${eventID} was captured before with other content, which stands`,
})

async function declareError(
  db: LedgerQuery,
  tenant: string,
  { row, before }: { row: StoredEvent; before: StoredEvent },
): Promise<void> {
  await replaceEvent(db, tenant, { ...row, seq: before.seq, pos: before.pos })
  const moves = await deleteMoves(db, tenant, row.eventID)
  await applyMoves(db, tenant, moves)
}

async function storeUnits(db: LedgerQuery, tenant: string, events: EpcisEvent[]): Promise<void> {
  const units = new Map<string, Unit>()
  for (const event of events) {
    if (event.errorDeclaration) continue
    for (const epc of epcsOf(event)) {
      const key = parseEpc(epc)
      if (key?.key !== 'sgtin' && key?.key !== 'sscc') continue
      const unit = units.get(epc) ?? { epc, ...(key.key === 'sgtin' && { gtin: key.gtin }) }
      if (
        event.type === 'ObjectEvent' &&
        event.action === 'ADD' &&
        !(unit.commissionedAt! <= event.eventTime)
      ) {
        unit.commissionedAt = event.eventTime
        if (event.lot !== undefined) unit.lot = event.lot
        if (event.expiry !== undefined) unit.expiry = event.expiry
      }
      units.set(epc, unit)
    }
  }
  await upsertUnits(db, tenant, [...units.values()])
}

function epcsOf(event: EpcisEvent): string[] {
  switch (event.type) {
    case 'ObjectEvent':
      return event.epcList
    case 'TransactionEvent':
      return event.parentID === undefined ? event.epcList : [event.parentID, ...event.epcList]
    case 'TransformationEvent':
      return [...event.inputEPCList, ...event.outputEPCList]
    case 'AggregationEvent':
    case 'AssociationEvent':
      return event.parentID === undefined ? event.childEPCs : [event.parentID, ...event.childEPCs]
  }
}

/**
 * Taking something out of a parent nobody ever filled is kept, and told: the filling may still come
 * (I3).
 */
async function unknownParents(
  db: LedgerQuery,
  tenant: string,
  events: EpcisEvent[],
): Promise<CaptureProblem[]> {
  const leaving = events.filter(
    (event): event is AggregationEvent | AssociationEvent =>
      (event.type === 'AggregationEvent' || event.type === 'AssociationEvent') &&
      event.action === 'DELETE',
  )
  const parents = [...new Set(leaving.flatMap(({ parentID }) => parentID ?? []))]
  if (parents.length === 0) return []
  const filled = new Set(
    (await readStays(db, tenant, { in: 'parent', among: parents })).map((stay) => stay.parent),
  )
  const here = new Set(
    events
      .filter((event) => 'action' in event && event.action === 'ADD')
      .flatMap((event) => ('parentID' in event && event.parentID) || []),
  )
  const units = await readUnits(db, tenant, parents)
  return parents
    .filter((parent) => !filled.has(parent) && !here.has(parent))
    .map((parent) => ({
      code: 'epcis/parent-unknown',
      path: '',
      detail: `nothing is known to have been put into ${parent}${units.has(parent) ? '' : ', which no other event names'}; kept, and used as soon as its ADD comes`,
      warning: true,
    }))
}

/** Restates the stays that these moves touch and marks the devices that watch them. */
async function applyMoves(db: LedgerQuery, tenant: string, moves: Move[]): Promise<void> {
  if (moves.length === 0) return
  const parents = new Set(moves.map((move) => move.parent))
  const children = new Set<string>()
  for (const relation of ['aggregation', 'association'] as const)
    for (const child of await restateFor(db, tenant, { relation, moves, parents }))
      children.add(child)
  const containers = await readAncestors(db, tenant, [...parents])
  const giais = [...children].filter((child) => parseEpc(child)?.key === 'giai')
  const mounted = await devicesByGiai(db, tenant, giais)
  const devices = new Set([
    ...(await devicesMountedOn(db, tenant, containers)),
    ...mounted.map(({ id }) => id),
  ])
  const since = Math.min(...moves.map((move) => move.eventTime))
  await markDirty(db, tenant, { devices: [...devices], since, cause: 'event' })
}

/** Adds to `parents` where the children were before and are now. */
async function restateFor(
  db: LedgerQuery,
  tenant: string,
  { relation, moves, parents }: { relation: Relation; moves: Move[]; parents: Set<string> },
): Promise<string[]> {
  const own = moves.filter((move) => move.relation === relation)
  if (own.length === 0) return []
  const emptied = own.filter((move) => move.child === undefined).map((move) => move.parent)
  const children = [
    ...new Set([
      ...own.flatMap((move) => move.child ?? []),
      ...(await childrenEver(db, tenant, { relation, parents: emptied })),
    ]),
  ]
  const elsewhere = async (): Promise<void> => {
    for (const stay of await readStays(db, tenant, { in: 'child', among: children, relation }))
      parents.add(stay.parent)
  }
  await elsewhere()
  await restateStays(db, tenant, { relation, children })
  await elsewhere()
  return children
}
