// Ledger queries: refusals as people look at them, with the first bytes of the packet each belongs to. A packet may be
// large and hold many refusals, so its bytes are never read whole for a list.
import { sql } from 'kysely'
import { type Refusal, refusalCodes } from '../domain/refusal.ts'
import type { LedgerQuery } from './ledger.ts'

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
  let query = withPacket(db, tenant)
    .select(['r.id', 'r.device', 'r.offset', 'r.recordTime', 'r.topic', 'r.code', 'r.path'])
    .select([
      'r.detail',
      sql<Uint8Array | null>`substr(packet.raw, 1, ${page.headBytes})`.as('head'),
      sql<number | null>`length(packet.raw)`.as('rawBytes'),
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

/** The whole packet of a refusal. */
export async function readRefusedPacket(
  db: LedgerQuery,
  tenant: string,
  id: number,
): Promise<Uint8Array | undefined> {
  const row = await withPacket(db, tenant)
    .select('packet.raw')
    .where('r.id', '=', id)
    .executeTakeFirst()
  return row?.raw ?? undefined
}

/** The bytes of a packet stand with its first refusal. */
const withPacket = (db: LedgerQuery, tenant: string) =>
  db
    .selectFrom('refusals as r')
    .leftJoin('refusals as packet', (join) =>
      join
        .onRef('packet.tenant', '=', 'r.tenant')
        .onRef('packet.offset', '=', 'r.offset')
        .on('packet.pos', '=', 0),
    )
    .where('r.tenant', '=', tenant)
