// Sessions of the conformance lab, which any process may read and take a part in; what certificates
// of calibration say; and the token that a logger may still use while it learns its new one.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function workOnDevices(db: Schema, words: Words): Promise<void> {
  await createLab(db, words)
  await db.schema.alterTable('calibrations').addColumn('certificate', words.text).execute()
  await db.schema.alterTable('calibrations').addColumn('laboratory', words.text).execute()
  await db.schema.alterTable('calibrations').addColumn('points', words.text).execute()
  await db.schema.alterTable('devices').addColumn('formerTokenHash', words.text).execute()
  await db.schema.alterTable('devices').addColumn('formerTokenUntil', 'bigint').execute()
  await db.schema
    .createIndex('devicesByFormerToken')
    .on('devices')
    .column('formerTokenHash')
    .where(sql<boolean>`"formerTokenHash" is not null`)
    .execute()
}

async function createLab(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('labSessions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('startedAt', 'bigint', (c) => c.notNull())
    .addColumn('endsAt', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('loggingIntervalMs', 'bigint')
    .addColumn('faults', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('labSessionsKey', ['tenant', 'id'])
    .execute()
  // Of each device at most one runs, whichever process began it: the database itself holds to it.
  await db.schema
    .createIndex('labSessionsRunning')
    .unique()
    .on('labSessions')
    .columns(['tenant', 'device'])
    .where(sql<boolean>`"state" = 'running'`)
    .execute()
  await db.schema
    .createTable('labParts')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('session', words.text, (c) => c.notNull())
    .addColumn('node', words.text, (c) => c.notNull())
    .addColumn('beat', 'bigint', (c) => c.notNull())
    .addColumn('happened', words.text, (c) => c.notNull())
    .addColumn('seen', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('labPartsKey', ['tenant', 'session', 'node'])
    .execute()
}
