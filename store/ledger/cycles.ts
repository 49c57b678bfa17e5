// Ledger queries: the cycles of something that is filled and emptied again and again. They follow
// from the stays in it, in the database: an asset of many years has more stays than memory wants.
import { sql } from 'kysely'
import { idsOf } from './epcs.ts'
import type { LedgerQuery } from './ledger.ts'
import { endCodes, openEnd, relationCodes } from './schema.ts'
import { byParent } from './stays.ts'

/** From the first packing until nothing was left. */
export interface CycleRow {
  /** 1 is the first that is known. */
  number: number
  from: number
  /** Infinity while something is inside. */
  to: number
  /** Different things that were directly inside. */
  children: number
  /** Whether one event took everything out, or the last thing went by itself. */
  emptied: boolean
}

/**
 * Ascending, after the one that began at a time. What leaves at the moment at which something else
 * is put in leaves before: another cycle begins. Undefined when no event ever named the asset.
 */
export async function readCycles(
  db: LedgerQuery,
  tenant: string,
  of: { asset: string; after?: number | undefined; limit: number },
): Promise<CycleRow[] | undefined> {
  const parent = (await idsOf(db, tenant, [of.asset])).get(of.asset)
  if (parent === undefined) return undefined
  const { rows } = await sql<{
    number: number
    from: number
    to: number
    children: number
    emptied: number
  }>`
    with inside as (
      select child, "from", "to", "endedBy", max("to") over (
          order by "from", "to", child rows between unbounded preceding and 1 preceding
        ) as past
      from stays ${byParent(db)} where tenant = ${tenant} and parent = ${parent}
        and relation = ${relationCodes.aggregation}
    ), numbered as (
      select child, "from", "to", "endedBy", sum(case when "from" < past then 0 else 1 end) over (
          order by "from", "to", child rows between unbounded preceding and current row
        ) as number
      from inside
    )
    select number, min("from") as "from", max("to") as "to", count(distinct child) as children,
      max(case when "endedBy" = ${endCodes.emptied} then "to" else ${-openEnd} end) as emptied
    from numbered group by number having min("from") > ${of.after ?? -openEnd}
    order by number limit ${of.limit}`.execute(db)
  return rows.map((row) => ({
    number: Number(row.number),
    from: row.from,
    to: row.to === openEnd ? Infinity : row.to,
    children: Number(row.children),
    emptied: row.emptied === row.to,
  }))
}
