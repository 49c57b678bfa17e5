// What a capture asked for when some of its events are wrong: all or nothing, or those that are
// right. And captures in the order they came, to be listed.
import type { Schema, Words } from './words.ts'

export async function rememberBehaviour(db: Schema, words: Words): Promise<void> {
  await db.schema
    .alterTable('captures')
    .addColumn('behaviour', words.text, (c) => c.notNull().defaultTo('rollback'))
    .execute()
  await db.schema
    .createIndex('capturesByTime')
    .on('captures')
    .columns(['tenant', 'createdAt', 'id'])
    .execute()
}
