// Which open recalls mean a unit, found by the unit: asking after one does not look at each recall.
// What open recalls of older releases mean is read off their pinned sets.
import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

/** Rows in one statement; each takes a parameter (SQLite's limit is 32,766). */
const chunkRows = 5000

export async function findRecallsByUnit(db: Schema, words: Words): Promise<void> {
  await words
    .keyOnly(
      db.schema
        .createTable('recalled')
        .addColumn('tenant', words.text, (c) => c.notNull())
        .addColumn('epc', 'bigint', (c) => c.notNull())
        .addColumn('recall', words.text, (c) => c.notNull())
        .addPrimaryKeyConstraint('recalledKey', ['tenant', 'epc', 'recall']),
    )
    .execute()
  const { rows: open } = await sql<{ tenant: string; id: string; serialSet: string }>`
    select tenant, id, "serialSet" from recalls where status = 'open'`.execute(db)
  for (const { tenant, id, serialSet } of open) {
    const { rows: chunks } = await sql<{ body: Uint8Array }>`
      select body from "serialChunks"
      where tenant = ${tenant} and "serialSet" = ${serialSet}`.execute(db)
    for (const { body } of chunks) {
      const serials = JSON.parse(gunzipSync(body).toString()) as [epc: string, leg: number][]
      for (let at = 0; at < serials.length; at += chunkRows) {
        const epcs = serials.slice(at, at + chunkRows).map(([epc]) => shortOf(epc))
        await sql`insert into recalled (tenant, epc, recall)
          select tenant, id, cast(${id} as text) from epcs
          where tenant = ${tenant} and epc in (${sql.join(epcs)})`.execute(db)
      }
    }
  }
  // Nobody looks through open recalls by their lots any more.
  await db.schema.alterTable('recalls').dropColumn('lots').execute()
}

const host = 'https://id.gs1.org/'
const shortOf = (epc: string): string =>
  epc.startsWith(host) && /\d/.test(epc.charAt(host.length)) ? epc.slice(host.length) : epc
