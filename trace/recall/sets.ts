// Units that one condition of a recall names by itself: listed ones, those that were in containers,
// those made of something, those in the pinned sets of alerts. Sets of numbers.
import { bounds } from '../../config.ts'
import { formatDigitalLink, parseEpc } from '../../domain/gs1/gs1.ts'
import { type Alert, listAlerts, readAlert, readSerialSet } from '../../store/ledger/alerts.ts'
import { readPresence } from '../../store/ledger/contents.ts'
import { epcsOf, idsOf } from '../../store/ledger/epcs.ts'
import { chunksOf, type LedgerQuery } from '../../store/ledger/ledger.ts'
import { readMentions } from '../../store/ledger/mentions.ts'
import { lotsAmong, numbersOfLots, readLots } from '../../store/ledger/recall-units.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import { lotRowsOf, readTransformations } from '../../store/ledger/transformations.ts'
import { storiesOf } from '../stories.ts'
import type { ConditionOf } from './criteria.ts'

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
  for (const id of await numbersOfLots(
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

/**
 * What these units and lots went into, at any number of steps, and all units of lots that came out.
 * Events of containers count for what was inside. Undefined when it is too much to follow.
 */
export async function madeOf(
  db: LedgerQuery,
  tenant: string,
  inputs: readonly string[],
): Promise<Set<number> | undefined> {
  const made = new Set<number>()
  const followed = new Set<number>()
  let fresh = await thingsOf(db, tenant, inputs)
  while (fresh.length > 0) {
    for (const thing of fresh) followed.add(thing)
    if (followed.size > bounds.serialSetMax) return undefined
    const outputs: number[] = []
    for (const page of chunksOf(fresh, bounds.recallPage))
      outputs.push(...(await outputsOf(db, tenant, page)))
    const names = [...(await epcsOf(db, tenant, [...new Set(outputs)])).values()]
    const things = await thingsOf(db, tenant, names)
    for (const thing of things) made.add(thing)
    fresh = things.filter((thing) => !followed.has(thing))
  }
  return made
}

/** They themselves, the units of lots, and what is in containers in the end. */
async function thingsOf(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<number[]> {
  const ids = await idsOf(db, tenant, epcs)
  const at = Number.MAX_SAFE_INTEGER - 1
  return [...new Set([...ids.values(), ...(await listedUnits(db, tenant, { epcs, at }))])]
}

/** What came out of transformations that took these in, or the lots that they are of. */
async function outputsOf(
  db: LedgerQuery,
  tenant: string,
  things: readonly number[],
): Promise<number[]> {
  const events = new Set<number>()
  for (const { facts } of await storiesOf(db, tenant, things))
    for (const { type, role, event } of facts)
      if (type === 'TransformationEvent' && role === 'input') events.add(event.id)
  const lots = [...(await readLots(db, tenant, await lotsAmong(db, tenant, things))).values()]
  const classes = lots
    .filter(({ gtin, lot }) => gtin !== '' && lot !== '')
    .map(({ gtin, lot }) => formatDigitalLink({ key: 'lgtin', gtin, lot }))
  const roles = [mentionRoles.inputQuantityList]
  const epcs = [...(await idsOf(db, tenant, classes)).values()]
  for (const { event } of await readMentions(db, tenant, { epcs, roles })) events.add(event)
  return (await readTransformations(db, tenant, [...events])).flatMap(({ outputs }) => outputs)
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
  if (alerts) for (const id of alerts) found.push(...(await standingAlert(db, tenant, id)))
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

/** Another one may have taken its place; one that was taken back says nothing. */
async function standingAlert(db: LedgerQuery, tenant: string, id: string): Promise<Alert[]> {
  const passed = new Set<string>()
  for (let next: string | undefined = id; next !== undefined && !passed.has(next); ) {
    const alert: Alert | undefined = await readAlert(db, tenant, next)
    if (alert?.status === 'open') return [alert]
    passed.add(next)
    next = alert?.supersededBy
  }
  return []
}

async function inside(
  db: LedgerQuery,
  tenant: string,
  of: Parameters<typeof readPresence>[2],
): Promise<Iterable<number>> {
  const presence = await readPresence(db, tenant, of)
  return (await idsOf(db, tenant, [...presence.keys()])).values()
}
