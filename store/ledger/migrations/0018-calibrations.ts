// Calibrations of loggers: from when on each speaks, and when the next is due.
import type { Schema, Words } from './words.ts'

export async function createCalibrations(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('calibrations')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('calibratedAt', 'bigint', (c) => c.notNull())
    .addColumn('dueAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('calibrationsKey', ['tenant', 'device', 'calibratedAt'])
    .execute()
}
