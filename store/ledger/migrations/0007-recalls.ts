// Recalls: what they ask for, each set of units they ever meant, and how far each holder is.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createRecalls(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('recalls')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('drill', 'smallint', (c) => c.notNull())
    .addColumn('startedAt', 'bigint', (c) => c.notNull())
    .addColumn('closedAt', 'bigint')
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addColumn('lots', words.text)
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('recallsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('recallsOpen')
    .on('recalls')
    .columns(['tenant', 'id'])
    .where(sql.ref('status'), '=', sql.lit('open'))
    .execute()
  await db.schema
    .createTable('recallRevisions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('recall', words.text, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('cause', words.text, (c) => c.notNull())
    .addColumn('diff', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('recallRevisionsKey', ['tenant', 'recall', 'revision'])
    .execute()
  await db.schema
    .createTable('recallHolders')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('recall', words.text, (c) => c.notNull())
    .addColumn('holder', words.text, (c) => c.notNull())
    .addColumn('counts', words.text, (c) => c.notNull())
    .addColumn('notifiedAt', 'bigint')
    .addColumn('acknowledgedAt', 'bigint')
    .addColumn('acknowledgedBy', words.text)
    .addColumn('note', words.text)
    .addPrimaryKeyConstraint('recallHoldersKey', ['tenant', 'recall', 'holder'])
    .execute()
  // A transformationID ties events together that no list does.
  await db.schema
    .createIndex('eventsTransforming')
    .on('events')
    .columns(['tenant', 'id'])
    .where(sql.ref('type'), '=', sql.lit('TransformationEvent'))
    .execute()
}
