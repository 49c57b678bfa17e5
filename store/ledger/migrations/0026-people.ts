// People with what they sign in with, and the evidence of every change: a list that only grows, and
// how far the tree over it has come.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createPeople(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('people')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('printedName', words.text, (c) => c.notNull())
    .addColumn('email', words.text)
    .addColumn('roles', words.text, (c) => c.notNull())
    .addColumn('language', words.text)
    .addColumn('zone', words.text)
    .addColumn('unit', words.text)
    .addColumn('passwordHash', words.text, (c) => c.notNull())
    .addColumn('passwordUntil', 'bigint')
    .addColumn('mustChange', 'integer', (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('createdBy', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('peopleKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createTable('sessions')
    .addColumn('tokenHash', words.text, (c) => c.notNull().primaryKey())
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('person', words.text, (c) => c.notNull())
    .addColumn('madeAt', 'bigint', (c) => c.notNull())
    .addColumn('usedAt', 'bigint', (c) => c.notNull())
    .addColumn('expiresAt', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('sessionsByPerson')
    .on('sessions')
    .columns(['tenant', 'person', 'usedAt'])
    .execute()
  await createEvidence(db, words)
}

async function createEvidence(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('evidence')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('leafHash', words.text, (c) => c.notNull())
    .addColumn('filled', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('evidenceKey', ['tenant', 'seq'])
    .execute()
  for (const [name, columns] of [
    ['evidenceByTime', ['tenant', 'at', 'seq']],
    ['evidenceByWhom', ['tenant', 'by', 'at', 'seq']],
    ['evidenceByKind', ['tenant', 'kind', 'at', 'seq']],
  ] as const)
    await db.schema
      .createIndex(name)
      .on('evidence')
      .columns([...columns])
      .execute()
  await db.schema
    .createTable('evidenceTrees')
    .addColumn('tenant', words.text, (c) => c.notNull().primaryKey())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('peaks', words.text, (c) => c.notNull())
    .execute()
  await keepEvidence(db, words)
}

/** 21 CFR 11.10(e): nothing recorded before is obscured, not even by a mistake of ours. */
async function keepEvidence(db: Schema, { dialect }: Words): Promise<void> {
  if (dialect === 'postgres') {
    await sql`create function "keepEvidence"() returns trigger language plpgsql
      as $$ begin raise exception 'evidence is only ever added'; end $$`.execute(db)
    await sql`create trigger "evidenceKept" before update or delete on evidence
      for each row execute function "keepEvidence"()`.execute(db)
    return
  }
  for (const change of ['update', 'delete'])
    await sql`create trigger ${sql.raw(`evidenceKept_${change} before ${change}`)} on evidence
      begin select raise(abort, 'evidence is only ever added'); end`.execute(db)
}
