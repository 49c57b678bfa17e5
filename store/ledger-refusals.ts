// Ledger queries: refusals, the input that will never be accepted, kept with its reason and its bytes.
import { bounds } from '../config.ts'
import type { Refusal } from '../domain/refusal.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'

export interface StoredRefusal extends Refusal {
  id: number
  device: string
  offset: number
  recordTime: number
  topic: string
  raw: Uint8Array
}

export interface NewRefusal extends Refusal {
  tenant: string
  device: string
  offset: number
  pos: number
  recordTime: number
  topic: string
  raw: Uint8Array
}

/** Kept once, however often the log is replayed; the oldest of a device go when there are too many. */
export async function insertRefusals(db: LedgerQuery, refusals: NewRefusal[]): Promise<void> {
  for (const chunk of chunksOf(refusals, 200))
    await db
      .insertInto('refusals')
      .values(
        chunk.map(
          ({ tenant, device, offset, pos, recordTime, topic, code, path, detail, raw }) => ({
            tenant,
            device,
            offset,
            pos,
            recordTime,
            topic,
            code,
            path,
            detail,
            // The bytes are kept once a packet, with its first refusal.
            raw: pos === 0 ? raw : new Uint8Array(0),
          }),
        ),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  const devices = new Map(
    refusals.map((refusal) => [`${refusal.tenant}\n${refusal.device}`, refusal]),
  )
  for (const { tenant, device } of devices.values()) await trimRefusals(db, tenant, device)
}

async function trimRefusals(db: LedgerQuery, tenant: string, device: string): Promise<void> {
  const beyond = await db
    .selectFrom('refusals')
    .select('id')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('id', 'desc')
    .offset(bounds.refusalsPerDeviceMax)
    .limit(1)
    .executeTakeFirst()
  if (!beyond) return
  await db
    .deleteFrom('refusals')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('id', '<=', beyond.id)
    .execute()
}

/** Newest first. `before`: the id of the last refusal of the page before. */
export async function listRefusals(
  db: LedgerQuery,
  tenant: string,
  page: { device?: string; before?: number; limit: number },
): Promise<StoredRefusal[]> {
  let query = db.selectFrom('refusals').selectAll().where('tenant', '=', tenant)
  if (page.device !== undefined) query = query.where('device', '=', page.device)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
  return rows.map((row) => ({ ...row, code: row.code as Refusal['code'] }))
}
