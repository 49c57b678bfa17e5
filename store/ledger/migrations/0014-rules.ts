// Profiles from a time on: every version that was ever stored, and from when on it judges readings.
// And how well a device says it measures.
import { sql } from 'kysely'
import type { Schema, Words } from './words.ts'

export async function createProfileVersions(db: Schema, words: Words): Promise<void> {
  await db.schema.alterTable('devices').addColumn('uncertaintyC', 'double precision').execute()
  await db.schema.alterTable('products').addColumn('effectiveFrom', 'bigint').execute()
  await db.schema
    .createTable('profileVersions')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('gtin', words.text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('effectiveFrom', 'bigint')
    .addColumn('profile', words.text, (c) => c.notNull())
    .addColumn('updatedAt', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('profileVersionsKey', ['tenant', 'gtin', 'version'])
    .execute()
  // What stands judged everything so far.
  await sql`insert into "profileVersions" (tenant, gtin, version, profile, "updatedAt")
    select tenant, gtin, version, profile, "updatedAt" from products`.execute(db)
}
