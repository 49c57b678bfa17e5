// Ledger queries: what scans told, as detectors need it, and who must be looked at again. What is
// suspicious is not known here.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { longEpc, shortEpc } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'

/**
 * capture: what was captured at an offset of the log. event: one event, by eventID, that changed.
 * unit: an EPC. device: a logger. session: who scanned.
 */
export const suspectKinds = ['capture', 'event', 'unit', 'device', 'session'] as const
export type SuspectKind = (typeof suspectKinds)[number]

export interface Suspect {
  tenant: string
  kind: SuspectKind
  subject: string
  /** Epoch ms: since when it waits, or when it is to be looked at. */
  since: number
  marks: number
}

/**
 * Marks that are there stay and count once more: whoever looks meanwhile does not clear them. `at`:
 * from when on they are to be looked at; the earlier of two counts.
 */
export async function markSuspects(
  db: LedgerQuery,
  tenant: string,
  { kind, subjects, at }: { kind: SuspectKind; subjects: readonly string[]; at: number },
): Promise<void> {
  for (const page of pagesOf([...new Set(subjects)]))
    await sql`insert into suspects (tenant, kind, subject, since, marks)
      select ${tenant}, ${kind}, listed.value, cast(${at} as bigint), 1 from ${listed(db, page)}
      where true
      on conflict (tenant, kind, subject) do update set marks = suspects.marks + 1,
        since = case when suspects.since < excluded.since then suspects.since
          else excluded.since end`.execute(db)
}

/** Those whose time has come, the longest waiting first. */
export async function readSuspects(
  db: LedgerQuery,
  { asOf, limit }: { asOf: number; limit: number },
): Promise<Suspect[]> {
  const rows = await db
    .selectFrom('suspects')
    .selectAll()
    .where('since', '<=', asOf)
    .orderBy('since')
    .orderBy('tenant')
    .orderBy('kind')
    .orderBy('subject')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, kind: row.kind as SuspectKind }))
}

/** Takes away the marks of those that were not marked again meanwhile. */
export async function clearSuspects(db: LedgerQuery, suspects: readonly Suspect[]): Promise<void> {
  for (const { tenant, kind, subject, marks } of suspects)
    await db
      .deleteFrom('suspects')
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .where('marks', '=', marks)
      .execute()
}

/** A scan on its way. `place` and `label` as in the table. */
export interface NewSighting {
  epc: string
  session: string
  place?: string | undefined
  /** What the label said. */
  lot?: string | undefined
  expiry?: string | undefined
  at: number
  heardAt: number
}

/** How a session saw a unit at a place with a label. Times are epoch ms. */
export interface SightingRow {
  epc: string
  session: string
  place: string
  lot: string | undefined
  expiry: string | undefined
  firstAt: number
  lastAt: number
  firstHeardAt: number
  lastHeardAt: number
  times: number
}

/**
 * Writes them down, each into the row of its session, place and label. What a session tells of one
 * unit in ever new ways is not kept beyond a bound.
 */
export async function recordSightings(
  db: LedgerQuery,
  tenant: string,
  sightings: readonly NewSighting[],
): Promise<void> {
  const crowded = await crowdedOf(db, tenant, sightings)
  for (const { at, heardAt, ...seen } of sightings) {
    const { session, lot, expiry } = seen
    const epc = shortEpc(seen.epc)
    if (crowded.has(`${epc}\n${session}`)) continue
    const label = lot === undefined && expiry === undefined ? '' : JSON.stringify([lot, expiry])
    const row = { tenant, epc, session, place: seen.place ?? '', label }
    await db
      .insertInto('sightings')
      .values({
        ...{ ...row, firstAt: at, lastAt: at, firstHeardAt: heardAt, lastHeardAt: heardAt },
        times: 1,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'epc', 'session', 'place', 'label']).doUpdateSet((e) => ({
          times: e('sightings.times', '+', 1),
          firstAt: sql<number>`case when sightings."firstAt" < ${at}
            then sightings."firstAt" else cast(${at} as bigint) end`,
          lastAt: sql<number>`case when sightings."lastAt" > ${at}
            then sightings."lastAt" else cast(${at} as bigint) end`,
          lastHeardAt: sql<number>`case when sightings."lastHeardAt" > ${heardAt}
            then sightings."lastHeardAt" else cast(${heardAt} as bigint) end`,
        })),
      )
      .execute()
  }
}

/** Units of which a session has told in more ways than are kept. */
async function crowdedOf(
  db: LedgerQuery,
  tenant: string,
  sightings: readonly NewSighting[],
): Promise<Set<string>> {
  const sessions = [...new Set(sightings.map(({ session }) => session))]
  const crowded = new Set<string>()
  for (const page of pagesOf(sessions)) {
    const { rows } = await sql<{ epc: string; session: string }>`
      select sightings.epc, sightings.session from ${listed(db, page)} cross join sightings
      where sightings.tenant = ${tenant} and sightings.session = listed.value
      group by sightings.epc, sightings.session
      having count(*) >= ${bounds.sightingWaysMax}`.execute(db)
    for (const { epc, session } of rows) crowded.add(`${epc}\n${session}`)
  }
  return crowded
}

/** Of these units, ascending by time. */
export async function sightingsOf(
  db: LedgerQuery,
  tenant: string,
  by: { in: 'epc' | 'session'; among: readonly string[]; limit: number },
): Promise<SightingRow[]> {
  const names = by.in === 'epc' ? by.among.map(shortEpc) : by.among
  const found: SightingRow[] = []
  for (const page of pagesOf(names)) {
    const { rows } = await sql<Omit<SightingRow, 'lot' | 'expiry'> & { label: string }>`
      select sightings.epc, sightings.session, sightings.place, sightings.label,
        sightings."firstAt", sightings."lastAt", sightings."firstHeardAt",
        sightings."lastHeardAt", sightings.times
      from ${listed(db, page)} cross join sightings
      where sightings.tenant = ${tenant} and sightings.${sql.ref(by.in)} = listed.value
      order by sightings."firstAt" limit ${by.limit - found.length}`.execute(db)
    for (const { label, ...row } of rows) {
      const [lot, expiry] = label === '' ? [] : (JSON.parse(label) as (string | null)[])
      const epc = longEpc(row.epc)
      found.push({ ...row, epc, lot: lot ?? undefined, expiry: expiry ?? undefined })
    }
    if (found.length >= by.limit) break
  }
  return found.sort((a, b) => a.firstAt - b.firstAt)
}

/** Drops what was told last before a time. */
export async function forgetSightings(
  db: LedgerQuery,
  tenant: string,
  before: number,
): Promise<void> {
  await db
    .deleteFrom('sightings')
    .where('tenant', '=', tenant)
    .where('lastHeardAt', '<', before)
    .execute()
}
