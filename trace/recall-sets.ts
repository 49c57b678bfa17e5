// Units that one condition of a recall names by itself: listed ones, those that were in containers,
// those made of something, those in the pinned sets of alerts. Sets of numbers.
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { type Alert, listAlerts, readAlert, readSerialSet } from '../store/ledger-alerts.ts'
import { readPresence } from '../store/ledger-contents.ts'
import { idsOf } from '../store/ledger-epcs.ts'
import { unitsOfLots } from '../store/ledger-recall-units.ts'
import { lotRowsOf } from '../store/ledger-transformations.ts'
import { traceLineage } from './lineage.ts'
import type { ConditionOf } from './recall-criteria.ts'

/** The units themselves, what is in containers at `at`, and all units of EPC classes of lots. */
export async function listedUnits(
  db: LedgerQuery,
  tenant: string,
  { epcs, at }: { epcs: readonly string[]; at: number },
): Promise<Set<number>> {
  const units = epcs.filter((epc) => parseEpc(epc)?.key === 'sgtin')
  const found = new Set((await idsOf(db, tenant, units)).values())
  const lots = epcs.flatMap((epc) => {
    const key = parseEpc(epc)
    return key?.key === 'lgtin' ? [key] : []
  })
  const rows = lots.length > 0 ? await lotRowsOf(db, tenant, lots) : []
  for (const { id } of await unitsOfLots(
    db,
    tenant,
    rows.map(({ id }) => id),
  ))
    found.add(id)
  for (const epc of epcs) {
    const key = parseEpc(epc)?.key
    if (key === 'lgtin' || key === 'gtin') continue
    const window = { from: at, to: at + 1 }
    for (const id of await inside(db, tenant, { container: epc, window })) found.add(id)
  }
  return found
}

export async function insideContainers(
  db: LedgerQuery,
  tenant: string,
  { anyOf, from = -Infinity, to = Infinity }: ConditionOf<'container'>,
): Promise<Set<number>> {
  const found = new Set<number>()
  for (const container of anyOf)
    for (const id of await inside(db, tenant, { container, window: { from, to } })) found.add(id)
  for (const id of (await idsOf(db, tenant, anyOf)).values()) found.delete(id)
  return found
}

/** Units, and those of lots, that these went into, at any number of steps. */
export async function madeOf(
  db: LedgerQuery,
  tenant: string,
  inputs: readonly string[],
): Promise<Set<number>> {
  const { nodes } = await traceLineage(db, tenant, {
    epcs: inputs,
    direction: 'forward',
    depth: bounds.traceDepthMax,
  })
  const made = nodes.filter(({ depth }) => depth > 0).map(({ epc }) => epc)
  return listedUnits(db, tenant, { epcs: made, at: Number.MAX_SAFE_INTEGER - 1 })
}

export async function inAlerts(
  db: LedgerQuery,
  tenant: string,
  condition: ConditionOf<'condition'>,
): Promise<Set<number>> {
  const { minutesMin = 0, verdicts } = condition
  const epcs = new Set<string>()
  for (const alert of await alertsMeant(db, tenant, condition)) {
    const legs = alert.legs.map(
      ({ minutes, verdict }) => minutes >= minutesMin && (verdicts?.includes(verdict) ?? true),
    )
    for (let offset = 0; offset < alert.serialCount; offset += bounds.recallPage) {
      const page = { serialSet: alert.serialSet, offset, limit: bounds.recallPage }
      for (const [epc, leg] of await readSerialSet(db, tenant, page)) if (legs[leg]) epcs.add(epc)
    }
  }
  return new Set((await idsOf(db, tenant, [...epcs])).values())
}

async function alertsMeant(
  db: LedgerQuery,
  tenant: string,
  { alerts, rule, gtin }: ConditionOf<'condition'>,
): Promise<Alert[]> {
  const found: Alert[] = []
  if (alerts)
    for (const id of alerts) {
      const alert = await readAlert(db, tenant, id)
      if (alert) found.push(alert)
    }
  else {
    const limit = bounds.pageMax
    const filter = { status: 'open' as const, limit, ...(gtin !== undefined && { gtin }) }
    for (let page = await listAlerts(db, tenant, filter); page.length > 0; ) {
      found.push(...page)
      const after = page.at(-1)!.id
      page = page.length < limit ? [] : await listAlerts(db, tenant, { ...filter, after })
    }
  }
  return found.filter(
    (alert) =>
      (rule === undefined || alert.rule === rule) && (gtin === undefined || alert.gtin === gtin),
  )
}

async function inside(
  db: LedgerQuery,
  tenant: string,
  of: Parameters<typeof readPresence>[2],
): Promise<Iterable<number>> {
  const presence = await readPresence(db, tenant, of)
  return (await idsOf(db, tenant, [...presence.keys()])).values()
}
