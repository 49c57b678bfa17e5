// The migrations that make the ledger's tables, the same steps for SQLite and PostgreSQL. What the
// two call differently is in `Words`; nothing else here knows which of them it speaks to. A
// released migration is never edited: on SQLite it makes byte for byte the schema that it made
// then.
import {
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Kysely,
  type RawBuilder,
  sql,
} from 'kysely'
import type { Migration } from 'kysely/migration'
import { OperatorError } from '../domain/refusal.ts'
import type { LedgerTables } from './ledger-schema.ts'
import { slotOf } from './slots.ts'

export type Dialect = 'sqlite' | 'postgres'

type Schema = Kysely<LedgerTables>

/** In order. */
export const migrations: Record<string, (db: Schema, words: Words) => Promise<void>> = {
  '0001-spine': createSpine,
  '0002-partitions': divideWork,
}

export const migrationsFor = (dialect: Dialect): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(migrations).map(([name, up]) => [
      name,
      { up: (db) => up(db as Schema, words[dialect]) },
    ]),
  )

interface Words {
  text: 'text' | RawBuilder<unknown>
  bytes: 'blob' | 'bytea'
  /** Type of a column that counts its rows by itself. */
  id: 'integer' | 'bigint'
  counted(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** Columns of a key, in the order that finds rows soonest. */
  key<C extends string>(columns: C[]): C[]
  /** Says that the rows of a large table are spread over partitions by a column of its key. */
  spreadBy(
    column: string,
  ): <T extends string, C extends string>(
    table: CreateTableBuilder<T, C>,
  ) => CreateTableBuilder<T, C>
  /** Makes the partitions of such a table. */
  spread(db: Schema, table: keyof LedgerTables): Promise<void>
}

/** Partitions of each large table. Part of the format. */
const partitions = 8

const words: Record<Dialect, Words> = {
  sqlite: {
    text: 'text',
    bytes: 'blob',
    id: 'integer',
    counted: (column) => column.autoIncrement(),
    key: (columns) => columns,
    spreadBy: () => (table) => table,
    spread: async () => undefined,
  },
  postgres: {
    // Order and pages by bytes, as SQLite compares.
    text: sql`text collate "C"`,
    bytes: 'bytea',
    id: 'bigint',
    counted: (column) => column.generatedByDefaultAsIdentity(),
    // The planner, as long as it has no statistics, takes two equal columns in front for a find: by
    // tenant and relation alone it would read all moves.
    key: (columns) =>
      columns.toSorted((a, b) => Number(a === 'relation') - Number(b === 'relation')),
    spreadBy: (column) => (table) => table.modifyEnd(sql`partition by hash (${sql.ref(column)})`),
    spread: async (db, table) => {
      for (let part = 0; part < partitions; part++)
        await sql`create table ${sql.table(`${table}_${part}`)} partition of ${sql.table(table)}
          for values with (modulus ${sql.lit(partitions)}, remainder ${sql.lit(part)})`.execute(db)
    },
  },
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

async function createSpine(db: Schema, words: Words): Promise<void> {
  await createRegistry(db, words)
  await createIdentity(db, words)
  await createContainment(db, words)
  await createFindings(db, words)
}

/** Devices get their slots, followers their epochs: what several detectors share the work by. */
async function divideWork(db: Schema, words: Words): Promise<void> {
  await db.schema
    .alterTable('detectors')
    .addColumn('slot', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  const devices = await db.selectFrom('detectors').select(['tenant', 'device']).execute()
  for (const { tenant, device } of devices)
    await db
      .updateTable('detectors')
      .set({ slot: slotOf(tenant, device) })
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
      .values({ name: `${name.slice(prefix.length)}/0`, epoch: 0, offset: Number(value) })
      .execute()
  await db.deleteFrom('meta').where('name', 'like', `${prefix}%`).execute()
}

async function createRegistry(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('name', words.text, (c) => c.primaryKey())
    .addColumn('value', words.text, (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('devices')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('giai', words.text)
    .addColumn('loggingIntervalMs', 'bigint')
    .addColumn('channels', words.text, (c) => c.notNull())
    .addColumn('tokenHash', words.text, (c) => c.notNull())
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
    .addColumn('id', words.text, (c) => c.primaryKey())
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('roles', words.text, (c) => c.notNull())
    .addColumn('mqtt', words.text)
    .addColumn('tokenHash', words.text, (c) => c.notNull().unique())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('revokedAt', 'bigint')
    .execute()
  await db.schema
    .createTable('products')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('profile', words.text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('productsKey', ['tenant', 'gtin'])
    .execute()
}

async function createIdentity(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('eventID', words.text, (c) => c.notNull())
    .addColumn('type', words.text, (c) => c.notNull())
    .addColumn('eventTime', 'bigint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('eventsKey', ['tenant', 'eventID'])
    .$call(words.spreadBy('eventID'))
    .execute()
  await words.spread(db, 'events')
  await db.schema
    .createIndex('eventsBySeq')
    .on('events')
    .columns(['tenant', 'seq', 'pos'])
    .execute()
  await db.schema
    .createTable('captures')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('finishedAt', 'bigint')
    .addColumn('events', 'integer', (c) => c.notNull())
    .addColumn('errors', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('capturesKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createTable('units')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('epc', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text)
    .addColumn('lot', words.text)
    .addColumn('expiry', words.text)
    .addColumn('commissionedAt', 'bigint')
    .addPrimaryKeyConstraint('unitsKey', ['tenant', 'epc'])
    .$call(words.spreadBy('epc'))
    .execute()
  await words.spread(db, 'units')
}

async function createContainment(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('moves')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('relation', words.text, (c) => c.notNull())
    .addColumn('child', words.text, (c) => c.notNull())
    .addColumn('parent', words.text, (c) => c.notNull())
    .addColumn('action', words.text, (c) => c.notNull())
    .addColumn('eventTime', 'bigint', (c) => c.notNull())
    .addColumn('eventID', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint(
      'movesKey',
      words.key(['tenant', 'relation', 'child', 'parent', 'eventID']),
    )
    .$call(words.spreadBy('child'))
    .execute()
  await words.spread(db, 'moves')
  await db.schema
    .createIndex('movesByParent')
    .on('moves')
    .columns(words.key(['tenant', 'relation', 'parent', 'child']))
    .execute()
  await db.schema.createIndex('movesByEvent').on('moves').columns(['tenant', 'eventID']).execute()
  await db.schema
    .createTable('stays')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('relation', words.text, (c) => c.notNull())
    .addColumn('child', words.text, (c) => c.notNull())
    .addColumn('parent', words.text, (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('endedBy', words.text)
    .addPrimaryKeyConstraint('staysKey', ['tenant', 'child', 'relation', 'from', 'parent'])
    .$call(words.spreadBy('child'))
    .execute()
  await words.spread(db, 'stays')
  await db.schema
    .createIndex('staysByParent')
    .on('stays')
    .columns(['tenant', 'parent', 'from', 'to', 'child'])
    .execute()
}

async function createFindings(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('detectors')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addColumn('dirtySince', 'bigint')
    .addColumn('cause', words.text)
    .addColumn('marks', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('detectorsKey', ['tenant', 'device'])
    .execute()
  await db.schema.createIndex('detectorsDirty').on('detectors').columns(['dirtySince']).execute()
  await createAlerts(db, words)
  await db.schema
    .createTable('refusals')
    .addColumn('id', words.id, (c) => words.counted(c.primaryKey()))
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .addColumn('pos', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('topic', words.text, (c) => c.notNull())
    .addColumn('code', words.text, (c) => c.notNull())
    .addColumn('path', words.text, (c) => c.notNull())
    .addColumn('detail', words.text, (c) => c.notNull())
    .addColumn('raw', words.bytes, (c) => c.notNull())
    .addUniqueConstraint('refusalsOnce', ['tenant', 'offset', 'pos'])
    .execute()
  await db.schema
    .createIndex('refusalsByDevice')
    .on('refusals')
    .columns(['tenant', 'device', 'id'])
    .execute()
}

async function createAlerts(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('alerts')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('device', words.text, (c) => c.notNull())
    .addColumn('container', words.text, (c) => c.notNull())
    .addColumn('channel', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('rule', words.text, (c) => c.notNull())
    .addColumn('severity', words.text, (c) => c.notNull())
    .addColumn('status', words.text, (c) => c.notNull())
    .addColumn('verdict', words.text, (c) => c.notNull())
    .addColumn('from', 'bigint', (c) => c.notNull())
    .addColumn('to', 'bigint', (c) => c.notNull())
    .addColumn('raisedAt', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
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
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('alert', words.text, (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('cause', words.text, (c) => c.notNull())
    .addColumn('diff', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('revisionsKey', ['tenant', 'alert', 'revision'])
    .execute()
  await db.schema
    .createTable('serialChunks')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('serialSet', words.text, (c) => c.notNull())
    .addColumn('chunk', 'integer', (c) => c.notNull())
    .addColumn('body', words.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('serialChunksKey', ['tenant', 'serialSet', 'chunk'])
    .$call(words.spreadBy('serialSet'))
    .execute()
  await words.spread(db, 'serialChunks')
}
