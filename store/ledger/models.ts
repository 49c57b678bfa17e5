// Ledger queries: versions of what was learned of a channel. What is in them is not known here.
import type { LedgerQuery } from './ledger.ts'
import type { ModelTables } from './schema-models.ts'

export type ModelRow = ModelTables['anomalyModels']
export type ModelKey = Pick<ModelRow, 'tenant' | 'device' | 'channel'>

/**
 * Takes the next version, which is returned; the oldest beyond `keep` are forgotten. In a
 * transaction of the caller's.
 */
export async function addModel(
  db: LedgerQuery,
  row: Omit<ModelRow, 'version'>,
  keep: number,
): Promise<ModelRow> {
  const version = ((await newestModel(db, row))?.version ?? 0) + 1
  const added = { ...row, version }
  await db.insertInto('anomalyModels').values(added).execute()
  await db
    .deleteFrom('anomalyModels')
    .where('tenant', '=', row.tenant)
    .where('device', '=', row.device)
    .where('channel', '=', row.channel)
    .where('version', '<=', version - keep)
    .execute()
  return added
}

export const newestModel = (db: LedgerQuery, of: ModelKey): Promise<ModelRow | undefined> =>
  db
    .selectFrom('anomalyModels')
    .selectAll()
    .where('tenant', '=', of.tenant)
    .where('device', '=', of.device)
    .where('channel', '=', of.channel)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()

/** All that are kept of a device, by channel, newest first. */
export const listModels = (
  db: LedgerQuery,
  { tenant, device }: Omit<ModelKey, 'channel'>,
): Promise<ModelRow[]> =>
  db
    .selectFrom('anomalyModels')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('channel')
    .orderBy('version', 'desc')
    .execute()
