// Ledger queries: what people stated of the clocks of devices. What follows for readings is not
// known here.
import type { Selectable } from 'kysely'
import type { ClockCorrection } from '../../domain/clock-correction.ts'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type ClockCorrectionRow = Selectable<LedgerTables['clockCorrections']>

export async function insertClockCorrection(
  db: LedgerQuery,
  row: Omit<ClockCorrectionRow, 'withdrawnAt' | 'withdrawnBy' | 'withdrawnReason'>,
): Promise<void> {
  const standing = { withdrawnAt: null, withdrawnBy: null, withdrawnReason: null }
  await db
    .insertInto('clockCorrections')
    .values({ ...row, ...standing })
    .execute()
}

/** All that were stated of a device, in order of their time; those taken back too. */
export function readClockCorrections(
  db: LedgerQuery,
  { tenant, device }: { tenant: string; device: string },
): Promise<ClockCorrectionRow[]> {
  return db
    .selectFrom('clockCorrections')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('from')
    .orderBy('at')
    .orderBy('id')
    .execute()
}

/** Those in force, of one device or of all. */
export async function correctionsInForce(
  db: LedgerQuery,
  of?: { tenant: string; device: string },
): Promise<(ClockCorrection & { tenant: string; device: string })[]> {
  let query = db
    .selectFrom('clockCorrections')
    .select(['tenant', 'device', 'from', 'to', 'aheadMs'])
    .where('withdrawnAt', 'is', null)
  if (of) query = query.where('tenant', '=', of.tenant).where('device', '=', of.device)
  const rows = await query.orderBy('tenant').orderBy('device').orderBy('from').execute()
  return rows.map((row) => ({ ...row, to: row.to ?? Infinity }))
}

/** False when there is none of this id in force. */
export async function withdrawClockCorrection(
  db: LedgerQuery,
  { tenant, device, id }: Pick<ClockCorrectionRow, 'tenant' | 'device' | 'id'>,
  { at, by, reason }: { at: number; by: string; reason: string },
): Promise<boolean> {
  const done = await db
    .updateTable('clockCorrections')
    .set({ withdrawnAt: at, withdrawnBy: by, withdrawnReason: reason })
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('id', '=', id)
    .where('withdrawnAt', 'is', null)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}
