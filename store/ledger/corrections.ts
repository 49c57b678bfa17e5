// Ledger queries: corrections of budgets, proposed, signed and taken back; and those that concern
// one unit. A correction is of all of a product, of a lot, or of units that are named.
import { type Selectable, sql } from 'kysely'
import type { BudgetCorrection } from '../../domain/budget-corrections.ts'
import type { Limit } from '../../domain/exposure.ts'
import { lotsOf } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type CorrectionRow = Selectable<LedgerTables['budgetCorrections']>

/** What is signed. `lot` and `units` null: of all of the product. */
export interface CorrectionRecord {
  kind: 'budget-correction'
  tenant: string
  id: string
  gtin: string
  lot: string | null
  units: { serialCount: number; serialSetHash: string } | null
  limit: Limit
  addedMinutes: number
  reason: string
  document: string
  control: 'signed' | 'four-eyes'
  proposedBy: string
  proposedAt: string
}

/** Of a signature what a correction tells. */
interface Signed {
  printedName: string
  signedAt: string
  reason: string
}

export async function insertCorrection(
  db: LedgerQuery,
  row: CorrectionRow,
  units: readonly number[],
): Promise<void> {
  await db.insertInto('budgetCorrections').values(row).execute()
  const { tenant, id } = row
  for (const page of pagesOf(units))
    await sql`insert into "correctedUnits" (tenant, epc, correction)
      select ${tenant}, listed.value, ${id} from ${listed(db, page)} where true`.execute(db)
}

export const readCorrection = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<CorrectionRow | undefined> =>
  db
    .selectFrom('budgetCorrections')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first, before a place. */
export function listCorrections(
  db: LedgerQuery,
  tenant: string,
  page: {
    gtin?: string | undefined
    before?: readonly [proposedAt: number, id: string] | undefined
    limit: number
  },
): Promise<CorrectionRow[]> {
  let query = db.selectFrom('budgetCorrections').selectAll().where('tenant', '=', tenant)
  if (page.gtin !== undefined) query = query.where('gtin', '=', page.gtin)
  const { before } = page
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('proposedAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('proposedAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

/** False when it is no longer in that state: somebody else was first. */
export async function moveCorrection(
  db: LedgerQuery,
  of: { tenant: string; id: string; from: string },
  to: Partial<Pick<CorrectionRow, 'state' | 'signature' | 'reversal'>>,
): Promise<boolean> {
  const rows = await db
    .updateTable('budgetCorrections')
    .set(to)
    .where('tenant', '=', of.tenant)
    .where('id', '=', of.id)
    .where('state', '=', of.from)
    .returning('id')
    .execute()
  return rows.length > 0
}

/** Those in force on a unit and those taken back, in the order in which they were signed. */
export async function correctionsOf(
  db: LedgerQuery,
  tenant: string,
  { unit, epc, gtin }: { unit: number; epc: string; gtin: string },
): Promise<BudgetCorrection[]> {
  const found = await correctionsOfMany(db, tenant, { gtin, units: [{ id: unit, epc }] })
  return found.get(unit) ?? []
}

/** The same of many units of one product, by number; none of those without. */
export async function correctionsOfMany(
  db: LedgerQuery,
  tenant: string,
  { gtin, units }: { gtin: string; units: readonly { id: number; epc: string }[] },
): Promise<Map<number, BudgetCorrection[]>> {
  const rows = await db
    .selectFrom('budgetCorrections')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('gtin', '=', gtin)
    .where('state', 'in', ['signed', 'reversed'])
    .execute()
  if (rows.length === 0) return new Map()
  const all = rows
    .map((row) => ({ row, ofAll: isOfAll(row), told: correctionOf(row) }))
    .sort(({ told: a }, { told: b }) => a.signedAt - b.signedAt || (a.id < b.id ? -1 : 1))
  const isLotAsked = rows.some(({ lot }) => lot !== null)
  const epcs = units.map(({ epc }) => epc)
  const lots = isLotAsked ? await lotsOf(db, tenant, epcs) : new Map<string, string>()
  const ids = units.map(({ id }) => id)
  const named = all.every(({ ofAll }) => ofAll) ? undefined : await naming(db, tenant, ids)
  return new Map(
    units.map(({ id, epc }) => {
      const lot = lots.get(epc)
      const own = all.filter(({ row, ofAll }) =>
        row.lot !== null ? row.lot === lot : ofAll || named?.get(id)?.has(row.id),
      )
      return [id, own.map(({ told }) => told)]
    }),
  )
}

/** Of all units of its product, not of a lot or of some that are named. */
const isOfAll = ({ lot, record }: CorrectionRow): boolean =>
  lot === null && (JSON.parse(record) as CorrectionRecord).units === null

/** Corrections that name them, by unit. */
async function naming(
  db: LedgerQuery,
  tenant: string,
  units: readonly number[],
): Promise<Map<number, Set<string>>> {
  const found = new Map<number, Set<string>>()
  for (const page of pagesOf(units)) {
    const { rows } = await sql<{ epc: number; correction: string }>`
      select "correctedUnits".epc, "correctedUnits".correction
      from ${listed(db, page)} cross join "correctedUnits"
      where "correctedUnits".tenant = ${tenant}
        and "correctedUnits".epc = listed.value`.execute(db)
    for (const { epc, correction } of rows)
      found.set(epc, (found.get(epc) ?? new Set()).add(correction))
  }
  return found
}

function correctionOf(row: CorrectionRow): BudgetCorrection {
  const { id, limit, addedMinutes, reason, document } = JSON.parse(row.record) as CorrectionRecord
  const signed = JSON.parse(row.signature!) as Signed
  const back = row.reversal === null ? null : (JSON.parse(row.reversal) as Signed)
  return {
    ...{ id, limit, addedMs: Math.round(addedMinutes * 60_000), reason, document },
    ...{ signedBy: signed.printedName, signedAt: Date.parse(signed.signedAt) },
    reversed: back && {
      ...{ signedBy: back.printedName, signedAt: Date.parse(back.signedAt), reason: back.reason },
    },
  }
}
