// Keys by which what is handed over is signed, and those of partners that are believed.
import type { Schema, Words } from './words.ts'

export async function createHandOverKeys(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('handOverKeys')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('name', words.text, (c) => c.notNull())
    .addColumn('publicKey', words.text, (c) => c.notNull())
    .addColumn('privateKey', words.text)
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('revokedAt', 'bigint')
    .addPrimaryKeyConstraint('handOverKeysKey', ['tenant', 'id'])
    .execute()
}
