// Loggers that say nothing: when each is looked at next, and what people said of their silence. And
// what was told of each alert, so that only what changed is told again.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function watchSilence(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('silenceLooks')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('slot', 'integer', (c) => c.notNull())
    .addColumn('asOf', 'bigint', (c) => c.notNull())
    .addColumn('lookAt', 'bigint', (c) => c.notNull())
    .addColumn('ongoing', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('silenceLooksKey', ['tenant', 'device'])
    .execute()
  await db.schema.createIndex('silenceLooksDue').on('silenceLooks').column('lookAt').execute()
  await db.schema
    .createTable('silenceClosings')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('container', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('reason', words.text, (c) => c.notNull())
    .addColumn('alert', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('silenceClosingsKey', ['tenant', 'device', 'container', 'at'])
    .execute()
  await createTellings(db, words)
}

async function createTellings(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('tellings')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('alert', words.text, (c) => c.notNull())
    .addColumn('told', words.text)
    .addColumn('since', 'bigint')
    .addColumn('changedAt', 'bigint', (c) => c.notNull())
    .addColumn('cause', words.text, (c) => c.notNull())
    .addColumn('supersedes', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('tellingsKey', ['tenant', 'alert'])
    .execute()
  await db.schema.createIndex('tellingsDue').on('tellings').column('since').execute()
  // What stands at the upgrade was told as it was written.
  await sql`insert into tellings (tenant, alert, told, "changedAt", cause, supersedes)
    select tenant, id, body, "raisedAt", 'reading', '[]' from alerts`.execute(db)
}
