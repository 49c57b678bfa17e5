// Ledger queries: which open recalls mean a unit. Kept beside the pinned sets, unit by unit: the
// answer takes a look at the unit and not at each recall.
import { sql } from 'kysely'
import { idsOf } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'

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
  options: { drills?: boolean } = {},
): Promise<RecallOfUnit[]> {
  const [unit] = (await idsOf(db, tenant, [epc])).values()
  return unit === undefined ? [] : recallsOfNumber(db, tenant, { unit, ...options })
}

/** The same by the unit's number. */
export async function recallsOfNumber(
  db: LedgerQuery,
  tenant: string,
  { unit, drills = false }: { unit: number; drills?: boolean },
): Promise<RecallOfUnit[]> {
  const { rows } = await sql<Omit<RecallOfUnit, 'drill'> & { drill: number }>`
    select recalls.id, recalls.name, recalls.drill, recalls."startedAt"
    from recalled join recalls on recalls.tenant = recalled.tenant and recalls.id = recalled.recall
    where recalled.tenant = ${tenant} and recalled.epc = ${unit}
      and recalls.drill <= ${Number(drills)}
    order by recalls."startedAt", recalls.id`.execute(db)
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
