// Numbers in place of long names: every EPC is written down once, and events, mentions and stays
// speak of it by its number. What events say of whom (`mentions`) takes the place of `moves`.
import { sql } from 'kysely'
import { convertIdentity } from './0003-identity-rows.ts'
import type { Schema, Words } from './words.ts'

export async function nameOnce(db: Schema, words: Words): Promise<void> {
  await words.putAside(db, 'events', 'eventsBefore')
  await words.putAside(db, 'stays', 'staysBefore')
  await createNames(db, words)
  await createEvents(db, words)
  await createContainment(db, words)
  await convertIdentity(db)
  for (const table of ['eventsBefore', 'staysBefore', 'moves', 'units'])
    await db.schema.dropTable(table).execute()
  // Index names are those of tables that are gone now.
  await createIndexes(db)
}

async function createNames(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('lots')
    .addColumn('id', words.id, words.numbered)
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('lot', words.text, (c) => c.notNull())
    .addColumn('expiry', words.text, (c) => c.notNull())
    .addUniqueConstraint('lotsOnce', ['tenant', 'gtin', 'lot', 'expiry'])
    .execute()
  await db.schema
    .createTable('epcs')
    .addColumn('id', words.id, words.numbered)
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', words.text, (c) => c.notNull())
    .addColumn('lot', 'bigint')
    .addColumn('commissionedAt', 'bigint')
    .addUniqueConstraint('epcsOnce', ['tenant', 'epc'])
    .execute()
}

async function createEvents(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('id', words.id, words.numbered)
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('eventID', words.text, (c) => c.notNull())
    .addColumn('type', words.text, (c) => c.notNull())
    .addColumn('action', words.text)
    .addColumn('eventTime', 'bigint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('bizStep', words.text)
    .addColumn('disposition', words.text)
    .addColumn('readPoint', words.text)
    .addColumn('bizLocation', words.text)
    .addColumn('parent', 'bigint')
    .addColumn('empties', 'smallint', (c) => c.notNull())
    .addColumn('declared', 'smallint', (c) => c.notNull())
    .addColumn('body', words.bytes, (c) => c.notNull())
    .addUniqueConstraint('eventsOnce', ['tenant', 'eventID'])
    .execute()
  await db.schema
    .createTable('mentions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', 'bigint', (c) => c.notNull())
    .addColumn('event', 'bigint', (c) => c.notNull())
    .addColumn('role', 'smallint', (c) => c.notNull())
    .addPrimaryKeyConstraint('mentionsKey', ['tenant', 'epc', 'event', 'role'])
    .$call(words.spreadBy('epc'))
    .$call(words.keyOnly)
    .execute()
  await words.spread(db, 'mentions')
}

async function createContainment(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('stays')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('relation', 'smallint', (c) => c.notNull())
    .addColumn('child', 'bigint', (c) => c.notNull())
    .addColumn('parent', 'bigint', (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('endedBy', 'smallint')
    .addPrimaryKeyConstraint('staysOnce', ['tenant', 'child', 'relation', 'from', 'parent'])
    .$call(words.spreadBy('child'))
    .$call(words.keyOnly)
    .execute()
  await words.spread(db, 'stays')
  await db.schema
    .createTable('conflicts')
    .addColumn('id', words.id, words.numbered)
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('relation', 'smallint', (c) => c.notNull())
    .addColumn('child', 'bigint', (c) => c.notNull())
    .addColumn('parent', 'bigint', (c) => c.notNull())
    .addColumn('otherParent', 'bigint')
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('resolvedAt', 'bigint')
    .addColumn('body', words.text, (c) => c.notNull())
    .execute()
}

async function createIndexes(db: Schema): Promise<void> {
  const index = (name: string, table: string, columns: string[]) =>
    db.schema.createIndex(name).on(table).columns(columns)
  await index('epcsByLot', 'epcs', ['tenant', 'lot'])
    .where(sql.ref('lot'), 'is not', null)
    .execute()
  await index('eventsBySeq', 'events', ['tenant', 'seq', 'pos']).execute()
  await index('eventsByTime', 'events', ['tenant', 'eventTime', 'id']).execute()
  await index('eventsEmptying', 'events', ['tenant', 'parent', 'eventTime'])
    .where(sql.ref('empties'), '=', 1)
    .execute()
  await index('staysByParent', 'stays', ['tenant', 'parent', 'from', 'to', 'child']).execute()
  await index('conflictsByChild', 'conflicts', ['tenant', 'child']).execute()
  await index('conflictsOpenByParent', 'conflicts', ['tenant', 'otherParent'])
    .where(sql.ref('resolvedAt'), 'is', null)
    .execute()
}
