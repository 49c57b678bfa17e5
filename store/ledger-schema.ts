// Tables of the ledger and the migrations that make them. One schema for SQLite and PostgreSQL:
// times are epoch ms as bigint/integer, JSON is text, unknown ends are the largest safe integer.
// Tenant leads every key.
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { OperatorError } from '../domain/refusal.ts'

/** Stands for "still open" in interval columns, so that comparisons need no null case. */
export const openEnd = Number.MAX_SAFE_INTEGER

export interface LedgerTables {
  meta: { name: string; value: string }
  devices: {
    tenant: string
    id: string
    giai: string | null
    loggingIntervalMs: number | null
    channels: string
    tokenHash: string
    createdAt: number
  }
  keys: {
    id: string
    tenant: string
    name: string
    roles: string
    mqtt: string | null
    tokenHash: string
    createdAt: number
    revokedAt: number | null
  }
  products: {
    tenant: string
    gtin: string
    name: string
    profile: string
    version: number
    updatedAt: number
  }
  /**
   * Captured events. `seq` is the offset of the capture in the log, `pos` the place in the
   * document.
   */
  events: {
    tenant: string
    eventID: string
    type: string
    eventTime: number
    recordTime: number
    seq: number
    pos: number
    body: string
  }
  captures: {
    tenant: string
    id: string
    createdAt: number
    finishedAt: number | null
    events: number
    errors: string
  }
  units: {
    tenant: string
    epc: string
    gtin: string | null
    lot: string | null
    expiry: string | null
    commissionedAt: number | null
  }
  /** What each event says of each child; child '' = everything. The stays follow from these. */
  moves: {
    tenant: string
    relation: string
    child: string
    parent: string
    action: string
    eventTime: number
    eventID: string
  }
  stays: {
    tenant: string
    relation: string
    child: string
    parent: string
    from: number
    to: number
    endedBy: string | null
  }
  /**
   * What a detector remembers of a device, and since when it must look again (null: nothing to do).
   */
  detectors: {
    tenant: string
    device: string
    body: string
    dirtySince: number | null
    cause: string | null
    marks: number
  }
  alerts: {
    tenant: string
    id: string
    device: string
    container: string
    channel: string
    gtin: string
    rule: string
    severity: string
    status: string
    verdict: string
    from: number
    to: number
    raisedAt: number
    revision: number
    body: string
  }
  revisions: {
    tenant: string
    alert: string
    revision: number
    recordTime: number
    cause: string
    diff: string
    body: string
    serialSet: string
  }
  serialChunks: { tenant: string; serialSet: string; chunk: number; body: Uint8Array }
  refusals: {
    id: Generated<number>
    tenant: string
    device: string
    offset: number
    pos: number
    recordTime: number
    topic: string
    code: string
    path: string
    detail: string
    raw: Uint8Array
  }
}

type Schema = Kysely<LedgerTables>

/** In order; a released migration is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-spine': { up: (db) => createSpine(db as Schema) },
}

/**
 * What to say when migrating failed because a later release has migrated already: its tables are
 * not ours to guess at. Every change of what any store keeps comes with a migration here, so that
 * this one look keeps an older release off the whole data folder. Undefined for other errors.
 */
export function newerLedger(error: unknown, where: string): OperatorError | undefined {
  const said = error instanceof Error ? error.message : ''
  const name = /previously executed migration (\S+) is missing/.exec(said)?.[1]
  if (name === undefined) return undefined
  return new OperatorError(
    `the ledger ${where} was written by a newer release (its migration ${name} is not known here)`,
    'start that release again, or restore the backup made before the upgrade into an empty folder',
    error,
  )
}

async function createSpine(db: Schema): Promise<void> {
  await createRegistry(db)
  await createIdentity(db)
  await createFindings(db)
}

async function createRegistry(db: Schema): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('devices')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('giai', 'text')
    .addColumn('loggingIntervalMs', 'bigint')
    .addColumn('channels', 'text', (c) => c.notNull())
    .addColumn('tokenHash', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('devicesKey', ['tenant', 'id'])
    .execute()
  // One logger, one GIAI. Null giai rows are many.
  await db.schema
    .createIndex('devicesByGiai')
    .on('devices')
    .columns(['tenant', 'giai'])
    .unique()
    .execute()
  await db.schema.createIndex('devicesByToken').on('devices').column('tokenHash').execute()
  await db.schema
    .createTable('keys')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('mqtt', 'text')
    .addColumn('tokenHash', 'text', (c) => c.notNull().unique())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('revokedAt', 'bigint')
    .execute()
  await db.schema
    .createTable('products')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('gtin', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('profile', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('productsKey', ['tenant', 'gtin'])
    .execute()
}

async function createIdentity(db: Schema): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('eventID', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('eventTime', 'bigint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('eventsKey', ['tenant', 'eventID'])
    .execute()
  await db.schema
    .createIndex('eventsBySeq')
    .on('events')
    .columns(['tenant', 'seq', 'pos'])
    .execute()
  await db.schema
    .createTable('captures')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('finishedAt', 'bigint')
    .addColumn('events', 'integer', (c) => c.notNull())
    .addColumn('errors', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('capturesKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createTable('units')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('epc', 'text', (c) => c.notNull())
    .addColumn('gtin', 'text')
    .addColumn('lot', 'text')
    .addColumn('expiry', 'text')
    .addColumn('commissionedAt', 'bigint')
    .addPrimaryKeyConstraint('unitsKey', ['tenant', 'epc'])
    .execute()
  await db.schema
    .createTable('moves')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('relation', 'text', (c) => c.notNull())
    .addColumn('child', 'text', (c) => c.notNull())
    .addColumn('parent', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('eventTime', 'bigint', (c) => c.notNull())
    .addColumn('eventID', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('movesKey', ['tenant', 'relation', 'child', 'parent', 'eventID'])
    .execute()
  await db.schema
    .createIndex('movesByParent')
    .on('moves')
    .columns(['tenant', 'relation', 'parent', 'child'])
    .execute()
  await db.schema.createIndex('movesByEvent').on('moves').columns(['tenant', 'eventID']).execute()
  await db.schema
    .createTable('stays')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('relation', 'text', (c) => c.notNull())
    .addColumn('child', 'text', (c) => c.notNull())
    .addColumn('parent', 'text', (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('endedBy', 'text')
    .addPrimaryKeyConstraint('staysKey', ['tenant', 'child', 'relation', 'from', 'parent'])
    .execute()
  await db.schema
    .createIndex('staysByParent')
    .on('stays')
    .columns(['tenant', 'parent', 'from', 'to', 'child'])
    .execute()
}

async function createFindings(db: Schema): Promise<void> {
  await db.schema
    .createTable('detectors')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('dirtySince', 'bigint')
    .addColumn('cause', 'text')
    .addColumn('marks', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('detectorsKey', ['tenant', 'device'])
    .execute()
  await db.schema.createIndex('detectorsDirty').on('detectors').columns(['dirtySince']).execute()
  await createAlerts(db)
  await db.schema
    .createTable('refusals')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addUniqueConstraint('refusalsOnce', ['tenant', 'offset', 'pos'])
    .execute()
  await db.schema
    .createIndex('refusalsByDevice')
    .on('refusals')
    .columns(['tenant', 'device', 'id'])
    .execute()
}

async function createAlerts(db: Schema): Promise<void> {
  await db.schema
    .createTable('alerts')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('container', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('gtin', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('raisedAt', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('alertsKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createIndex('alertsByDevice')
    .on('alerts')
    .columns(['tenant', 'device', 'from'])
    .execute()
  await db.schema
    .createIndex('alertsByContainer')
    .on('alerts')
    .columns(['tenant', 'container'])
    .execute()
  await db.schema
    .createIndex('alertsByTime')
    .on('alerts')
    .columns(['tenant', 'from', 'id'])
    .execute()
  await db.schema
    .createTable('revisions')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('alert', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('diff', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('serialSet', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('revisionsKey', ['tenant', 'alert', 'revision'])
    .execute()
  await db.schema
    .createTable('serialChunks')
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('serialSet', 'text', (c) => c.notNull())
    .addColumn('chunk', 'integer', (c) => c.notNull())
    .addColumn('body', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('serialChunksKey', ['tenant', 'serialSet', 'chunk'])
    .execute()
}
