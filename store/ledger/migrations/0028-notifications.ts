// Who is to be told of what (rules), and each thing that somebody was, will be or was not told.
import type { Schema, Words } from './words.ts'

export async function createNotifications(db: Schema, words: Words): Promise<void> {
  await db.schema
    .createTable('notificationRules')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('changedAt', 'bigint', (c) => c.notNull())
    .addColumn('changedBy', words.text, (c) => c.notNull())
    .addColumn('body', words.text, (c) => c.notNull())
    .addPrimaryKeyConstraint('notificationRulesKey', ['tenant', 'id'])
    .execute()
  await db.schema
    .createTable('notifications')
    .addColumn('tenant', words.text, (c) => c.notNull())
    .addColumn('id', words.text, (c) => c.notNull())
    .addColumn('channel', words.text, (c) => c.notNull())
    .addColumn('kind', words.text, (c) => c.notNull())
    .addColumn('ref', words.text, (c) => c.notNull())
    .addColumn('subject', words.text, (c) => c.notNull())
    .addColumn('alert', words.text)
    .addColumn('severity', words.text, (c) => c.notNull())
    .addColumn('rule', words.text, (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('createdAt', 'bigint', (c) => c.notNull())
    .addColumn('dueAt', 'bigint', (c) => c.notNull())
    .addColumn('lookAt', 'bigint', (c) => c.notNull())
    .addColumn('state', words.text, (c) => c.notNull())
    .addColumn('reason', words.text)
    .addColumn('message', words.text)
    .addColumn('decidedAt', 'bigint')
    .addPrimaryKeyConstraint('notificationsKey', ['tenant', 'id'])
    .execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('notifications').columns(columns).execute()
  await index('notificationsWaiting', ['tenant', 'channel', 'state', 'lookAt'])
  await index('notificationsBySubject', ['tenant', 'channel', 'subject'])
  await index('notificationsByAlert', ['tenant', 'alert'])
  await index('notificationsByTime', ['tenant', 'createdAt', 'id'])
}
