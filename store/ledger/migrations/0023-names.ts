// SQLite: names are found by numbers made of them, and the index on the names themselves, which
// took a page for each new serial, goes. See store/ledger/names.ts.
import { sql } from 'kysely'
import { formatKeys, nameTables } from '../name-key.ts'
import type { Schema, Words } from './words.ts'

/** Rows in one statement. */
const chunkRows = 20_000

export async function findByKey(db: Schema, words: Words): Promise<void> {
  if (words.dialect === 'postgres') return
  await sql`create table "epcsKeyed" (id integer primary key, tenant text not null,
    epc text not null, lot bigint, "commissionedAt" bigint)`.execute(db)
  await sql`insert into "epcsKeyed" select id, tenant, epc, lot, "commissionedAt"
    from epcs order by id`.execute(db)
  await db.schema.dropTable('epcs').execute()
  await db.schema.alterTable('epcsKeyed').renameTo('epcs').execute()
  await sql`create index "epcsByLot" on epcs (tenant, lot) where lot is not null`.execute(db)
  await sql`create index "epcsNamed" on epcs (tenant, epc)
    where (lot is null or epc not glob '01/??????????????/21/*')`.execute(db)
  for (const table of nameTables)
    await sql`create table ${sql.table(table)} (key integer not null, id integer not null,
      primary key (key, id)) without rowid`.execute(db)
  await nameAll(db)
}

/** Put down as they come and then sorted: each page of the large table is written once. */
async function nameAll(db: Schema): Promise<void> {
  await sql`create temporary table unsorted (key integer, id integer)`.execute(db)
  for (let last = -1; ; ) {
    const { rows } = await sql<{ id: number; tenant: string; epc: string }>`
      select id, tenant, epc from epcs where id > ${last} order by id limit ${chunkRows}`.execute(
      db,
    )
    await sql`insert into unsorted (id, key) select cast(key as integer), value
      from json_each(${formatKeys(rows)})`.execute(db)
    last = rows.at(-1)?.id ?? last
    if (rows.length < chunkRows) break
  }
  await sql`insert into names2 (key, id) select key, id from unsorted order by key, id`.execute(db)
  await sql`drop table unsorted`.execute(db)
}
