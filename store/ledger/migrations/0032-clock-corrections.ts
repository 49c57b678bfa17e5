// What people stated of the clocks of devices. One that was taken back stays, with who did it.
import type { Schema, Words } from './words.ts'

export async function correctClocks(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('clockCorrections')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint')
    .addColumn('aheadMs', 'bigint', (c) => c.notNull())
    .addColumn('reason', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('withdrawnAt', 'bigint')
    .addColumn('withdrawnBy', words.text)
    .addColumn('withdrawnReason', words.text)
    .addPrimaryKeyConstraint('clockCorrectionsKey', ['tenant', 'device', 'id'])
    .execute()
}
