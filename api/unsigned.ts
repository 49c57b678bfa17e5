// What a tenant asks of changed profiles, and the refusal of one that comes without a signature.
import { type ChangeControl, changeControlOf } from '../quality/profile-change.ts'
import { readSettings } from '../store/ledger/changes.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { conflict } from './problem.ts'

export const controlOf = async (db: LedgerQuery, tenant: string): Promise<ChangeControl> =>
  changeControlOf(await readSettings(db, tenant))

/** 409 where the tenant asks for signatures. */
export async function refuseUnsigned(
  db: LedgerQuery,
  { tenant, gtin }: { tenant: string; gtin: string },
): Promise<void> {
  if ((await controlOf(db, tenant)) === 'none') return
  const detail = 'profiles of this tenant change by signature'
  throw conflict(`${detail}: POST /api/v1/products/${gtin}/changes`, '/profile')
}
