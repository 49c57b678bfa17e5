// What senders of equipment data transmitted: how often, how much, and what was found in it. What
// was measured is in the log and the series store.
import type { Schema, Words } from './words.ts'

export async function createTransmissions(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('transmissions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('transferSrc', words.text, (c) => c.notNull())
    .addColumn('transferId', words.text, (c) => c.notNull())
    .addColumn('transferType', words.text, (c) => c.notNull())
    .addColumn('receivedAt', 'bigint', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull())
    .addColumn('reports', 'integer', (c) => c.notNull())
    .addColumn('records', 'integer', (c) => c.notNull())
    .addColumn('errors', 'integer', (c) => c.notNull())
    .addColumn('warnings', 'integer', (c) => c.notNull())
    .addColumn('notices', 'integer', (c) => c.notNull())
    .addColumn('findings', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('transmissionsKey', ['tenant', 'id'])
    .addUniqueConstraint('transmissionsOnce', ['tenant', 'transferSrc', 'transferId'])
    .execute()
  await db.schema
    .createIndex('transmissionsByTime')
    .on('transmissions')
    .columns(['tenant', 'receivedAt', 'id'])
    .execute()
}
