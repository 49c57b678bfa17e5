// Ledger queries: where the Digital Link of a key leads, as its owner said. One row per key, lot or
// serial with all its links; who asks walks up by asking for several at once.

import { sql } from 'kysely'
import { longEpc, shortEpc } from './epcs.ts'
import { type LedgerQuery, listed } from './ledger.ts'

/** A link as its owner stored it. */
export interface StoredLink {
  /** Absolute URI of the link type, `https://ref.gs1.org/voc/pip` and the like. */
  linkType: string
  /** https only. `{gtin}`, `{serial}` and the like stand for the values of the link asked for. */
  href: string
  title: string
  /** Language tags (RFC 5646), none: for everybody. */
  hreflang?: string[]
  /** Media type of what is there. */
  type?: string
  /** Where it is meant for: a country, `dscsaSaleableReturn`, … */
  context?: string[]
  /** Taken when nothing else is asked for. */
  isDefault?: boolean
  /** False: the query of the request is not handed on. */
  passQuery?: boolean
}

/** All links of one key, lot or serial: `anchor` is its canonical Digital Link with qualifiers. */
export interface LinkEntry {
  anchor: string
  description?: string
  links: StoredLink[]
  /** Epoch ms. */
  updatedAt: number
}

export async function putLinks(db: LedgerQuery, tenant: string, entry: LinkEntry): Promise<void> {
  const { anchor, updatedAt, ...rest } = entry
  const body = JSON.stringify(rest)
  await db
    .insertInto('links')
    .values({ tenant, anchor: shortEpc(anchor), updatedAt, body })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'anchor']).doUpdateSet({ updatedAt, body }),
    )
    .execute()
}

/** Of those anchors that have any. */
export async function readLinks(
  db: LedgerQuery,
  tenant: string,
  anchors: readonly string[],
): Promise<Map<string, LinkEntry>> {
  const { rows } = await sql<{ anchor: string; updatedAt: number; body: string }>`
    select links.anchor, links."updatedAt", links.body
    from ${listed(db, anchors.map(shortEpc))}
    cross join links where links.tenant = ${tenant} and links.anchor = listed.value`.execute(db)
  return new Map(rows.map((row) => [longEpc(row.anchor), entryOf(row)]))
}

/** False when there were none. */
export async function deleteLinks(
  db: LedgerQuery,
  tenant: string,
  anchor: string,
): Promise<boolean> {
  const rows = await db
    .deleteFrom('links')
    .where('tenant', '=', tenant)
    .where('anchor', '=', shortEpc(anchor))
    .returning('anchor')
    .execute()
  return rows.length > 0
}

/** Ascending by anchor, after one. */
export async function listLinks(
  db: LedgerQuery,
  tenant: string,
  { after, limit }: { after: string; limit: number },
): Promise<LinkEntry[]> {
  const rows = await db
    .selectFrom('links')
    .select(['anchor', 'updatedAt', 'body'])
    .where('tenant', '=', tenant)
    .where('anchor', '>', shortEpc(after))
    .orderBy('anchor')
    .limit(limit)
    .execute()
  return rows.map(entryOf)
}

const entryOf = (row: { anchor: string; updatedAt: number; body: string }): LinkEntry => ({
  ...(JSON.parse(row.body) as Omit<LinkEntry, 'anchor' | 'updatedAt'>),
  anchor: longEpc(row.anchor),
  updatedAt: row.updatedAt,
})
