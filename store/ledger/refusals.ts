// Ledger queries: refusals, the input that will never be accepted, kept with its reason and its
// bytes. A packet may be large and hold many refusals: its bytes are stored once and never read
// whole for a list.

import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { type Refusal, refusalCodes } from '../../domain/refusal.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'

export interface NewRefusal extends Refusal {
  tenant: string
  device: string
  offset: number
  pos: number
  recordTime: number
  topic: string
  raw: Uint8Array
}

/**
 * Kept once, however often the log is replayed; the oldest of a device go when there are too many.
 */
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

export interface ListedRefusal extends Refusal {
  id: number
  device: string
  offset: number
  recordTime: number
  topic: string
  /** The first `headBytes` of the packet. */
  head: Uint8Array
  /** Bytes of the whole packet. */
  rawBytes: number
}

/** Newest first. `before`: the id of the last refusal of the page before. */
export async function listRefusalHeads(
  db: LedgerQuery,
  tenant: string,
  page: { device?: string; before?: number; limit: number; headBytes: number },
): Promise<ListedRefusal[]> {
  // Not a join: only the rows of the page are looked up, whatever the planner thinks of the others.
  const packet = sql`from refusals as packet
    where packet.tenant = r.tenant and packet."offset" = r."offset" and packet.pos = 0`
  let query = db
    .selectFrom('refusals as r')
    .where('r.tenant', '=', tenant)
    .select(['r.id', 'r.device', 'r.offset', 'r.recordTime', 'r.topic', 'r.code', 'r.path'])
    .select([
      'r.detail',
      sql<Uint8Array | null>`(select substr(packet.raw, 1, ${page.headBytes}) ${packet})`.as(
        'head',
      ),
      sql<number | null>`(select length(packet.raw) ${packet})`.as('rawBytes'),
    ])
  if (page.device !== undefined) query = query.where('r.device', '=', page.device)
  if (page.before !== undefined) query = query.where('r.id', '<', page.before)
  const rows = await query.orderBy('r.id', 'desc').limit(page.limit).execute()
  return rows.map(({ head, rawBytes, code, ...row }) => ({
    ...row,
    code: refusalCodes.find((known) => known === code) ?? 'request/invalid',
    head: head ?? new Uint8Array(),
    rawBytes: Number(rawBytes ?? 0),
  }))
}

/** The whole packet of a refusal, where it was sent to, and why it was refused first of all. */
export async function readRefusedPacket(
  db: LedgerQuery,
  tenant: string,
  id: number,
): Promise<{ raw: Uint8Array; topic: string; code: string } | undefined> {
  // The bytes of a packet stand with its first refusal.
  return db
    .selectFrom('refusals as r')
    .innerJoin('refusals as packet', (join) =>
      join
        .onRef('packet.tenant', '=', 'r.tenant')
        .onRef('packet.offset', '=', 'r.offset')
        .on('packet.pos', '=', 0),
    )
    .select(['packet.raw', 'packet.topic', 'packet.code'])
    .where('r.tenant', '=', tenant)
    .where('r.id', '=', id)
    .executeTakeFirst()
}
