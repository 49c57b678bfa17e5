// What containment is derived from, written into a ledger without documents around it.
import type { Move } from '../../domain/hierarchy.ts'
import { internEpcs } from '../../store/ledger/epcs.ts'
import {
  insertEvents,
  readEvents,
  replaceEvent,
  type StoredEvent,
} from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { insertMentions } from '../../store/ledger/mentions.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import { restateStays } from '../../store/ledger/stays.ts'

export const storedEvent = (eventID: string, more: Partial<StoredEvent> = {}): StoredEvent => ({
  ...{ eventID, type: 'ObjectEvent', action: null, eventTime: 1000, recordTime: 5000 },
  ...{ seq: 0, pos: 0, bizStep: null, disposition: null, readPoint: null, bizLocation: null },
  ...{ parent: null, empties: false, declared: false, body: '{}' },
  ...more,
})

/** An event for each eventID, of the first of its moves. */
export async function insertMoves(
  db: LedgerQuery,
  tenant: string,
  moves: readonly Move[],
): Promise<void> {
  const names = moves.flatMap(({ child, parent }) => [child ?? [], parent ?? []].flat())
  const ids = await internEpcs(db, tenant, names)
  for (const [eventID, group] of Map.groupBy(moves, (move) => move.eventID)) {
    const { relation, action, parent, child, eventTime } = group[0]!
    const event = storedEvent(eventID, {
      type: relation === 'aggregation' ? 'AggregationEvent' : 'AssociationEvent',
      ...{ action, eventTime, parent: ids.get(parent!)!, empties: child === undefined },
    })
    await insertEvents(db, tenant, [event])
    const [stored] = await readEvents(db, tenant, [eventID])
    const epcs = group.flatMap((move) => (move.child === undefined ? [] : ids.get(move.child)!))
    await insertMentions(db, tenant, [{ event: stored!.id!, role: mentionRoles.childEPCs, epcs }])
  }
}

/** Declares an event in error; its stays are to be restated. */
export async function withdraw(db: LedgerQuery, tenant: string, eventID: string): Promise<void> {
  const [stored] = await readEvents(db, tenant, [eventID])
  if (stored) await replaceEvent(db, tenant, { ...stored, declared: true })
}

export async function restate(
  db: LedgerQuery,
  tenant: string,
  children: readonly string[],
): Promise<void> {
  const ids = await internEpcs(db, tenant, children)
  await restateStays(db, tenant, [...ids.values()])
}
