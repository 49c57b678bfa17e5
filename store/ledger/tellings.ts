// Ledger queries: which alerts are no longer as their receivers were told, and what these were told
// last. What is worth telling is not known here.
import { dialectOf, type LedgerQuery } from './ledger.ts'

export interface Telling {
  tenant: string
  alert: string
  /** What was told last, as it was written; null: nothing yet. */
  told: string | null
  /** Since when that is not how it stands; null when it is. */
  since: number | null
  changedAt: number
  cause: string
  /** Alerts that were told of, and that this one took the place of. */
  supersedes: string[]
}

const columns = [
  ...(['tenant', 'alert', 'told', 'since', 'changedAt', 'cause', 'supersedes'] as const),
] as const

/** An alert changed; who was told of it may have to hear again. */
export async function markUntold(
  db: LedgerQuery,
  { tenant, alert, at, cause }: { tenant: string; alert: string; at: number; cause: string },
): Promise<void> {
  await db
    .insertInto('tellings')
    .values({ tenant, alert, told: null, since: at, changedAt: at, cause, supersedes: '[]' })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'alert']).doUpdateSet((e) => ({
        since: e.fn.coalesce('tellings.since', e.val(at)),
        changedAt: at,
        cause,
      })),
    )
    .execute()
}

/**
 * Those that did not change since `quietAt`, or wait since before `patienceAt`. Held until the end
 * of the transaction: a change that comes meanwhile marks them again.
 */
export async function dueTellings(
  db: LedgerQuery,
  of: { quietAt: number; patienceAt: number; limit: number },
): Promise<Telling[]> {
  const query = db
    .selectFrom('tellings')
    .select(columns)
    .where('since', 'is not', null)
    .where((e) => e.or([e('changedAt', '<=', of.quietAt), e('since', '<=', of.patienceAt)]))
    .orderBy('since')
    .orderBy('alert')
    .limit(of.limit)
  const rows = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).execute()
  return rows.map(tellingOf)
}

export async function readTelling(
  db: LedgerQuery,
  tenant: string,
  alert: string,
): Promise<Telling | undefined> {
  const query = db
    .selectFrom('tellings')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('alert', '=', alert)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  return row && tellingOf(row)
}

export async function updateTelling(
  db: LedgerQuery,
  { tenant, alert, told, since, supersedes }: Telling,
): Promise<void> {
  await db
    .updateTable('tellings')
    .set({ told, since, supersedes: JSON.stringify(supersedes) })
    .where('tenant', '=', tenant)
    .where('alert', '=', alert)
    .execute()
}

/** Whether any waits: asked without a transaction, since mostly none does. */
export async function anyUntold(db: LedgerQuery): Promise<boolean> {
  const row = await db
    .selectFrom('tellings')
    .select('alert')
    .where('since', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

const tellingOf = (row: Omit<Telling, 'supersedes'> & { supersedes: string }): Telling => ({
  ...row,
  supersedes: JSON.parse(row.supersedes) as string[],
})
