// Ledger queries: the events that stand, batch by batch, of some places and before a time.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { eventColumns, type StoredEvent, storedOf } from './events.ts'
import type { LedgerQuery } from './ledger.ts'

export interface EventPick {
  /** At any of these, or within them when they are GLNs. */
  places?: readonly string[]
  /** Event time, not included. */
  to: number
}

export async function* pickEvents(
  db: LedgerQuery,
  tenant: string,
  { places, to }: EventPick,
): AsyncGenerator<StoredEvent[]> {
  const before = Math.min(to, Number.MAX_SAFE_INTEGER)
  for (let last = -1; ; ) {
    let query = db
      .selectFrom('events')
      .select(eventColumns)
      .where('tenant', '=', tenant)
      .where('declared', '=', 0)
      .where('eventTime', '<', before)
      .where('id', '>', last)
    if (places)
      query = query.where(
        sql<boolean>`(${sql.join(
          places.flatMap((place) => [isAt('readPoint', place), isAt('bizLocation', place)]),
          sql` or `,
        )})`,
      )
    const rows = await query.orderBy('id').limit(bounds.queryChunkRows).execute()
    if (rows.length > 0) yield rows.map(storedOf)
    if (rows.length < bounds.queryChunkRows) return
    last = rows.at(-1)!.id
  }
}

const isAt = (column: 'readPoint' | 'bizLocation', place: string) => {
  const ref = sql.ref(`events.${column}`)
  return sql`(${ref} = ${place} or (${ref} >= ${`${place}/254/`} and ${ref} < ${`${place}/2540`}))`
}
