// Ledger queries: transmissions of equipment data and what was found in them. What findings mean is
// not read here.
import { sql } from 'kysely'
import type { LedgerQuery } from './ledger.ts'

export interface KeptTransmission {
  id: string
  transferSrc: string
  transferId: string
  transferType: string
  /** Of the last time, epoch ms. */
  receivedAt: number
  /** How often it came. */
  times: number
  reports: number
  records: number
  errors: number
  warnings: number
  notices: number
  /** JSON. */
  findings: string
}

const columns = [
  ...(['id', 'transferSrc', 'transferId', 'transferType', 'receivedAt', 'times'] as const),
  ...(['reports', 'records', 'errors', 'warnings', 'notices', 'findings'] as const),
] as const

/** The same transfer again replaces what was found before; the id that stays is told. */
export async function putTransmission(
  db: LedgerQuery,
  tenant: string,
  transmission: Omit<KeptTransmission, 'times'>,
): Promise<{ id: string; times: number }> {
  const { id, transferSrc, transferId, ...found } = transmission
  return db
    .insertInto('transmissions')
    .values({ tenant, id, transferSrc, transferId, ...found, times: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'transferSrc', 'transferId'])
        .doUpdateSet({ ...found, times: sql<number>`"transmissions"."times" + 1` }),
    )
    .returning(['id', 'times'])
    .executeTakeFirstOrThrow()
}

export const readTransmission = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<KeptTransmission | undefined> =>
  db
    .selectFrom('transmissions')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** The newest first, before a place. */
export const listTransmissions = (
  db: LedgerQuery,
  tenant: string,
  {
    before,
    transferSrc,
    limit,
  }: {
    before?: readonly [receivedAt: number, id: string] | undefined
    transferSrc?: string | undefined
    limit: number
  },
): Promise<KeptTransmission[]> => {
  let query = db.selectFrom('transmissions').select(columns).where('tenant', '=', tenant)
  if (transferSrc !== undefined) query = query.where('transferSrc', '=', transferSrc)
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('receivedAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('receivedAt', 'desc').orderBy('id', 'desc').limit(limit).execute()
}
