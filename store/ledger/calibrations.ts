// Ledger queries: when loggers were calibrated, and when the next calibration was due. All of them
// stay: what was said under one is judged by it for ever.
import type { Calibration } from '../../domain/calibration.ts'
import { among, type LedgerQuery, listsOf } from './ledger.ts'

/** One of the same time takes the place of what was told before. */
export async function putCalibration(
  db: LedgerQuery,
  of: { tenant: string; device: string },
  { calibratedAt, dueAt }: Calibration,
): Promise<void> {
  await db
    .insertInto('calibrations')
    .values({ tenant: of.tenant, device: of.device, calibratedAt, dueAt })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'device', 'calibratedAt']).doUpdateSet({ dueAt }),
    )
    .execute()
}

/** Of those of these devices that have any; ascending. */
export async function readCalibrations(
  db: LedgerQuery,
  tenant: string,
  devices: readonly string[],
): Promise<Map<string, Calibration[]>> {
  const found: ({ device: string } & Calibration)[] = []
  for (const chunk of listsOf(db, devices))
    found.push(
      ...(await db
        .selectFrom('calibrations')
        .select(['device', 'calibratedAt', 'dueAt'])
        .where('tenant', '=', tenant)
        .where(among(db, 'device', chunk))
        .orderBy('calibratedAt')
        .execute()),
    )
  return Map.groupBy(found, ({ device }) => device)
}
