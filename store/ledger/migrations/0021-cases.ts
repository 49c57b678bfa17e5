// What may be wrong with units and shipments: what scans told, who must be looked at again, what
// detectors found, and cases with what reviewers said of them.
import type { Schema, Words } from './words.ts'

export async function createCases(db: Schema, words: Words): Promise<void> {
  await createSuspicion(db, words)
  await db.schema
    .createTable('cases')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('subject', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('openedAt', 'bigint', (c) => c.notNull())
    .addColumn('changedAt', 'bigint', (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('logOdds', 'double precision', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('casesKey', ['tenant', 'id'])
    .execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('cases').columns(columns).execute()
  await index('casesBySubject', ['tenant', 'subject'])
  await index('casesByOpening', ['tenant', 'openedAt', 'id'])
  await createRevisions(db, words)
}

async function createSuspicion(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('sightings')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', words.text, (c) => c.notNull())
    .addColumn('session', words.text, (c) => c.notNull())
    .addColumn('place', words.text, (c) => c.notNull())
    .addColumn('label', words.text, (c) => c.notNull())
    .addColumn('firstAt', 'bigint', (c) => c.notNull())
    .addColumn('lastAt', 'bigint', (c) => c.notNull())
    .addColumn('firstHeardAt', 'bigint', (c) => c.notNull())
    .addColumn('lastHeardAt', 'bigint', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('sightingsKey', ['tenant', 'epc', 'session', 'place', 'label'])
    .execute()
  const index = (name: string, table: string, columns: string[]) =>
    db.schema.createIndex(name).on(table).columns(columns).execute()
  await index('sightingsBySession', 'sightings', ['tenant', 'session'])
  await index('sightingsByTime', 'sightings', ['tenant', 'lastHeardAt'])
  await db.schema
    .createTable('suspects')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('subject', words.text, (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('marks', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('suspectsKey', ['tenant', 'kind', 'subject'])
    .execute()
  await index('suspectsByAge', 'suspects', ['since'])
  await db.schema
    .createTable('findings')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('subject', words.text, (c) => c.notNull())
    .addColumn('detector', words.text, (c) => c.notNull())
    .addColumn('key', words.text, (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('foundAt', 'bigint', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('findingsKey', ['tenant', 'subject', 'detector', 'key'])
    .execute()
}

async function createRevisions(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('caseRevisions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('case', words.text, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('cause', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('caseRevisionsKey', ['tenant', 'case', 'revision'])
    .execute()
  await db.schema
    .createTable('caseVerdicts')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('case', words.text, (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', words.text, (c) => c.notNull())
    .addColumn('verdict', words.text, (c) => c.notNull())
    .addColumn('reason', words.text, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('detectors', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('caseVerdictsKey', ['tenant', 'case', 'number'])
    .execute()
}
