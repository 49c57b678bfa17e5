// Ledger queries: which loggers are watched for silence, when each must be looked at, and what
// people said of silences. What a silence is is not known here.

import { slotOf } from '../slots.ts'
import { markDirty } from './detectors.ts'
import { among, type LedgerQuery, listsOf } from './ledger.ts'
import { openEnd } from './schema.ts'
import type { SilenceTables } from './schema-silence.ts'

/**
 * Times are epoch ms; `lookAt` is Infinity when only something new can change what was found.
 * `ahead`: then something will, whatever the logger says last.
 */
export interface SilenceLook {
  tenant: string
  device: string
  asOf: number
  lookAt: number
  ongoing: boolean
  ahead: boolean
}

export interface SilenceClosing {
  device: string
  container: string
  at: number
  by: string
  reason: string
  alert: string
}

/** Watched devices whose look is due, of these slots only, the longest due first. */
export async function dueLooks(
  db: LedgerQuery,
  of: { asOf: number; slots: readonly number[]; limit: number },
): Promise<SilenceLook[]> {
  const rows = await db
    .selectFrom('silenceLooks')
    .selectAll()
    .where('lookAt', '<', of.asOf)
    .where('slot', 'in', of.slots)
    .orderBy('lookAt')
    .limit(of.limit)
    .execute()
  return rows.map(lookOf)
}

export async function readLooks(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<Map<string, SilenceLook>> {
  const looks = new Map<string, SilenceLook>()
  for (const chunk of listsOf(db, devices)) {
    const rows = await db
      .selectFrom('silenceLooks')
      .selectAll()
      .where('tenant', '=', tenant)
      .where(among(db, 'device', chunk))
      .execute()
    for (const row of rows) looks.set(row.device, lookOf(row))
  }
  return looks
}

export async function writeLook(db: LedgerQuery, look: SilenceLook): Promise<void> {
  const { tenant, device, asOf } = look
  const found = {
    ...{ asOf, lookAt: Math.min(look.lookAt, openEnd) },
    ...{ ongoing: look.ongoing ? 1 : 0, ahead: look.ahead ? 1 : 0 },
  }
  await db
    .insertInto('silenceLooks')
    .values({ tenant, device, slot: slotOf(tenant, device), ...found })
    .onConflict((conflict) => conflict.columns(['tenant', 'device']).doUpdateSet(found))
    .execute()
}

/** Nothing of the device is watched any more. */
export async function forgetLook(db: LedgerQuery, tenant: string, device: string): Promise<void> {
  await db
    .deleteFrom('silenceLooks')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .execute()
}

/** A person says that a silence needs no more attention; its alerts are restated by the sweep. */
export async function closeSilence(
  db: LedgerQuery,
  tenant: string,
  { since, ...closing }: SilenceClosing & { since: number },
): Promise<void> {
  await db
    .insertInto('silenceClosings')
    .values({ tenant, ...closing })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await markDirty(db, tenant, { devices: [closing.device], since, cause: 'closing' })
}

/** Of a device, ascending by time. */
export async function readClosings(
  db: LedgerQuery,
  tenant: string,
  device: string,
): Promise<SilenceClosing[]> {
  return db
    .selectFrom('silenceClosings')
    .select(['device', 'container', 'at', 'by', 'reason', 'alert'])
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('at')
    .execute()
}

const lookOf = ({ slot: _, ...row }: SilenceTables['silenceLooks']): SilenceLook => ({
  ...row,
  lookAt: row.lookAt >= openEnd ? Infinity : row.lookAt,
  ongoing: row.ongoing === 1,
  ahead: row.ahead === 1,
})
