// Ledger queries: who looked at which unit. A scan is a session, and a session is a keyed hash that
// means nothing the day after: no address, no name and no exact place is kept. One row for each
// unit, session and way of scanning, so that nobody grows the table by asking again. Also what
// trading partners asked, each request by itself.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { idsOf } from './epcs.ts'
import type { Ledger, LedgerQuery } from './ledger.ts'
import { readMeta, writeMeta } from './registry.ts'
import { markSuspects, type NewSighting, recordSightings } from './suspects.ts'

/** How a scan came here. Strangers come by the first two; they alone count as seen. */
export const scanSources = ['resolver', 'verify', 'app', 'trade'] as const
export type ScanSource = (typeof scanSources)[number]

export interface Scan {
  epc: string
  /** Keyed hash of the EPC, under which it is kept while no event names it. */
  hash: string
  session: string
  source: ScanSource
  /** Epoch ms. */
  at: number
  /** Country (ISO 3166-1 alpha-2) or a geohash of at most 4 characters: some 20 km. */
  place?: string | undefined
  /** Kind of device: phone, handheld, fixed, … */
  device?: string | undefined
  /** camera, laser, keyboard, … */
  capturedBy?: string | undefined
  /** What the label said; expiry as YYYY-MM-DD. */
  lot?: string | undefined
  expiry?: string | undefined
}

/** All scans of one unit in one session. */
export interface ScanRecord {
  session: string
  source: ScanSource
  firstAt: number
  lastAt: number
  times: number
  place: string | null
  device: string | null
  capturedBy: string | null
}

/**
 * Writes them down; each adds to its session, and marks the unit and the session for those who look
 * for what is wrong (store/ledger/suspects.ts). Of numbers that no event names only with `unknown`.
 * Returns how many of these there were.
 */
export async function recordScans(
  db: LedgerQuery,
  tenant: string,
  { scans, unknown, heardAt }: { scans: readonly Scan[]; unknown: boolean; heardAt: number },
): Promise<number> {
  const ids = await idsOf(db, tenant, [...new Set(scans.map(({ epc }) => epc))])
  let unknowns = 0
  const kept: NewSighting[] = []
  for (const scan of scans) {
    const id = ids.get(scan.epc)
    if (id === undefined) unknowns++
    if (id === undefined && !unknown) continue
    kept.push({ ...scan, heardAt })
    await db
      .insertInto('scans')
      .values({
        tenant,
        epc: id ?? 0,
        unknown: id === undefined ? scan.hash : '',
        session: scan.session,
        source: scan.source,
        firstAt: scan.at,
        lastAt: scan.at,
        times: 1,
        place: scan.place ?? null,
        device: scan.device ?? null,
        capturedBy: scan.capturedBy ?? null,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'epc', 'unknown', 'session', 'source']).doUpdateSet((e) => ({
          times: e('scans.times', '+', 1),
          firstAt: sql<number>`case when scans."firstAt" < ${scan.at}
            then scans."firstAt" else cast(${scan.at} as bigint) end`,
          lastAt: sql<number>`case when scans."lastAt" > ${scan.at}
            then scans."lastAt" else cast(${scan.at} as bigint) end`,
        })),
      )
      .execute()
  }
  await recordSightings(db, tenant, kept)
  const units = kept.map(({ epc }) => epc).filter((epc) => ids.has(epc))
  await markSuspects(db, tenant, { kind: 'unit', subjects: units, at: heardAt })
  // Only who asks for numbers that nobody knows may be trying them out.
  const sessions = kept.filter(({ epc }) => !ids.has(epc)).map(({ session }) => session)
  await markSuspects(db, tenant, { kind: 'session', subjects: sessions, at: heardAt })
  return unknowns
}

/**
 * In how many sessions of strangers, other than this one, the unit was seen; counted up to a limit.
 * What was seen before any event named it counts too: somebody had the number early.
 */
export async function countSessions(
  db: LedgerQuery,
  tenant: string,
  of: { epc: string; hash: string; session: string; limit: number },
): Promise<number> {
  const id = (await idsOf(db, tenant, [of.epc])).get(of.epc)
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select session from scans where tenant = ${tenant}
        and ${named({ id, hash: of.hash })} and session <> ${of.session}
        and source in ('resolver', 'verify')
      group by session limit ${of.limit}) as others`.execute(db)
  return Number(rows[0]!.count)
}

/** The newest first, after a place in that order. */
export async function listScans(
  db: LedgerQuery,
  tenant: string,
  of: {
    epc: string
    hash: string
    after?: readonly [lastAt: number, session: string] | undefined
    limit: number
  },
): Promise<ScanRecord[]> {
  const id = (await idsOf(db, tenant, [of.epc])).get(of.epc)
  let query = db
    .selectFrom('scans')
    .select(['session', 'source', 'firstAt', 'lastAt', 'times', 'place', 'device', 'capturedBy'])
    .where('tenant', '=', tenant)
    .where(named({ id, hash: of.hash }))
  if (of.after) {
    const [lastAt, session] = of.after
    query = query.where((e) =>
      e.or([
        e('lastAt', '<', lastAt),
        e.and([e('lastAt', '=', lastAt), e('session', '>', session)]),
      ]),
    )
  }
  const rows = await query.orderBy('lastAt', 'desc').orderBy('session').limit(of.limit).execute()
  return rows.map((row) => ({ ...row, source: row.source as ScanSource }))
}

const named = ({ id, hash }: { id: number | undefined; hash: string }) =>
  sql<boolean>`((epc = ${id ?? -1} and unknown = '') or (epc = 0 and unknown = ${hash}))`

/** Drops what was last seen before a time; of what no event ever named, before another. */
export async function forgetScans(
  db: LedgerQuery,
  tenant: string,
  { before, unknownBefore }: { before: number; unknownBefore: number },
): Promise<void> {
  await db
    .deleteFrom('scans')
    .where('tenant', '=', tenant)
    .where('lastAt', '<', unknownBefore)
    .where((e) => e.or([e('lastAt', '<', before), e('epc', '=', 0)]))
    .execute()
}

/** One request of a trading partner and its answer. */
export interface Verification {
  id: string
  at: number
  epc: string
  /** Who asked: the key's id. */
  askedBy: string
  /** GLN of the partner for whom it was asked. */
  requestor: string | null
  verified: boolean
  /** JSON: what was asked and answered. */
  body: unknown
}

export async function insertVerification(
  db: LedgerQuery,
  tenant: string,
  { verified, body, ...row }: Verification,
): Promise<void> {
  await db
    .insertInto('verifications')
    .values({ tenant, ...row, verified: Number(verified), body: JSON.stringify(body) })
    .execute()
}

export async function readVerification(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<Verification | undefined> {
  const row = await db
    .selectFrom('verifications')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && verificationOf(row)
}

/** The newest first, after a place in that order. */
export async function listVerifications(
  db: LedgerQuery,
  tenant: string,
  of: {
    epc?: string | undefined
    verified?: boolean | undefined
    after?: readonly [at: number, id: string] | undefined
    limit: number
  },
): Promise<Verification[]> {
  let query = db.selectFrom('verifications').selectAll().where('tenant', '=', tenant)
  if (of.epc !== undefined) query = query.where('epc', '=', of.epc)
  if (of.verified !== undefined) query = query.where('verified', '=', Number(of.verified))
  if (of.after) {
    const [at, id] = of.after
    query = query.where((e) =>
      e.or([e('at', '<', at), e.and([e('at', '=', at), e('id', '<', id)])]),
    )
  }
  const rows = await query.orderBy('at', 'desc').orderBy('id', 'desc').limit(of.limit).execute()
  return rows.map(verificationOf)
}

const verificationOf = (row: {
  id: string
  at: number
  epc: string
  askedBy: string
  requestor: string | null
  verified: number
  body: string
}): Verification => {
  const { id, at, epc, askedBy, requestor } = row
  return {
    id,
    at,
    epc,
    askedBy,
    requestor,
    verified: row.verified === 1,
    body: JSON.parse(row.body),
  }
}

const secretName = 'scans/secret'
const dayName = 'scans/day'

/** The key of hashes that stand for EPCs; all processes have the same. */
export const scanSecret = (ledger: Ledger): Promise<Uint8Array> =>
  ledger.transact(
    async (db) => {
      const known = await readMeta(db, secretName)
      if (known !== undefined) return Buffer.from(known, 'hex')
      const fresh = randomBytes(32)
      await writeMeta(db, secretName, fresh.toString('hex'))
      return fresh
    },
    { serializable: true },
  )

/**
 * The key of the sessions of a day, counted from 1970. It takes the place of that of the day
 * before, which is gone with it: nobody can find out any more whose hash a session was.
 */
export const dayKey = (ledger: Ledger, day: number): Promise<Uint8Array> =>
  ledger.transact(
    async (db) => {
      const text = await readMeta(db, dayName)
      const known = text === undefined ? undefined : (JSON.parse(text) as DayKey)
      // A process whose clock is behind takes what is there.
      if (known && known.day >= day) return Buffer.from(known.key, 'hex')
      const fresh = randomBytes(32)
      await writeMeta(db, dayName, JSON.stringify({ day, key: fresh.toString('hex') }))
      return fresh
    },
    { serializable: true },
  )

interface DayKey {
  day: number
  key: string
}
