// What people do with findings: the lives of alerts with all that was said of them, decisions on
// units with their signatures, events that follow from these, investigations, and corrections of
// budgets.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createQuality(db: Schema, words: Words): Promise<void> {
  await createLives(db, words)
  await createDispositions(db, words)
  await createInvestigations(db, words)
  await createCorrections(db, words)
}

async function createLives(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('alertLives')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('alert', words.text, (c) => c.notNull())
    .addColumn('group', words.text, (c) => c.notNull())
    .addColumn('pending', 'integer', (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('severity', 'integer', (c) => c.notNull())
    .addColumn('assignee', words.text)
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('container', words.text, (c) => c.notNull())
    .addColumn('place', words.text)
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('changedAt', 'bigint', (c) => c.notNull())
    .addColumn('entries', 'integer', (c) => c.notNull())
    .addColumn('heir', words.text)
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('alertLivesKey', ['tenant', 'alert'])
    .execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('alertLives').columns(columns).execute()
  await index('alertLivesByGroup', ['tenant', 'group'])
  await index('alertLivesPending', ['tenant', 'pending', 'group'])
  await index('alertLivesByHeir', ['tenant', 'heir'])
  await db.schema
    .createTable('alertEntries')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('alert', words.text, (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('alertEntriesKey', ['tenant', 'alert', 'number'])
    .execute()
  // Alerts of releases before this one: new to people, each a group of its own.
  await sql`insert into "alertLives" (tenant, alert, "group", pending, state, severity, gtin,
      container, "from", "changedAt", entries, body)
    select tenant, id, id, case when status in ('open', 'closed') then 1 else 0 end, 'new',
      case severity when 'critical' then 3 when 'major' then 2 when 'minor' then 1 else 0 end,
      gtin, container, "from", "raisedAt", 0, '{"state":"new","assignee":null,"basis":null}'
    from alerts`.execute(db)
}

async function createDispositions(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('dispositions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('subjectKind', words.text, (c) => c.notNull())
    .addColumn('subject', words.text, (c) => c.notNull())
    .addColumn('proposedAt', 'bigint', (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('recordHash', words.text, (c) => c.notNull())
    .addColumn('signature', words.text)
    .addColumn('signatureHash', words.text)
    .addColumn('signedAt', 'bigint')
    .addPrimaryKeyConstraint('dispositionsKey', ['tenant', 'id'])
    .execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('dispositions').columns(columns).execute()
  await index('dispositionsByTime', ['tenant', 'proposedAt', 'id'])
  await index('dispositionsBySubject', ['tenant', 'subject', 'proposedAt', 'id'])
  await db.schema
    .createTable('decisions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', 'bigint', (c) => c.notNull())
    .addColumn('disposition', words.text, (c) => c.notNull())
    .addColumn('decision', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('endedBy', words.text)
    .addPrimaryKeyConstraint('decisionsKey', words.key(['tenant', 'epc', 'disposition']))
    .execute()
  // Of each unit at most one is in force: the database itself holds to it.
  await db.schema
    .createIndex('decisionsInForce')
    .unique()
    .on('decisions')
    .columns(['tenant', 'epc'])
    .where(sql<boolean>`"endedBy" is null`)
    .execute()
  await db.schema
    .createTable('outbox')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('source', words.text, (c) => c.notNull())
    .addColumn('events', 'integer', (c) => c.notNull())
    .addColumn('document', words.bytes, (c) => c.notNull())
    .addColumn('keptAt', 'bigint')
    .addPrimaryKeyConstraint('outboxKey', ['tenant', 'id'])
    .execute()
  await db.schema.createIndex('outboxWaiting').on('outbox').columns(['keptAt', 'at']).execute()
}

async function createInvestigations(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('investigations')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('openedAt', 'bigint', (c) => c.notNull())
    .addColumn('changedAt', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('recordHash', words.text, (c) => c.notNull())
    .addColumn('signature', words.text)
    .addColumn('signatureHash', words.text)
    .addPrimaryKeyConstraint('investigationsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('investigationsByTime')
    .on('investigations')
    .columns(['tenant', 'openedAt', 'id'])
    .execute()
  await db.schema
    .createTable('investigationRevisions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('investigation', words.text, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('cause', words.text, (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('recordHash', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('investigationRevisionsKey', ['tenant', 'investigation', 'revision'])
    .execute()
}

async function createCorrections(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('budgetCorrections')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('lot', words.text)
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('proposedAt', 'bigint', (c) => c.notNull())
    .addColumn('record', words.text, (c) => c.notNull())
    .addColumn('recordHash', words.text, (c) => c.notNull())
    .addColumn('signature', words.text)
    .addColumn('reversal', words.text)
    .addPrimaryKeyConstraint('budgetCorrectionsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('budgetCorrectionsByProduct')
    .on('budgetCorrections')
    .columns(['tenant', 'gtin', 'proposedAt', 'id'])
    .execute()
  await db.schema
    .createTable('correctedUnits')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', 'bigint', (c) => c.notNull())
    .addColumn('correction', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('correctedUnitsKey', words.key(['tenant', 'epc', 'correction']))
    .execute()
}
