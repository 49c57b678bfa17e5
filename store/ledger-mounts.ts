// Ledger queries: which registered loggers were on which containers, and when.
import { sql } from 'kysely'
import type { Mount } from '../domain/legs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { idsOf, longName } from './ledger-epcs.ts'
import { openEnd } from './ledger-schema.ts'
import { readStaysById } from './ledger-stays.ts'

/** A logger on a container, by the container's number; `to` is Infinity while it is there. */
export interface LoggerMount extends Mount<number> {
  giai: string
  loggingIntervalMs: number | null
  uncertaintyC: number | null
}

/** By container, ascending by begin. Devices without a GIAI are on nothing. */
export async function readMounts(
  db: LedgerQuery,
  tenant: string,
  containers: readonly number[],
): Promise<Map<number, LoggerMount[]>> {
  const mounts: LoggerMount[] = []
  for (const page of pagesOf(containers)) {
    const { rows } = await sql<LoggerMount>`
      select stays.parent as container, stays."from", stays."to", devices.id as device,
        devices.giai, devices."loggingIntervalMs", devices."uncertaintyC"
      from ${listed(db, page)} cross join stays cross join epcs cross join devices
      where stays.tenant = ${tenant} and stays.parent = listed.value and epcs.id = stays.child
        and devices.tenant = ${tenant} and devices.giai = ${longName('epcs.epc')}`.execute(db)
    for (const row of rows) mounts.push({ ...row, to: row.to === openEnd ? Infinity : row.to })
  }
  mounts.sort((a, b) => a.from - b.from)
  return Map.groupBy(mounts, ({ container }) => container)
}

/** Every logger on every container, whenever it was. */
export async function allMounts(db: LedgerQuery, tenant: string): Promise<LoggerMount[]> {
  const devices = await db
    .selectFrom('devices')
    .select(['id', 'giai', 'loggingIntervalMs', 'uncertaintyC'])
    .where('tenant', '=', tenant)
    .where('giai', 'is not', null)
    .execute()
  const ids = await idsOf(
    db,
    tenant,
    devices.map(({ giai }) => giai!),
  )
  const stays = Map.groupBy(
    await readStaysById(db, tenant, { in: 'child', among: [...ids.values()] }),
    ({ child }) => child,
  )
  return devices.flatMap(({ id, giai, ...about }) =>
    (stays.get(ids.get(giai!) ?? Number.NaN) ?? []).map(({ parent, from, to }) => ({
      ...{ container: parent, device: id, giai: giai!, from, to },
      ...about,
    })),
  )
}
