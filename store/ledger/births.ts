// Ledger queries: births of Sparkplug B, what edge nodes said of their metrics, by place in the
// log. Only those that say something else than the one before. They belong to their log and are
// not moved with an export.
import type { Selectable } from 'kysely'
import { bounds } from '../../config.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type BirthRow = Selectable<LedgerTables['sparkplugBirths']>

/** Whose metrics: those of an edge node (device '') or of a device behind it. */
export type Born = Pick<BirthRow, 'tenant' | 'node' | 'device'>

/** In the order of the log. */
export const readBirths = (
  db: LedgerQuery,
  { tenant, node, device }: Born,
): Promise<Pick<BirthRow, 'offset' | 'metrics'>[]> =>
  db
    .selectFrom('sparkplugBirths')
    .select(['offset', 'metrics'])
    .where('tenant', '=', tenant)
    .where('node', '=', node)
    .where('device', '=', device)
    .orderBy('offset')
    .execute()

/**
 * Kept once, however often the log is replayed. Gives those that were kept: a tenant with
 * `max` of them gets no further nodes and devices, and their data are refused.
 */
export async function insertBirths(
  db: LedgerQuery,
  births: readonly BirthRow[],
  isNew: (birth: BirthRow) => boolean,
  max: number = bounds.birthsPerTenantMax,
): Promise<BirthRow[]> {
  const kept: BirthRow[] = []
  for (const [tenant, rows] of Map.groupBy(births, (row) => row.tenant)) {
    const { count } = await db
      .selectFrom('sparkplugBirths')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow()
    let room = max - Number(count)
    kept.push(...rows.filter((row) => !isNew(row) || room-- > 0))
  }
  for (const chunk of chunksOf(kept, 100))
    await db
      .insertInto('sparkplugBirths')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  return kept
}

/** Drops what stands before an offset. */
export async function dropBirths(
  db: LedgerQuery,
  { tenant, node, device }: Born,
  before: number,
): Promise<void> {
  await db
    .deleteFrom('sparkplugBirths')
    .where('tenant', '=', tenant)
    .where('node', '=', node)
    .where('device', '=', device)
    .where('offset', '<', before)
    .execute()
}
