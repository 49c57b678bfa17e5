// What was learned of what channels usually do: every version that is kept, with its hash.
import type { Schema, Words } from './words.ts'

export async function createAnomalyModels(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('anomalyModels')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('channel', words.text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('hash', words.text, (c) => c.notNull())
    .addColumn('trainedAt', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('anomalyModelsKey', ['tenant', 'device', 'channel', 'version'])
    .execute()
}
