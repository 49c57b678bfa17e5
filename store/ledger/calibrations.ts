// Ledger queries: when loggers were calibrated, and when the next calibration was due. All of them
// stay: what was said under one is judged by it for ever.
import type { Calibration } from '../../domain/calibration.ts'
import type { CalibrationPoint } from '../../domain/calibration-drift.ts'
import { among, type LedgerQuery, listsOf } from './ledger.ts'

/** What the certificate says besides. */
export interface Certificate {
  certificate?: string | undefined
  laboratory?: string | undefined
  points?: readonly CalibrationPoint[] | undefined
}

/** One of the same time takes the place of what was told before; what is not told now stays. */
export async function putCalibration(
  db: LedgerQuery,
  of: { tenant: string; device: string },
  { calibratedAt, dueAt, certificate, laboratory, points }: Calibration & Certificate,
): Promise<void> {
  const told = {
    dueAt,
    ...(certificate !== undefined && { certificate }),
    ...(laboratory !== undefined && { laboratory }),
    ...(points !== undefined && { points: JSON.stringify(points) }),
  }
  await db
    .insertInto('calibrations')
    .values({ tenant: of.tenant, device: of.device, calibratedAt, ...told })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'device', 'calibratedAt']).doUpdateSet(told),
    )
    .execute()
}

/** All of one device with what their certificates say; ascending. */
export async function readCertificates(
  db: LedgerQuery,
  { tenant, device }: { tenant: string; device: string },
): Promise<(Calibration & Certificate & { points: readonly CalibrationPoint[] })[]> {
  const rows = await db
    .selectFrom('calibrations')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('calibratedAt')
    .execute()
  return rows.map(({ calibratedAt, dueAt, certificate, laboratory, points }) => ({
    ...{ calibratedAt, dueAt },
    ...(certificate !== null && { certificate }),
    ...(laboratory !== null && { laboratory }),
    points: points === null ? [] : (JSON.parse(points) as CalibrationPoint[]),
  }))
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
