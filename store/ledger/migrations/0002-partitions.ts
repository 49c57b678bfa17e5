// The first change of the format: one process became many.
import { sql } from 'kysely'
import { slotOf } from '../../slots.ts'
import type { Schema, Words } from './words.ts'

/** Devices get their slots, followers their epochs: what several detectors share the work by. */
export async function divideWork(db: Schema, words: Words): Promise<void> {
  await db.schema
    .alterTable('detectors')
    .addColumn('slot', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  const devices = await db.selectFrom('detectors').select(['tenant', 'device']).execute()
  for (const { tenant, device } of devices)
    await db
      .updateTable('detectors')
      .set({ slot: slotOf(String(tenant), String(device)) })
      .where('tenant', '=', tenant)
      .where('device', '=', device)
      .execute()
  await db.schema
    .createIndex('detectorsDirtyBySlot')
    .on('detectors')
    .column('slot')
    .where(sql.ref('dirtySince'), 'is not', null)
    .execute()
  // Another process asks for a device by the name in its MQTT CONNECT, which carries no tenant.
  await db.schema.createIndex('devicesById').on('devices').column('id').execute()
  await db.schema
    .createTable('cursors')
    .addColumn('name', words.text, (c) => c.primaryKey())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .execute()
  const prefix = 'cursor/'
  const kept = await db.selectFrom('meta').selectAll().where('name', 'like', `${prefix}%`).execute()
  for (const { name, value } of kept)
    await db
      .insertInto('cursors')
      // Partition 0 is the whole of the embedded log.
      .values({ name: `${String(name).slice(prefix.length)}/0`, epoch: 0, offset: Number(value) })
      .execute()
  await db.deleteFrom('meta').where('name', 'like', `${prefix}%`).execute()
}
