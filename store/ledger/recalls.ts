// Ledger queries: recalls with their revisions and holders. Their sets of serials are stored as
// those of alerts are (store/ledger/alerts.ts). Knows criteria and figures as JSON.
import type { LedgerQuery } from './ledger.ts'
import { writeNotice } from './notices.ts'

export interface RecallRow {
  id: string
  name: string
  status: 'open' | 'closed'
  /** A mock recall: nothing is blocked by it. */
  drill: boolean
  /** Epoch ms. */
  startedAt: number
  closedAt: number | null
  revision: number
  serialSet: string
  /** What was asked for, and the figures of the revision that stands. */
  body: unknown
}

export interface RecallRevision {
  revision: number
  recordTime: number
  cause: string
  diff: Record<string, unknown>
  body: unknown
  serialSet: string
}

export interface HolderRow {
  holder: string
  counts: Record<string, number>
  notifiedAt: number | null
  acknowledgedAt: number | null
  acknowledgedBy: string | null
  note: string | null
}

/** Writes the recall as it stands. With a revision, that one too, once. */
export async function writeRecall(
  db: LedgerQuery,
  tenant: string,
  {
    recall,
    revision,
  }: { recall: RecallRow; revision?: Omit<RecallRevision, 'body' | 'serialSet'> },
): Promise<void> {
  const { id, name, status, startedAt, closedAt, serialSet } = recall
  const body = JSON.stringify(recall.body)
  const drill = Number(recall.drill)
  const stands = { status, closedAt, revision: recall.revision, serialSet, body }
  await db
    .insertInto('recalls')
    .values({ tenant, id, name, drill, startedAt, ...stands })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(stands))
    .execute()
  if (!revision) return
  const diff = JSON.stringify(revision.diff)
  const { recordTime, cause } = revision
  await db
    .insertInto('recallRevisions')
    .values({
      tenant,
      recall: id,
      revision: revision.revision,
      recordTime,
      cause,
      diff,
      body,
      serialSet,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await writeNotice(db, {
    tenant,
    kind: revision.revision === 1 ? 'recall.started' : 'recall.changed',
    ref: `${id}/${revision.revision}`,
    recordTime,
    body: { recall: id, name, drill: recall.drill, revision: revision.revision, cause },
  })
}

export async function readRecall(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<RecallRow | undefined> {
  const row = await db
    .selectFrom('recalls')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && recallOf(row)
}

/** The newest first, after a place in that order. */
export async function listRecalls(
  db: LedgerQuery,
  tenant: string,
  page: {
    status?: 'open' | 'closed'
    drill?: boolean
    after?: { startedAt: number; id: string }
    limit: number
  },
): Promise<RecallRow[]> {
  let query = db.selectFrom('recalls').selectAll().where('tenant', '=', tenant)
  if (page.status !== undefined) query = query.where('status', '=', page.status)
  if (page.drill !== undefined) query = query.where('drill', '=', Number(page.drill))
  const { after } = page
  if (after)
    query = query.where((e) =>
      e.or([
        e('startedAt', '<', after.startedAt),
        e.and([e('startedAt', '=', after.startedAt), e('id', '>', after.id)]),
      ]),
    )
  const rows = await query.orderBy('startedAt', 'desc').orderBy('id').limit(page.limit).execute()
  return rows.map(recallOf)
}

/** Tenants that have open recalls. */
export async function tenantsRecalling(db: LedgerQuery): Promise<string[]> {
  const rows = await db
    .selectFrom('recalls')
    .select('tenant')
    .distinct()
    .where('status', '=', 'open')
    .execute()
  return rows.map(({ tenant }) => tenant)
}

export async function listRecallRevisions(
  db: LedgerQuery,
  tenant: string,
  recall: string,
): Promise<RecallRevision[]> {
  const rows = await db
    .selectFrom('recallRevisions')
    .select(['revision', 'recordTime', 'cause', 'diff', 'body', 'serialSet'])
    .where('tenant', '=', tenant)
    .where('recall', '=', recall)
    .orderBy('revision')
    .execute()
  return rows.map((row) => ({ ...row, diff: JSON.parse(row.diff), body: JSON.parse(row.body) }))
}

/** Writes how many units each had and what became of them; what people told stays. */
export async function writeHolders(
  db: LedgerQuery,
  tenant: string,
  { recall, holders }: { recall: string; holders: ReadonlyMap<string, Record<string, number>> },
): Promise<void> {
  await db
    .updateTable('recallHolders')
    .set({ counts: JSON.stringify({ units: 0 }) })
    .where('tenant', '=', tenant)
    .where('recall', '=', recall)
    .execute()
  const told = { notifiedAt: null, acknowledgedAt: null, acknowledgedBy: null, note: null }
  for (const [holder, numbers] of holders) {
    const counts = JSON.stringify(numbers)
    await db
      .insertInto('recallHolders')
      .values({ tenant, recall, holder, counts, ...told })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'recall', 'holder']).doUpdateSet({ counts }),
      )
      .execute()
  }
}

/** What a holder told, or was told. False when it holds nothing of this recall. */
export async function tellHolder(
  db: LedgerQuery,
  tenant: string,
  {
    recall,
    holder,
    told,
  }: {
    recall: string
    holder: string
    told: Partial<Omit<HolderRow, 'holder' | 'counts'>>
  },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('recallHolders')
    .set(told)
    .where('tenant', '=', tenant)
    .where('recall', '=', recall)
    .where('holder', '=', holder)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function listHolders(
  db: LedgerQuery,
  tenant: string,
  { recall, after = '', limit }: { recall: string; after?: string; limit: number },
): Promise<HolderRow[]> {
  const rows = await db
    .selectFrom('recallHolders')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('recall', '=', recall)
    .where('holder', '>', after)
    .orderBy('holder')
    .limit(limit)
    .execute()
  return rows.map(({ tenant: _, recall: __, counts, ...row }) => ({
    ...row,
    counts: JSON.parse(counts) as Record<string, number>,
  }))
}

function recallOf(row: {
  id: string
  name: string
  status: string
  drill: number
  startedAt: number
  closedAt: number | null
  revision: number
  serialSet: string
  body: string
}): RecallRow {
  const { id, name, startedAt, closedAt, revision, serialSet } = row
  return {
    ...{ id, name, startedAt, closedAt, revision, serialSet },
    status: row.status === 'open' ? 'open' : 'closed',
    drill: row.drill === 1,
    body: JSON.parse(row.body),
  }
}
