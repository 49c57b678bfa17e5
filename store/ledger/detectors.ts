// Ledger queries: what the detector remembers of each device, and which devices it must look at
// again.

import { slotOf } from '../slots.ts'
import { among, chunksOf, type LedgerQuery, listsOf, type TransactOptions } from './ledger.ts'

export interface DetectorRow {
  tenant: string
  device: string
  body: string
  dirtySince: number | null
  cause: string | null
  /** Grows with each mark: whoever clears a mark must have seen the newest. */
  marks: number
  slot: number
}

export async function readDetectors(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<DetectorRow[]> {
  const rows: DetectorRow[] = []
  for (const chunk of listsOf(db, devices))
    rows.push(
      ...(await db
        .selectFrom('detectors')
        .selectAll()
        .where('tenant', '=', tenant)
        .where(among(db, 'device', chunk))
        .execute()),
    )
  return rows
}

/** Marked devices, of these slots only when given; those that must go back furthest first. */
export function dirtyDetectors(
  db: LedgerQuery,
  of: { limit: number; slots?: readonly number[] },
): Promise<DetectorRow[]> {
  let query = db.selectFrom('detectors').selectAll().where('dirtySince', 'is not', null)
  if (of.slots) query = query.where('slot', 'in', of.slots)
  return query.orderBy('dirtySince').orderBy('tenant').orderBy('device').limit(of.limit).execute()
}

/** The marks of these devices, without what the detector remembers of them. */
export async function readMarks(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<Map<string, number>> {
  const marks = new Map<string, number>()
  for (const chunk of listsOf(db, devices)) {
    const rows = await db
      .selectFrom('detectors')
      .select(['device', 'marks'])
      .where('tenant', '=', tenant)
      .where(among(db, 'device', chunk))
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
  for (const chunk of chunksOf(inOrder(rows, (row) => `${row.tenant}\n${row.device}`)))
    await db
      .insertInto('detectors')
      .values(
        chunk.map(({ tenant, device, body }) => ({
          ...{ tenant, device, body, slot: slotOf(tenant, device) },
          ...{ dirtySince: null, cause: null, marks: 0 },
        })),
      )
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

/**
 * For every transaction that changes what readings are judged by (who is in what, which logger is
 * which, the rules) and marks devices for it: those of a tenant run one after the other. Of two at
 * once neither would see what the other is about to keep, and a device that both concern would be
 * marked by none: a logger registered in the middle of the capture that mounts it. Serializable
 * would not do: it fails whenever a detector writes a marked row, and detectors always write.
 */
export const marking = (tenant: string): TransactOptions => ({ alone: `marks/${tenant}` })

/** These devices must be looked at again from a time on; an earlier mark stays. */
export async function markDirty(
  db: LedgerQuery,
  tenant: string,
  mark: { devices: string[]; since: number; cause: string },
): Promise<void> {
  const devices = inOrder(new Set(mark.devices), (device) => device)
  for (const chunk of chunksOf(devices))
    await db
      .insertInto('detectors')
      .values(
        chunk.map((device) => ({
          tenant,
          device,
          slot: slotOf(tenant, device),
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

/** Transactions that lock the same rows in the same order cannot wait for each other in a ring. */
const inOrder = <T>(rows: Iterable<T>, keyOf: (row: T) => string): T[] =>
  [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
