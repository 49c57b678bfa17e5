// Ledger queries: what the detector remembers of each device, and which devices it must look at
// again.
import { chunksOf, type LedgerQuery } from './ledger.ts'

export interface DetectorRow {
  tenant: string
  device: string
  body: string
  dirtySince: number | null
  cause: string | null
  /** Grows with each mark: whoever clears a mark must have seen the newest. */
  marks: number
}

export async function readDetectors(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<DetectorRow[]> {
  const rows: DetectorRow[] = []
  for (const chunk of chunksOf(devices))
    rows.push(
      ...(await db
        .selectFrom('detectors')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('device', 'in', chunk)
        .execute()),
    )
  return rows
}

export const dirtyDetectors = (db: LedgerQuery, limit: number): Promise<DetectorRow[]> =>
  db.selectFrom('detectors').selectAll().where('dirtySince', 'is not', null).limit(limit).execute()

/** The marks of these devices, without what the detector remembers of them. */
export async function readMarks(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<Map<string, number>> {
  const marks = new Map<string, number>()
  for (const chunk of chunksOf(devices)) {
    const rows = await db
      .selectFrom('detectors')
      .select(['device', 'marks'])
      .where('tenant', '=', tenant)
      .where('device', 'in', chunk)
      .execute()
    for (const row of rows) marks.set(row.device, row.marks)
  }
  return marks
}

/** Keeps what the detector remembers. Dirty marks stay as they are. */
export async function writeDetectors(
  db: LedgerQuery,
  rows: { tenant: string; device: string; body: string }[],
): Promise<void> {
  for (const chunk of chunksOf(rows))
    await db
      .insertInto('detectors')
      .values(chunk.map((row) => ({ ...row, dirtySince: null, cause: null, marks: 0 })))
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'device'])
          .doUpdateSet((e) => ({ body: e.ref('excluded.body') })),
      )
      .execute()
}

/** Clears the mark unless a newer one came since `marks` was read. */
export async function clearDirty(
  db: LedgerQuery,
  { tenant, device, marks }: { tenant: string; device: string; marks: number },
): Promise<void> {
  await db
    .updateTable('detectors')
    .set({ dirtySince: null, cause: null })
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('marks', '=', marks)
    .execute()
}

/** These devices must be looked at again from a time on; an earlier mark stays. */
export async function markDirty(
  db: LedgerQuery,
  tenant: string,
  mark: { devices: string[]; since: number; cause: string },
): Promise<void> {
  for (const chunk of chunksOf(mark.devices))
    await db
      .insertInto('detectors')
      .values(
        chunk.map((device) => ({
          tenant,
          device,
          body: '',
          dirtySince: mark.since,
          cause: mark.cause,
          marks: 1,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'device']).doUpdateSet((e) => ({
          dirtySince: e
            .case()
            .when('detectors.dirtySince', '<', mark.since)
            .then(e.ref('detectors.dirtySince'))
            .else(mark.since)
            .end(),
          cause: mark.cause,
          marks: e('detectors.marks', '+', 1),
        })),
      )
      .execute()
}
