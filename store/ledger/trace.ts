// Ledger queries that join nouns: whose token this is, which loggers are mounted where, what is
// inside a container at a moment, which alerts touch it, and one serial in a stored set.
import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import type { Interval } from '../../domain/breach.ts'
import type { Alert, SerialLeg } from './alerts.ts'
import { idsOf, longEpc, longName, shortEpc, shortName } from './epcs.ts'
import { among, type LedgerQuery, listed, listsOf, pagesOf } from './ledger.ts'
import { inNameOrder } from './names.ts'
import { openEnd, relationCodes } from './schema.ts'

/** The device whose token has this hash, or whose former one has it and is still good. */
export const deviceByToken = (
  db: LedgerQuery,
  tokenHash: string,
  now: number,
): Promise<{ tenant: string; id: string } | undefined> =>
  db
    .selectFrom('devices')
    .select(['tenant', 'id'])
    .where((is) =>
      is.or([
        is('tokenHash', '=', tokenHash),
        is.and([is('formerTokenHash', '=', tokenHash), is('formerTokenUntil', '>', now)]),
      ]),
    )
    .executeTakeFirst()

/** A logger on a container for a time; `to` is Infinity while it is there. */
export interface Mount extends Interval {
  device: string
  giai: string
  container: string
}

/** From the few loggers to where they are: never through all stays. */
const mounts = (db: LedgerQuery, tenant: string) =>
  db
    .selectFrom('devices')
    .crossJoin('epcs as logger')
    .crossJoin('stays')
    .where('devices.tenant', '=', tenant)
    .where('logger.tenant', '=', tenant)
    .where('logger.epc', '=', shortName('devices.giai'))
    .where(inNameOrder(db, 'logger'))
    .where('stays.tenant', '=', tenant)
    .whereRef('stays.child', '=', 'logger.id')
    .where('stays.relation', '=', relationCodes.association)

/** Devices that were ever mounted on anything: the only ones whose alerts a profile can change. */
export async function mountedDevices(db: LedgerQuery, tenant: string): Promise<string[]> {
  const rows = await mounts(db, tenant).select('devices.id').distinct().execute()
  return rows.map((row) => row.id)
}

/** The containers that a device is on now, at most two: by then it is known that it is needed. */
export async function mountsOf(
  db: LedgerQuery,
  tenant: string,
  { device, now }: { device: string; now: number },
): Promise<{ container: string }[]> {
  return mounts(db, tenant)
    .innerJoin('epcs as held', 'held.id', 'stays.parent')
    .select(longName('held.epc').as('container'))
    .where('devices.id', '=', device)
    .where('stays.to', '>', now)
    .limit(2)
    .execute()
}

/** What each of these devices is on now; of one on several the one it came on last. */
export async function mountedNow(
  db: LedgerQuery,
  tenant: string,
  { devices, now }: { devices: readonly string[]; now: number },
): Promise<Map<string, string>> {
  const on = new Map<string, string>()
  for (const chunk of listsOf(db, devices)) {
    const rows = await mounts(db, tenant)
      .innerJoin('epcs as held', 'held.id', 'stays.parent')
      .select('devices.id as device')
      .select(longName('held.epc').as('container'))
      .where(among(db, 'devices.id', chunk))
      .where('stays.from', '<=', now)
      .where('stays.to', '>', now)
      .orderBy('stays.from')
      .execute()
    for (const { device, container } of rows) on.set(device, container)
  }
  return on
}

/**
 * By container, then begin, then device. Without `ended` only mounts that last beyond `now`; with
 * `container` only those on it.
 */
export async function listMounts(
  db: LedgerQuery,
  tenant: string,
  page: {
    now: number
    ended: boolean
    container?: string
    after?: [container: string, from: number, device: string]
    limit: number
  },
): Promise<Mount[]> {
  const container = longName('held.epc')
  let query = mounts(db, tenant)
    .innerJoin('epcs as held', 'held.id', 'stays.parent')
    .select(['devices.id as device', 'devices.giai', 'stays.from', 'stays.to'])
    .select(container.as('container'))
  if (!page.ended) query = query.where('stays.to', '>', page.now)
  if (page.container !== undefined)
    query = query
      .where('held.tenant', '=', tenant)
      .where('held.epc', '=', shortEpc(page.container))
      .where(inNameOrder(db, 'held'))
  if (page.after) {
    const [last, from, device] = page.after
    query = query.where(
      sql<boolean>`(${container}, stays."from", devices.id) > (${last}, ${from}, ${device})`,
    )
  }
  const rows = await query
    .orderBy(container)
    .orderBy('stays.from')
    .orderBy('devices.id')
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({
    ...row,
    giai: row.giai!,
    to: row.to === openEnd ? Infinity : row.to,
  }))
}

/** What is aggregated in these parents at a moment, at most so many. */
export async function childrenAt(
  db: LedgerQuery,
  tenant: string,
  inside: { parents: readonly string[]; at: number; limit: number },
): Promise<string[]> {
  const children: string[] = []
  const parents = [...(await idsOf(db, tenant, inside.parents)).values()]
  for (const page of pagesOf(parents)) {
    const left = inside.limit - children.length
    if (left <= 0) break
    const { rows } = await sql<{ epc: string }>`
      select epcs.epc from ${listed(db, page)}
      cross join stays cross join epcs
      where stays.tenant = ${tenant} and stays.parent = listed.value
        and stays."from" <= ${inside.at} and stays."to" > ${inside.at}
        and stays.relation = ${relationCodes.aggregation}
        and epcs.id = stays.child limit ${left}`.execute(db)
    for (const row of rows) children.push(longEpc(row.epc))
  }
  return children
}

/** Open alerts of each device and container. */
export async function countOpenAlerts(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<{ device: string; container: string; count: number }[]> {
  if (devices.length === 0) return []
  return db
    .selectFrom('alerts')
    .select((e) => ['device', 'container', e.fn.countAll<number>().as('count')])
    .where('tenant', '=', tenant)
    .where('status', '=', 'open')
    .where('device', 'in', devices)
    .groupBy(['device', 'container'])
    .execute()
}

/** Open alerts on any of these containers that overlap the time, newest first. */
export async function alertsOn(
  db: LedgerQuery,
  tenant: string,
  on: { containers: readonly string[]; limit: number },
): Promise<Alert[]> {
  const alerts: Alert[] = []
  for (const chunk of listsOf(db, on.containers)) {
    const rows = await db
      .selectFrom('alerts')
      .select('body')
      .where('tenant', '=', tenant)
      .where('status', '=', 'open')
      .where(among(db, 'container', chunk))
      .orderBy('from', 'desc')
      .limit(on.limit)
      .execute()
    for (const row of rows) alerts.push(JSON.parse(row.body))
  }
  return alerts.sort((a, b) => b.from - a.from || (a.id < b.id ? -1 : 1)).slice(0, on.limit)
}

/**
 * The leg of one serial in a stored set, by binary search over its sorted chunks; undefined when it
 * is not in.
 */
export async function findSerial(
  db: LedgerQuery,
  tenant: string,
  { serialSet, epc }: { serialSet: string; epc: string },
): Promise<number | undefined> {
  const { chunks } = await db
    .selectFrom('serialChunks')
    .select((e) => e.fn.countAll<number>().as('chunks'))
    .where('tenant', '=', tenant)
    .where('serialSet', '=', serialSet)
    .executeTakeFirstOrThrow()
  for (let low = 0, high = Number(chunks) - 1; low <= high; ) {
    const chunk = (low + high) >> 1
    const { body } = await db
      .selectFrom('serialChunks')
      .select('body')
      .where('tenant', '=', tenant)
      .where('serialSet', '=', serialSet)
      .where('chunk', '=', chunk)
      .executeTakeFirstOrThrow()
    const rows = JSON.parse(gunzipSync(body).toString()) as SerialLeg[]
    if (epc < rows[0]![0]) high = chunk - 1
    else if (epc > rows.at(-1)![0]) low = chunk + 1
    else return rows.find((row) => row[0] === epc)?.[1]
  }
  return undefined
}
