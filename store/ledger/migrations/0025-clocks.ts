// How quickly the messages of each device came in: the least time from a reading to its arrival, by
// stretches of arrivals.
import type { Schema, Words } from './words.ts'

export async function watchClocks(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('deviceClocks')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('leastMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('deviceClocksKey', ['tenant', 'device', 'at'])
    .execute()
}
