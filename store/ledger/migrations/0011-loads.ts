// Files of other systems: what their columns mean (mappings), what was loaded (loads), and the rows
// that were refused.
import type { Schema, Words } from './words.ts'

export async function createLoads(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('mappings')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('mappingsKey', ['tenant', 'name'])
    .execute()
  await db.schema
    .createTable('loads')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('mapping', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addColumn('line', 'bigint', (c) => c.notNull())
    .addColumn('rows', 'bigint', (c) => c.notNull())
    .addColumn('applied', 'bigint', (c) => c.notNull())
    .addColumn('already', 'bigint', (c) => c.notNull())
    .addColumn('refused', 'bigint', (c) => c.notNull())
    .addColumn('events', 'bigint', (c) => c.notNull())
    .addColumn('warnings', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('loadsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('loadsByTime')
    .on('loads')
    .columns(['tenant', 'createdAt', 'id'])
    .execute()
  await db.schema
    .createTable('loadRefusals')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('load', words.text, (c) => c.notNull())
    .addColumn('line', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('column', words.text, (c) => c.notNull())
    .addColumn('code', words.text, (c) => c.notNull())
    .addColumn('detail', words.text, (c) => c.notNull())
    .addColumn('row', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('loadRefusalsKey', ['tenant', 'load', 'line', 'pos'])
    .execute()
}
