// Back-tests of proposed profiles, changes that a signature puts in force, and what each tenant
// asks of these.
import type { Schema, Words } from './words.ts'

export async function createProfileChanges(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('backTests')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('createdBy', words.text, (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('ask', words.text, (c) => c.notNull())
    .addColumn('profileHash', words.text, (c) => c.notNull())
    .addColumn('baseHash', words.text, (c) => c.notNull())
    .addColumn('devices', 'integer', (c) => c.notNull())
    .addColumn('devicesDone', 'integer', (c) => c.notNull())
    .addColumn('readings', 'bigint', (c) => c.notNull())
    .addColumn('detail', words.text)
    .addColumn('report', words.text)
    .addColumn('reportHash', words.text)
    .addPrimaryKeyConstraint('backTestsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('backTestsByProduct')
    .on('backTests')
    .columns(['tenant', 'gtin', 'createdAt', 'id'])
    .execute()
  await db.schema
    .createTable('profileChanges')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('proposedAt', 'bigint', (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('recordHash', words.text, (c) => c.notNull())
    .addColumn('signature', words.text)
    .addColumn('signatureHash', words.text)
    .addColumn('version', 'integer')
    .addPrimaryKeyConstraint('profileChangesKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('profileChangesByProduct')
    .on('profileChanges')
    .columns(['tenant', 'gtin', 'proposedAt', 'id'])
    .execute()
  await db.schema
    .createTable('tenantSettings')
    .addColumn('tenant', words.text, (c) => c.notNull().primaryKey())
    .addColumn('body', words.text, (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addColumn('updatedBy', words.text, (c) => c.notNull())
    .execute()
}
