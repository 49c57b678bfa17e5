// What a shipment is: the events that shipped it, and all that was inside at that moment. A
// shipment is named by what was shipped (an SSCC), by its shipping event, or by the id of a
// despatch advice or another transaction in that event.
import { bounds } from '../../config.ts'
import type { EpcisEvent, ObjectEvent } from '../../domain/epcis/epcis.ts'
import { parseQuery } from '../../domain/epcis/query.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { canonicalEpc, parseEpc } from '../../domain/gs1/gs1.ts'
import type { Result } from '../../domain/refusal.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { findEvents } from '../../store/ledger/event-queries.ts'
import { readEvents, type StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readStaysById } from '../../store/ledger/stays.ts'
import { storiesOf } from '../stories.ts'
import { tooLarge } from './concerned.ts'

export interface Shipping {
  stored: StoredEvent
  event: ObjectEvent
}

export interface Shipment {
  /** Ascending by event time. */
  shippings: Shipping[]
  /** What was shipped and all that was inside, with the container it was in then. */
  members: Map<number, { parent: number | undefined; since: number }>
}

/** Refusals: request/not-found; request/too-large beyond the bound of units. */
export async function findShipment(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<Result<Shipment>> {
  const stored = await shippingsNamed(db, tenant, name)
  const shippings = stored.flatMap((one): Shipping[] => {
    const event = parseStored(one)
    return isShipping(event) && !one.declared ? [{ stored: one, event }] : []
  })
  if (shippings.length === 0) {
    const detail = `no shipping event is known for ${name}: want an SSCC, an eventID or the id of a transaction`
    return { ok: false, refusals: [{ code: 'request/not-found', path: 'query/shipment', detail }] }
  }
  const members: Shipment['members'] = new Map()
  for (const { event } of shippings) {
    const complete = await addContents(db, tenant, { event, members })
    if (!complete) return tooLarge(`more than ${bounds.reportUnitsMax} things were shipped`)
  }
  return { ok: true, value: { shippings, members } }
}

const isShipping = (event: EpcisEvent): event is ObjectEvent =>
  event.type === 'ObjectEvent' && event.bizStep === 'shipping'

async function shippingsNamed(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<StoredEvent[]> {
  const byId = await readEvents(db, tenant, [name])
  if (byId.length > 0) return byId
  const epc = canonicalEpc(name)
  if (epc.ok && parseEpc(epc.value)) {
    const id = (await idsOf(db, tenant, [epc.value])).get(epc.value)
    if (id === undefined) return []
    const [story] = await storiesOf(db, tenant, [id])
    // Shipped by itself or inside of something: the last time counts.
    const last = story!.facts.findLast(
      ({ type, bizStep }) => type === 'ObjectEvent' && bizStep === 'shipping',
    )
    return last ? readEvents(db, tenant, [last.eventID]) : []
  }
  const query = parseQuery({ EQ_bizStep: ['shipping'], EQ_bizTransaction: [name] })
  if (!query.ok) return []
  const order = { by: 'eventTime', direction: 'ASC' } as const
  const limit = bounds.pageMax
  const found = await findEvents(db, tenant, { query: { ...query.value, order }, limit })
  return found.events.map(({ stored }) => stored)
}

/** False when there is more than a report speaks of. */
async function addContents(
  db: LedgerQuery,
  tenant: string,
  { event, members }: { event: ObjectEvent; members: Shipment['members'] },
): Promise<boolean> {
  const at = event.eventTime
  let level = [...(await idsOf(db, tenant, event.epcList)).values()]
  for (const id of level) if (!members.has(id)) members.set(id, { parent: undefined, since: at })
  for (let depth = 0; depth < bounds.containmentDepthMax && level.length > 0; depth++) {
    const stays = await readStaysById(db, tenant, {
      ...{ in: 'parent', among: level, relation: 'aggregation' },
      window: { from: at, to: at + 1 },
    })
    level = []
    for (const { child, parent, from } of stays) {
      if (members.has(child)) continue
      members.set(child, { parent, since: from })
      level.push(child)
    }
    if (members.size > bounds.reportUnitsMax) return false
  }
  return true
}
