// The report of a shipment: gathers what a container with a logger went through, for
// quality/report/shipment.ts to compose.
import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import type { Reader } from '../../quality/report/reader.ts'
import { printedUnitsMax, type ReportRecord } from '../../quality/report/record.ts'
import { composeShipment, type ShipmentFacts } from '../../quality/report/shipment.ts'
import { listAlerts } from '../../store/ledger/alerts.ts'
import { readPresence, readPresenceAbove } from '../../store/ledger/contents.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { eventsNaming } from '../../store/ledger/mentions.ts'
import { readProduct } from '../../store/ledger/registry.ts'
import { listMounts, type Mount } from '../../store/ledger/trace.ts'
import type { Deps } from '../deps.ts'
import type { Env } from '../identity.ts'
import { notFound, Problem } from '../problem.ts'
import { alertFacts, groupsOf, readBetween } from './facts.ts'
import { nameOfHolder } from './names.ts'

export interface ShipmentAsked {
  /** Canonical. */
  container: string
  /** Of several loggers: this one. Default: the one that was mounted last. */
  device?: string | undefined
}

/** Throws a Problem when no logger was ever on it. */
export async function shipmentReport(
  deps: Deps,
  c: Context<Env>,
  asked: ShipmentAsked,
): Promise<(reader: Reader) => ReportRecord> {
  const { db } = c.get('ledger')
  const { tenant } = c.get('identity')
  const now = deps.now()
  const mounts = await listMounts(db, tenant, {
    ...{ now, ended: true, container: asked.container, limit: bounds.pageMax },
  })
  const mount = mounts.findLast(({ device }) => !asked.device || device === asked.device)
  if (!mount) throw notFound(`no logger was on ${asked.container}`, 'path/container')
  const { container, device, from } = mount
  const newest = await newestOf(deps, tenant, device)
  const dataUpTo = newest === null ? null : Math.min(newest, mount.to - 1)
  const to = dataUpTo === null || dataUpTo <= from ? Math.min(now, mount.to) : dataUpTo + 1
  const window = { from, to }
  const units = await unitsIn(db, tenant, { container, window })
  const read = newest === null ? null : await readOf(deps, db, { tenant, device, ...window })
  const facts: ShipmentFacts = {
    ...{ container, device, from, to: mount.to === Infinity ? null : mount.to, dataUpTo, read },
    products: await productsOf(db, tenant, units),
    stops: await stopsOf(db, tenant, { mount, to }),
    alerts: await alertsOf(db, tenant, { mount, to }),
    ...(await groupsOf(db, { tenant, units, heard: deps })),
    ...{ serialCount: units.length, serialSetHash: hashOf(units) },
    units: units.slice(0, printedUnitsMax),
  }
  return (reader) => composeShipment(facts, reader)
}

/** As of alerts: sorted Digital Links, each ended by a line feed. */
const hashOf = (epcs: readonly string[]): string =>
  createHash('sha256')
    .update(epcs.map((epc) => `${epc}\n`).join(''))
    .digest('hex')

async function newestOf({ series }: Deps, tenant: string, device: string): Promise<number | null> {
  const rows = await series.latest(tenant, device)
  return rows.find(({ channel }) => channel === 'temperature')?.time ?? null
}

const readOf = (
  deps: Deps,
  db: LedgerQuery,
  { tenant, ...of }: { tenant: string; device: string; from: number; to: number },
) => readBetween(db, tenant, { ...of, channel: 'temperature', heard: deps })

/** Serialised trade items that were inside at any time, sorted. */
async function unitsIn(
  db: LedgerQuery,
  tenant: string,
  of: { container: string; window: { from: number; to: number } },
): Promise<string[]> {
  const presence = await readPresence(db, tenant, of)
  const units = [...presence.keys()].filter((epc) => parseEpc(epc)?.key === 'sgtin').sort()
  if (units.length > bounds.reportUnitsMax) {
    const detail = `more than ${bounds.reportUnitsMax} units were inside`
    throw new Problem(422, [{ code: 'request/too-large', path: 'path/container', detail }])
  }
  return units
}

async function productsOf(
  db: LedgerQuery,
  tenant: string,
  units: readonly string[],
): Promise<ShipmentFacts['products']> {
  const gtins = new Set(units.map((epc) => /\/01\/(\d{14})\//.exec(epc)?.[1] ?? ''))
  const products: ShipmentFacts['products'] = []
  for (const gtin of [...gtins].sort()) {
    const product = await readProduct(db, tenant, gtin)
    // Packages of what is registered need no line of their own.
    if (!product) continue
    const { name, profile } = product
    products.push({ name: `${name} (GTIN ${gtin})`, rangeC: profile.rangeC ?? null })
  }
  return products
}

/** Goods are packed before their logger is mounted, and received before it is taken off. */
const slackMs = 86_400_000

/** Of its events and of those of what it was in; in a row at one place they are one stop. */
async function stopsOf(
  db: LedgerQuery,
  tenant: string,
  { mount: { container, from }, to }: { mount: Mount; to: number },
): Promise<ShipmentFacts['stops']> {
  const above = await readPresenceAbove(db, tenant, { epc: container, window: { from, to } })
  const window = { from: from - slackMs, to }
  const named = await eventsNaming(db, tenant, { epcs: [...above.keys()], window })
  const stops: ShipmentFacts['stops'] = []
  const seen = new Set<unknown>()
  for (const { event } of named) {
    if (event.declared || seen.has(event.id)) continue
    seen.add(event.id)
    const { bizLocation, readPoint, bizStep, eventTime } = parseStored(event)
    const place = bizLocation ?? readPoint
    if (!place) continue
    const step = /[^:/#-]+$/.exec(bizStep ?? '')?.[0]?.replaceAll('_', ' ')
    const last = stops.at(-1)
    if (last?.place === place) {
      last.to = eventTime
      if (step && !last.steps.includes(step)) last.steps.push(step)
    } else stops.push({ place, from: eventTime, to: eventTime, steps: step ? [step] : [] })
    if (stops.length >= bounds.pageMax) break
  }
  const names = new Map<string, string>()
  for (const id of new Set(stops.map(({ place }) => place))) {
    names.set(id, await nameOfHolder(db, tenant, id))
  }
  return stops.map((stop) => ({ ...stop, place: names.get(stop.place)! }))
}

/** Excursions on it while the logger was there, open and closed, by their begin. */
async function alertsOf(
  db: LedgerQuery,
  tenant: string,
  { mount: { container, device, from }, to }: { mount: Mount; to: number },
): Promise<ShipmentFacts['alerts']> {
  const filter = { container, device, limit: bounds.pageMax }
  const open = await listAlerts(db, tenant, filter)
  const closed = await listAlerts(db, tenant, { ...filter, status: 'closed' })
  const own = [...open, ...closed]
    .filter((alert) => alert.channel === 'temperature' && alert.from >= from && alert.from < to)
    .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
  return Promise.all(own.map((alert) => alertFacts(db, tenant, alert)))
}
