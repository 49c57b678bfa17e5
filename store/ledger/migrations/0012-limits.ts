// What the labels of containers ask for: temperature limits, from the time of each scan on.
import type { Schema, Words } from './words.ts'

export async function createLimits(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('armedLimits')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('container', words.text, (c) => c.notNull())
    .addColumn('armedAt', 'bigint', (c) => c.notNull())
    .addColumn('said', words.text, (c) => c.notNull())
    .addColumn('minC', 'double precision')
    .addColumn('maxC', 'double precision')
    .addColumn('label', words.text, (c) => c.notNull())
    .addColumn('armedBy', words.text, (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('armedLimitsKey', ['tenant', 'container', 'armedAt', 'said'])
    .execute()
}
