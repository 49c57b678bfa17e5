// Where Digital Links lead (links), who looked at which unit (scans: no address, no name), and
// which product identifiers trading partners asked about (verifications).
import type { Schema, Words } from './words.ts'

export async function createScans(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('links')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('anchor', words.text, (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('linksKey', ['tenant', 'anchor'])
    .execute()
  await db.schema
    .createTable('scans')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', 'bigint', (c) => c.notNull())
    .addColumn('unknown', words.text, (c) => c.notNull())
    .addColumn('session', words.text, (c) => c.notNull())
    .addColumn('source', words.text, (c) => c.notNull())
    .addColumn('firstAt', 'bigint', (c) => c.notNull())
    .addColumn('lastAt', 'bigint', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull())
    .addColumn('place', words.text)
    .addColumn('device', words.text)
    .addColumn('capturedBy', words.text)
    .addPrimaryKeyConstraint('scansKey', ['tenant', 'epc', 'unknown', 'session', 'source'])
    .execute()
  await db.schema.createIndex('scansByTime').on('scans').columns(['tenant', 'lastAt']).execute()
  await createVerifications(db, words)
}

async function createVerifications(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('verifications')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('epc', words.text, (c) => c.notNull())
    .addColumn('askedBy', words.text, (c) => c.notNull())
    .addColumn('requestor', words.text)
    .addColumn('verified', 'smallint', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('verificationsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('verificationsByTime')
    .on('verifications')
    .columns(['tenant', 'at', 'id'])
    .execute()
  await db.schema
    .createIndex('verificationsByEpc')
    .on('verifications')
    .columns(['tenant', 'epc', 'at'])
    .execute()
}
