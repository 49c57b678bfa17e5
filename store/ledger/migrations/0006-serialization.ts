// Where serial numbers come from (pools) and what is told of products, lots, places and parties
// (master data).
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createSerialization(db: Schema, words: Words): Promise<void> {
  await createPools(db, words)
  await createAllocations(db, words)
  await createMasterData(db, words)
  await db.schema
    .alterTable('products')
    .addColumn('attributes', words.text, (c) => c.notNull().defaultTo('{}'))
    .execute()
}

async function createPools(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('pools')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('key', words.text, (c) => c.notNull())
    .addColumn('prefix', words.text, (c) => c.notNull())
    .addColumn('space', words.text, (c) => c.notNull())
    .addColumn('secret', words.bytes, (c) => c.notNull())
    .addColumn('issuable', 'bigint', (c) => c.notNull())
    .addColumn('issued', 'bigint', (c) => c.notNull())
    .addColumn('returned', 'bigint', (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('poolsKey', ['tenant', 'id'])
    .execute()
  await db.schema.createIndex('poolsByPrefix').on('pools').columns(['tenant', 'prefix']).execute()
  await db.schema
    .createTable('poolSerials')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('prefix', words.text, (c) => c.notNull())
    .addColumn('serial', words.text, (c) => c.notNull())
    .addColumn('pool', words.text, (c) => c.notNull())
    .addColumn('place', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('poolSerialsKey', ['tenant', 'prefix', 'serial'])
    .execute()
  await db.schema
    .createIndex('poolSerialsByPlace')
    .unique()
    .on('poolSerials')
    .columns(['tenant', 'pool', 'place'])
    .execute()
}

async function createAllocations(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('allocations')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('pool', words.text, (c) => c.notNull())
    .addColumn('first', 'bigint', (c) => c.notNull())
    .addColumn('past', 'bigint', (c) => c.notNull())
    .addColumn('skipped', words.text, (c) => c.notNull())
    .addColumn('request', words.text, (c) => c.notNull())
    .addColumn('part', 'integer', (c) => c.notNull())
    .addColumn('asked', 'bigint', (c) => c.notNull())
    .addColumn('reference', words.text)
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('allocationsKey', ['tenant', 'pool', 'first'])
    .execute()
  await db.schema
    .createIndex('allocationsByRequest')
    .unique()
    .on('allocations')
    .columns(['tenant', 'pool', 'request', 'part'])
    .execute()
  await db.schema
    .createTable('poolReturns')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('pool', words.text, (c) => c.notNull())
    .addColumn('place', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('poolReturnsKey', ['tenant', 'pool', 'place'])
    .execute()
}

async function createMasterData(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('masterData')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('type', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('latest', 'smallint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('attributes', words.text, (c) => c.notNull())
    .addColumn('children', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('masterDataKey', ['tenant', 'type', 'id', 'version'])
    .execute()
  await db.schema
    .createIndex('masterDataLatest')
    .on('masterData')
    .columns(['tenant', 'type', 'id'])
    .where(sql.ref('latest'), '=', sql.lit(1))
    .execute()
  await db.schema
    .createTable('lotRecords')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('lot', words.text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('latest', 'smallint', (c) => c.notNull())
    .addColumn('recordTime', 'bigint', (c) => c.notNull())
    .addColumn('supplier', words.text)
    .addColumn('shift', words.text)
    .addColumn('line', words.text)
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('lotRecordsKey', ['tenant', 'gtin', 'lot', 'version'])
    .execute()
  await db.schema
    .createIndex('lotRecordsLatest')
    .on('lotRecords')
    .columns(['tenant', 'gtin', 'lot'])
    .where(sql.ref('latest'), '=', sql.lit(1))
    .execute()
}
