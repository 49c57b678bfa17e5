// Ledger queries: which registered loggers were on which containers, and when.
import { sql } from 'kysely'
import type { Mount } from '../../domain/legs.ts'
import { idsOf, longName } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { mentionRoles, openEnd } from './schema.ts'
import { readStaysById } from './stays.ts'

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

/**
 * Other containers that got a logger at the place where this one got its own at a time, within so
 * long of it, the nearest in time first. Through the index of places and times.
 */
export async function readFittedWith(
  db: LedgerQuery,
  tenant: string,
  { container, from, withinMs, limit }: FittedQuery,
): Promise<number[]> {
  const role = mentionRoles.parentID
  const { rows } = await sql<{ parent: number }>`
    select others.parent
    from mentions cross join events as own cross join events as others
    where mentions.tenant = ${tenant} and mentions.epc = ${container} and mentions.role = ${role}
      and own.id = mentions.event and own.tenant = ${tenant} and own."eventTime" = ${from}
      and own.type = 'AssociationEvent' and own.action = 'ADD' and own.declared = 0
      and others.tenant = ${tenant} and others."readPoint" = own."readPoint"
      and others."eventTime" between ${from - withinMs} and ${from + withinMs}
      and others.type = 'AssociationEvent' and others.action = 'ADD' and others.declared = 0
      and others.parent <> ${container}
    order by abs(others."eventTime" - ${from}), others.parent
    limit ${limit}`.execute(db)
  return [...new Set(rows.map(({ parent }) => parent))]
}

export interface FittedQuery {
  /** By number. */
  container: number
  /** When it got its logger. */
  from: number
  withinMs: number
  limit: number
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
