// What a disposition is about, as it stands: the units of an alert or a recall, and whether that is
// what was seen. Tells what changed since; decides nothing.
import { bounds } from '../../config.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { listRevisions, readAlert, readSerialSet } from '../../store/ledger/alerts.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readRecall } from '../../store/ledger/recalls.ts'

/** Null: whatever units are named. */
export type SubjectSeen = {
  kind: 'alert' | 'recall'
  id: string
  revision: number
  serialSetHash: string
} | null

export interface Refused {
  refusals: Refusal[]
}

/** The units in question; none of a list. Refuses what is not how it stands any more. */
export async function subjectOf(
  db: LedgerQuery,
  tenant: string,
  subject: SubjectSeen,
): Promise<{ units: Set<string> | undefined } | Refused> {
  if (!subject) return { units: undefined }
  const stands = await subjectStands(db, tenant, subject)
  if ('refusals' in stands) return stands
  const page = { serialSet: stands.serialSet, offset: 0, limit: bounds.serialSetMax }
  const set = await readSerialSet(db, tenant, page)
  return { units: new Set(set.map(([epc]) => epc)) }
}

/** Where its units are kept, without reading them. Refuses what is not how it stands any more. */
export async function subjectStands(
  db: LedgerQuery,
  tenant: string,
  subject: NonNullable<SubjectSeen>,
): Promise<{ serialSet: string } | Refused> {
  const { kind, id, revision, serialSetHash } = subject
  const now = kind === 'alert' ? await readAlert(db, tenant, id) : await recallAs(db, tenant, id)
  if (!now) return refusal('request/not-found', `no ${kind} ${id}`)
  if ('supersededBy' in now && now.status === 'superseded')
    return refusal('quality/stale', `another alert took its place: ${now.supersededBy}`)
  if (now.revision !== revision || now.serialSetHash !== serialSetHash) {
    const changes = kind === 'alert' ? await changesSince(db, tenant, { id, revision }) : ''
    const detail = `${kind} ${id} is of revision ${now.revision} now, ${revision} was seen${changes}`
    return refusal('quality/stale', detail)
  }
  if ('drill' in now && now.drill)
    return refusal('quality/units', 'a drill decides nothing on units')
  return { serialSet: now.serialSet }
}

async function recallAs(db: LedgerQuery, tenant: string, id: string) {
  const row = await readRecall(db, tenant, id)
  if (!row) return undefined
  const { serialSetHash } = row.body as { serialSetHash: string }
  return { ...row, serialSetHash }
}

/** What the revisions since then changed, in words. */
async function changesSince(
  db: LedgerQuery,
  tenant: string,
  { id, revision }: { id: string; revision: number },
): Promise<string> {
  const later = (await listRevisions(db, tenant, id)).filter((each) => each.revision > revision)
  const words = later.map(({ revision: number, cause, diff }) => {
    const { serialsAdded, serialsRemoved, verdict } = diff as Record<string, unknown>
    const counted = (of: unknown): number => (of as { count: number } | undefined)?.count ?? 0
    const serials = [
      ...(counted(serialsAdded) > 0 ? [`${counted(serialsAdded)} serials more`] : []),
      ...(counted(serialsRemoved) > 0 ? [`${counted(serialsRemoved)} serials less`] : []),
      ...(Array.isArray(verdict) ? [`verdict ${verdict.join(' -> ')}`] : []),
    ]
    const what = serials.length > 0 ? serials.join(', ') : Object.keys(diff).join(', ')
    return `revision ${number} (${cause}): ${what}`
  })
  return words.length > 0 ? `; ${words.join('; ')}` : ''
}

const refusal = (code: Refusal['code'], detail: string): Refused => ({
  refusals: [{ code, path: '/about', detail }],
})
