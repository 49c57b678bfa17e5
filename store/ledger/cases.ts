// Ledger queries: what detectors found, cases as they stand and stood, and what reviewers said.
// Weighs nothing: see domain/case.ts.
import { sql } from 'kysely'
import type { Finding } from '../../domain/suspicion.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'
import { writeNotice } from './notices.ts'
import { openEnd } from './schema.ts'

export const caseStatuses = ['open', 'confirmed', 'dismissed', 'withdrawn'] as const
export type CaseStatus = (typeof caseStatuses)[number]

/** Times are epoch ms. `body` is what the case says beside its columns, as JSON. */
export interface CaseRow<Body = unknown> {
  id: string
  subject: string
  kind: string
  status: CaseStatus
  openedAt: number
  changedAt: number
  from: number
  to: number
  logOdds: number
  revision: number
  serialSet: string
  body: Body
}

export interface CaseRevision {
  revision: number
  recordTime: number
  cause: string
  body: unknown
}

export interface CaseVerdict {
  case: string
  number: number
  at: number
  by: string
  verdict: 'confirmed' | 'dismissed'
  reason: string
  revision: number
  /** Whose evidence was before the reviewer. */
  detectors: string[]
}

/** What is found of a subject now, in place of what was found before. */
export async function writeFindings(
  db: LedgerQuery,
  tenant: string,
  { subject, findings, at }: { subject: string; findings: readonly Finding[]; at: number },
): Promise<void> {
  await db
    .deleteFrom('findings')
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .execute()
  for (const some of chunksOf(findings))
    await db
      .insertInto('findings')
      .values(
        some.map((finding) => ({
          ...{ tenant, subject, detector: finding.detector, key: finding.key },
          ...{ from: finding.from, to: Math.min(finding.to, openEnd), foundAt: at },
          body: JSON.stringify(finding),
        })),
      )
      .execute()
}

export async function readCase(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<CaseRow | undefined> {
  const row = await db
    .selectFrom('cases')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && caseOf(row)
}

export async function casesOf(
  db: LedgerQuery,
  tenant: string,
  subject: string,
): Promise<CaseRow[]> {
  const rows = await db
    .selectFrom('cases')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .orderBy('id')
    .execute()
  return rows.map(caseOf)
}

/** The newest first, after a place in that order. */
export async function listCases(
  db: LedgerQuery,
  tenant: string,
  of: {
    status?: CaseStatus | undefined
    kind?: string | undefined
    after?: readonly [openedAt: number, id: string] | undefined
    limit: number
  },
): Promise<CaseRow[]> {
  let query = db.selectFrom('cases').selectAll().where('tenant', '=', tenant)
  if (of.status !== undefined) query = query.where('status', '=', of.status)
  if (of.kind !== undefined) query = query.where('kind', '=', of.kind)
  if (of.after) {
    const [at, id] = of.after
    query = query.where(sql<boolean>`("openedAt", id) < (${at}, ${id})`)
  }
  const rows = await query
    .orderBy('openedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(of.limit)
    .execute()
  return rows.map(caseOf)
}

/** As it stands now; with a cause, this is a revision. */
export async function writeCase(
  db: LedgerQuery,
  tenant: string,
  { row, cause }: { row: CaseRow; cause?: string },
): Promise<void> {
  const body = JSON.stringify(row.body)
  const { kind, status, changedAt, from, logOdds, revision, serialSet } = row
  const to = Math.min(row.to, openEnd)
  const stands = { kind, status, changedAt, from, to, logOdds, revision, serialSet, body }
  await db
    .insertInto('cases')
    .values({ tenant, id: row.id, subject: row.subject, openedAt: row.openedAt, ...stands })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(stands))
    .execute()
  if (cause === undefined) return
  await db
    .insertInto('caseRevisions')
    .values({
      ...{ tenant, case: row.id, revision, recordTime: changedAt, cause, serialSet },
      body: JSON.stringify({ kind, status, from, to, logOdds, ...(row.body as object) }),
    })
    .execute()
  await writeNotice(db, {
    ...{ tenant, kind: revision === 1 ? 'case.opened' : 'case.changed' },
    ...{ ref: `${row.id}/${revision}`, recordTime: changedAt },
    body: { case: row.id, kind, status, subject: row.subject, revision, cause },
  })
}

export async function listCaseRevisions(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<CaseRevision[]> {
  const rows = await db
    .selectFrom('caseRevisions')
    .select(['revision', 'recordTime', 'cause', 'body'])
    .where('tenant', '=', tenant)
    .where('case', '=', id)
    .orderBy('revision')
    .execute()
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) }))
}

export async function insertCaseVerdict(
  db: LedgerQuery,
  tenant: string,
  verdict: CaseVerdict,
): Promise<void> {
  const detectors = JSON.stringify(verdict.detectors)
  await db
    .insertInto('caseVerdicts')
    .values({ tenant, ...verdict, detectors })
    .execute()
}

/** Of a case, or of all: the newest verdict of each case comes last. */
export async function readCaseVerdicts(
  db: LedgerQuery,
  tenant: string,
  id?: string,
): Promise<CaseVerdict[]> {
  let query = db.selectFrom('caseVerdicts').selectAll().where('tenant', '=', tenant)
  if (id !== undefined) query = query.where('case', '=', id)
  const rows = await query.orderBy('case').orderBy('number').execute()
  return rows.map(({ tenant: _, ...row }) => ({
    ...row,
    verdict: row.verdict as CaseVerdict['verdict'],
    detectors: JSON.parse(row.detectors) as string[],
  }))
}

const caseOf = ({
  tenant: _,
  to,
  body,
  ...row
}: Omit<CaseRow, 'status'> & { tenant: string; status: string; body: string }): CaseRow => ({
  ...row,
  status: row.status as CaseStatus,
  to: to === openEnd ? Infinity : to,
  body: JSON.parse(body),
})
