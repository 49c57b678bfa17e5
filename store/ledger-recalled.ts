// Ledger queries: which open recalls mean a unit. Kept beside the pinned sets, unit by unit: the
// answer takes a look at the unit and not at each recall.
import { sql } from 'kysely'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { shortEpc } from './ledger-epcs.ts'

export interface RecallOfUnit {
  id: string
  name: string
  drill: boolean
  /** Epoch ms. */
  startedAt: number
}

/** The open recalls that mean this unit, the oldest first; drills only when asked for. */
export async function recallsOf(
  db: LedgerQuery,
  tenant: string,
  epc: string,
  { drills = false }: { drills?: boolean } = {},
): Promise<RecallOfUnit[]> {
  const rows = await db
    .selectFrom('epcs')
    .innerJoin('recalled', (join) =>
      join.onRef('recalled.tenant', '=', 'epcs.tenant').onRef('recalled.epc', '=', 'epcs.id'),
    )
    .innerJoin('recalls', (join) =>
      join
        .onRef('recalls.tenant', '=', 'recalled.tenant')
        .onRef('recalls.id', '=', 'recalled.recall'),
    )
    .select(['recalls.id', 'recalls.name', 'recalls.drill', 'recalls.startedAt'])
    .where('epcs.tenant', '=', tenant)
    .where('epcs.epc', '=', shortEpc(epc))
    .where('recalls.drill', 'in', drills ? [0, 1] : [0])
    .orderBy('recalls.startedAt')
    .orderBy('recalls.id')
    .execute()
  return rows.map(({ drill, ...recall }) => ({ ...recall, drill: drill === 1 }))
}

/** These units, by number, are meant by the recall from now on. */
export async function markRecalled(
  db: LedgerQuery,
  tenant: string,
  { recall, units }: { recall: string; units: readonly number[] },
): Promise<void> {
  for (const page of pagesOf(units))
    await sql`insert into recalled (tenant, epc, recall)
      select ${tenant}, listed.value, ${recall} from ${listed(db, page)}
      where true on conflict do nothing`.execute(db)
}

/** They are no more. */
export async function unmarkRecalled(
  db: LedgerQuery,
  tenant: string,
  { recall, units }: { recall: string; units: readonly number[] },
): Promise<void> {
  for (const page of pagesOf(units))
    await sql`delete from recalled where tenant = ${tenant} and recall = ${recall}
      and epc in (select listed.value from ${listed(db, page)})`.execute(db)
}
