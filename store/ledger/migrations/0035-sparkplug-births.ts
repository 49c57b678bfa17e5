// What edge nodes of Sparkplug B said of their metrics, by place in the log, and how their sessions
// went.
import type { Schema, Words } from './words.ts'

export async function keepBirths(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('sparkplugBirths')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('node', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .addColumn('metrics', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('sparkplugBirthsKey', ['tenant', 'node', 'device', 'offset'])
    .execute()
  await db.schema
    .createTable('edgeSessions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('node', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('bornAt', 'bigint')
    .addColumn('diedAt', 'bigint')
    .addColumn('gaps', 'bigint', (c) => c.notNull())
    .addColumn('gapAt', 'bigint')
    .addPrimaryKeyConstraint('edgeSessionsKey', ['tenant', 'device', 'node'])
    .execute()
}
