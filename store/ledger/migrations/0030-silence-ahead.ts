// Silences that are known of readings with times to come.
import type { Schema } from './words.ts'

export async function lookAhead(db: Schema): Promise<void> {
  await db.schema
    .alterTable('silenceLooks')
    .addColumn('ahead', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
}
