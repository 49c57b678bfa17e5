// What EPCIS queries need: finding events by when they were recorded, by their places and words,
// and the queries that have a name.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createQueries(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('queries')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('query', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('queriesKey', ['tenant', 'name'])
    .execute()
  await db.schema
    .createIndex('eventsByRecordTime')
    .on('events')
    .columns(['tenant', 'recordTime', 'id'])
    .execute()
  for (const place of ['readPoint', 'bizLocation']) {
    const columns = ['tenant', place, 'eventTime', 'id']
    await partial(db, place, columns)
  }
  for (const word of ['bizStep', 'disposition']) await partial(db, word, ['tenant', word])
}

/** Many events leave such a field out: they cost nothing here. */
async function partial(db: Schema, field: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`eventsBy${field[0]!.toUpperCase()}${field.slice(1)}`)
    .on('events')
    .columns(columns)
    .where(sql.ref(field), 'is not', null)
    .execute()
}
