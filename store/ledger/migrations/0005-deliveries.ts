// What is told to others: what happened (notices), whom to tell (endpoints) and the messages under
// way (deliveries).
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createDeliveries(db: Schema, words: Words): Promise<void> {
  await createNotices(db, words)
  await createEndpoints(db, words)
  await createMessages(db, words)
}

async function createNotices(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('notices')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('ref', words.text, (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint')
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('noticesKey', ['tenant', 'kind', 'ref'])
    .execute()
  await db.schema
    .createIndex('noticesBySeq')
    .unique()
    .on('notices')
    .columns(['tenant', 'seq'])
    .execute()
  await db.schema
    .createIndex('noticesWithoutSeq')
    .on('notices')
    .column('recordTime')
    .where(sql.ref('seq'), 'is', null)
    .execute()
}

async function createEndpoints(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('endpoints')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('query', words.text, (c) => c.notNull())
    .addColumn('url', words.text, (c) => c.notNull())
    .addColumn('secrets', words.text, (c) => c.notNull())
    .addColumn('settings', words.text, (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('reason', words.text)
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('notice', 'bigint', (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('runAt', 'bigint')
    .addColumn('found', 'integer')
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('nextAt', 'bigint', (c) => c.notNull())
    .addColumn('failingSince', 'bigint')
    .addColumn('toldAt', 'bigint')
    .addColumn('heldBy', words.text, (c) => c.notNull())
    .addColumn('heldUntil', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('endpointsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('endpointsByTime')
    .on('endpoints')
    .columns(['status', 'nextAt'])
    .execute()
}

async function createMessages(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('endpoint', words.text, (c) => c.notNull())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('type', words.text, (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('endedAt', 'bigint')
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('attempts', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('deliveriesKey', ['tenant', 'endpoint', 'number'])
    .execute()
  await db.schema
    .createIndex('deliveriesPending')
    .on('deliveries')
    .columns(['tenant', 'endpoint', 'number'])
    .where(sql.ref('status'), '=', sql.lit('pending'))
    .execute()
  await db.schema
    .createIndex('deliveriesById')
    .on('deliveries')
    .columns(['tenant', 'endpoint', 'id'])
    .execute()
}
