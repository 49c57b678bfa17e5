// Ledger queries: every version of a product's profile, and which of them judge when.
import type { Interval } from '../../domain/breach.ts'
import type { Profile } from '../../domain/profile/profile.ts'
import { type Effective, inForce } from '../../domain/profile/versions.ts'
import type { LedgerQuery } from './ledger.ts'

export interface ProfileVersion extends Effective {
  profile: Profile
  updatedAt: number
}

export async function insertVersion(
  db: LedgerQuery,
  of: { tenant: string; gtin: string },
  { version, effectiveFrom, profile, updatedAt }: ProfileVersion,
): Promise<void> {
  await db
    .insertInto('profileVersions')
    .values({
      ...{ tenant: of.tenant, gtin: of.gtin, version, effectiveFrom, updatedAt },
      profile: JSON.stringify(profile),
    })
    .execute()
}

/** Newest first, before a given one. */
export async function listVersions(
  db: LedgerQuery,
  of: { tenant: string; gtin: string },
  page: { before?: number; limit: number },
): Promise<ProfileVersion[]> {
  let query = ofProduct(db, of).select(['version', 'effectiveFrom', 'profile', 'updatedAt'])
  if (page.before !== undefined) query = query.where('version', '<', page.before)
  const rows = await query.orderBy('version', 'desc').limit(page.limit).execute()
  return rows.map((row) => ({ ...row, profile: JSON.parse(row.profile) as Profile }))
}

/** What judges readings of the window, ascending; nothing for a product nobody stored. */
export async function profilesInForce(
  db: LedgerQuery,
  of: { tenant: string; gtin: string },
  window: Interval,
): Promise<(Interval & { version: number; profile: Profile })[]> {
  // A product changed a thousand times has few versions in force: their texts alone are read.
  const versions = await ofProduct(db, of).select(['version', 'effectiveFrom']).execute()
  const spans = inForce(versions).flatMap(({ from, to, version }) => {
    const span = { version, from: Math.max(from, window.from), to: Math.min(to, window.to) }
    return span.from < span.to ? [span] : []
  })
  if (spans.length === 0) return []
  const wanted = spans.map(({ version }) => version)
  const rows = await ofProduct(db, of)
    .select(['version', 'profile'])
    .where('version', 'in', wanted)
    .execute()
  const texts = new Map(rows.map(({ version, profile }) => [version, profile]))
  return spans.map((span) => ({
    ...span,
    profile: JSON.parse(texts.get(span.version)!) as Profile,
  }))
}

/** Whether any profile of the tenant asks where in its journey a container is. */
export async function asksForPhases(db: LedgerQuery, tenant: string): Promise<boolean> {
  const row = await db
    .selectFrom('profileVersions')
    .select('version')
    .where('tenant', '=', tenant)
    .where('profile', 'like', '%"phases":[%')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

const ofProduct = (db: LedgerQuery, { tenant, gtin }: { tenant: string; gtin: string }) =>
  db.selectFrom('profileVersions').where('tenant', '=', tenant).where('gtin', '=', gtin)
