// Devices that are out of service: since when, by whom and why.
import type { Schema, Words } from './words.ts'

export async function retireDevices(db: Schema, words: Words): Promise<void> {
  await db.schema.alterTable('devices').addColumn('retiredAt', 'bigint').execute()
  await db.schema.alterTable('devices').addColumn('retiredBy', words.text).execute()
  await db.schema.alterTable('devices').addColumn('retiredReason', words.text).execute()
}
