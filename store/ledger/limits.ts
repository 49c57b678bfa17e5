// Ledger queries: temperature limits that scanned labels armed, a row for each scan that says
// something else or at another time. What holds when follows from all of them
// (domain/armed-limits.ts), so that it does not matter in which order they came (I3).
import { sql } from 'kysely'
import type { Arming, LimitsLabel } from '../../domain/armed-limits.ts'
import { among, chunksOf, type LedgerQuery, listsOf } from './ledger.ts'

/** One scan of one label. Times epoch ms. */
export interface ArmedLimits extends LimitsLabel, Arming {
  /** The text that was scanned. */
  label: string
  /** Who sent it: a key's id, or admin. */
  armedBy: string
  recordTime: number
}

/** The same at the same time again changes nothing. */
export async function insertArmings(
  db: LedgerQuery,
  tenant: string,
  armings: readonly ArmedLimits[],
): Promise<void> {
  const rows = armings.map((arming) => ({
    ...{ tenant, said: `${arming.minC ?? ''}..${arming.maxC ?? ''}` },
    ...arming,
  }))
  for (const chunk of chunksOf(rows))
    await db
      .insertInto('armedLimits')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** Whether any label was ever scanned: where none was, nobody need look further. */
export async function hasArmings(db: LedgerQuery, tenant: string): Promise<boolean> {
  const row = await db
    .selectFrom('armedLimits')
    .select('armedAt')
    .where('tenant', '=', tenant)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Of those of these containers that have any. */
export async function readArmings(
  db: LedgerQuery,
  tenant: string,
  containers: readonly string[],
): Promise<Map<string, Arming[]>> {
  const armings = new Map<string, Arming[]>()
  for (const chunk of listsOf(db, containers)) {
    const rows = await db
      .selectFrom('armedLimits')
      .select(['container', 'armedAt', 'minC', 'maxC'])
      .where('tenant', '=', tenant)
      .where(among(db, 'container', chunk))
      .orderBy('armedAt')
      .execute()
    for (const { container, ...arming } of rows)
      armings.set(container, [...(armings.get(container) ?? []), arming])
  }
  return armings
}

/**
 * By container, then time. `until`: when another scan takes the place of this one, null for the
 * last.
 */
export async function listArmings(
  db: LedgerQuery,
  tenant: string,
  page: {
    container?: string | undefined
    after?: readonly [container: string, armedAt: number, said: string] | undefined
    limit: number
  },
): Promise<(ArmedLimits & { said: string; until: number | null })[]> {
  let query = db
    .selectFrom('armedLimits')
    .selectAll()
    .select((e) =>
      e
        .selectFrom('armedLimits as later')
        .select((l) => l.fn.min('later.armedAt').as('until'))
        .where('later.tenant', '=', tenant)
        .whereRef('later.container', '=', 'armedLimits.container')
        .whereRef('later.armedAt', '>', 'armedLimits.armedAt')
        .as('until'),
    )
    .where('tenant', '=', tenant)
  if (page.container !== undefined) query = query.where('container', '=', page.container)
  if (page.after) {
    const [container, armedAt, said] = page.after
    query = query.where(
      sql<boolean>`(container, "armedAt", said) > (${container}, ${armedAt}, ${said})`,
    )
  }
  const rows = await query
    .orderBy('container')
    .orderBy('armedAt')
    .orderBy('said')
    .limit(page.limit)
    .execute()
  return rows.map(({ tenant: _, until, ...row }) => ({
    ...row,
    until: until === null ? null : Number(until),
  }))
}
