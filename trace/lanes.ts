// Lanes: from where to where monitored containers went, as their shipping and receiving events say,
// and how many of them had an excursion on the way. Derived at every call, nothing is stored. What
// says no origin and no destination is counted apart, not guessed.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseStored } from '../domain/epcis/stored.ts'
import { type LaneRisk, laneRisks } from '../domain/lane-risk.ts'
import { journeySteps } from '../domain/phases.ts'
import { type Alert, openAlertsOf } from '../store/ledger/alerts.ts'
import { readPresenceAbove } from '../store/ledger/contents.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { eventsNaming } from '../store/ledger/mentions.ts'
import { listMounts, type Mount } from '../store/ledger/trace.ts'
import { contentsAt } from './contents.ts'

/** What tells lanes apart besides their ends. */
export const laneSplits = ['carrier', 'product', 'month'] as const
export type LaneSplit = (typeof laneSplits)[number]

/** Sites are canonical Digital Links of a GLN, without the place inside the site. */
export interface LaneKey {
  origin: string
  destination: string
  /** Who took possession when it was shipped; null when nobody is named. */
  carrier?: string | null
  /** GTIN; null of what holds several or none. */
  product?: string | null
  /** Of the shipping, UTC: 2026-03. */
  month?: string
}

export interface Lane extends LaneKey {
  shipments: number
  /** Shipments with an excursion that stands, and its minutes beyond the limit. */
  excursions: number
  exposureMinutes: { mean: number; most: number }
  risk: LaneRisk
}

export interface Lanes {
  lanes: Lane[]
  /** What is known of a lane before it had a shipment, pooled over all. */
  prior: { mean: number; shipments: number }
  shipments: number
  /** Monitored containers without a shipping event that says where from or where to. */
  unplaced: number
  /** False: there are more monitored containers than were looked at. */
  complete: boolean
}

/** Of containers whose logger was mounted in the window; most risk first. */
export async function readLanes(
  db: LedgerQuery,
  tenant: string,
  { window, splits, now }: { window: Interval; splits: readonly LaneSplit[]; now: number },
): Promise<Lanes> {
  const limit = bounds.laneMountsMax
  const mounts = await listMounts(db, tenant, { now, ended: true, limit: limit + 1 })
  const within = mounts
    .slice(0, limit)
    .filter(({ from }) => from >= window.from && from < window.to)
  const lanes = new Map<string, LaneKey & { minutes: number[] }>()
  let unplaced = 0
  for (const shipped of Map.groupBy(within, placeOf).values()) {
    const key = await keyOf(db, tenant, { mount: shipped[0]!, splits })
    await nextTurn()
    if (!key) {
      unplaced++
      continue
    }
    const name = JSON.stringify(key)
    const lane = lanes.get(name) ?? { ...key, minutes: [] }
    lanes.set(name, lane)
    lane.minutes.push(await minutesOf(db, tenant, shipped))
  }
  return { ...judged([...lanes.values()]), unplaced, complete: mounts.length <= limit }
}

/** Several loggers on one container at once are one shipment. */
const placeOf = ({ container, from }: Mount): string =>
  `${container} ${Math.floor(from / 86_400_000)}`

function judged(lanes: readonly (LaneKey & { minutes: number[] })[]) {
  const counts = lanes.map(({ minutes }) => ({
    shipments: minutes.length,
    excursions: minutes.filter((one) => one > 0).length,
  }))
  const { prior, risks } = laneRisks(counts)
  const rows = lanes.map(({ minutes, ...key }, i): Lane => {
    const mean = minutes.reduce((sum, one) => sum + one, 0) / minutes.length
    return {
      ...{ ...key, ...counts[i]!, risk: risks[i]! },
      exposureMinutes: { mean, most: Math.max(...minutes) },
    }
  })
  const name = ({ origin, destination, carrier, product, month }: LaneKey): string =>
    JSON.stringify([origin, destination, carrier, product, month])
  rows.sort((a, b) => b.risk.mean - a.risk.mean || (name(a) < name(b) ? -1 : 1))
  const worth = prior.a + prior.b
  return {
    lanes: rows,
    prior: { mean: prior.a / worth, shipments: worth },
    shipments: counts.reduce((sum, { shipments }) => sum + shipments, 0),
  }
}

/** Undefined when no event says both ends. */
async function keyOf(
  db: LedgerQuery,
  tenant: string,
  { mount, splits }: { mount: Mount; splits: readonly LaneSplit[] },
): Promise<LaneKey | undefined> {
  // Loggers are mounted before the shipping and taken off after the receiving, or so they should.
  const window = { from: mount.from - slackMs, to: mount.to + slackMs }
  const { container, from, to } = mount
  const above = await readPresenceAbove(db, tenant, { epc: container, window: { from, to } })
  const named = await eventsNaming(db, tenant, { epcs: [...above.keys()], window })
  let shipping: EpcisEvent | undefined
  let shippedAt = 0
  let destination: string | undefined
  for (const { event } of named) {
    const step = event.declared ? undefined : journeySteps[event.bizStep ?? '']
    if (step === 'ship' && !shipping) {
      shipping = parseStored(event)
      shippedAt = event.eventTime
    }
    if (step === 'receive') destination = siteOf(event.readPoint ?? event.bizLocation)
  }
  const told = (list: readonly { type: string; id: string }[] | undefined, type: string) =>
    list?.find((one) => one.type.endsWith(type))?.id
  const from_ = shipping && (told(shipping.sourceList, 'location') ?? placeIn(shipping))
  const origin = siteOf(from_ ?? null)
  const sentTo = siteOf(told(shipping?.destinationList, 'location') ?? null)
  const end = sentTo ?? destination
  if (!shipping || !origin || !end) return undefined
  const key: LaneKey = { origin, destination: end }
  if (splits.includes('carrier'))
    key.carrier = told(shipping.destinationList, 'possessing_party') ?? null
  if (splits.includes('product')) key.product = await productOf(db, tenant, mount)
  if (splits.includes('month')) key.month = new Date(shippedAt).toISOString().slice(0, 7)
  return key
}

const slackMs = 86_400_000

const placeIn = ({ readPoint, bizLocation }: EpcisEvent): string | undefined =>
  readPoint ?? bizLocation ?? undefined

/** A dock is a place inside a site (AI 254): lanes go from site to site. */
const siteOf = (place: string | null): string | undefined => place?.replace(/\/254\/.*$/, '')

async function productOf(
  db: LedgerQuery,
  tenant: string,
  { container, from, to }: Mount,
): Promise<string | null> {
  const unitsMax = bounds.shipmentUnitsMax
  const at = Math.min(from + minuteMs, to - 1)
  const { gtins } = await contentsAt(db, tenant, { container, at, unitsMax })
  // Cases have a GTIN of their own: the goods are what is not a case, when there is one of them.
  return gtins.length === 1 ? gtins[0]! : null
}

const minuteMs = 60_000

/** Of the excursion that lasted longest; 0 without any. */
async function minutesOf(
  db: LedgerQuery,
  tenant: string,
  mounts: readonly Mount[],
): Promise<number> {
  let most = 0
  for (const { device, container, from, to } of mounts) {
    const alerts = await openAlertsOf(db, tenant, device, from)
    const isOwn = (alert: Alert): boolean =>
      alert.container === container && alert.from < to && alert.verdict === 'out'
    // A single reading beyond a limit tells an excursion of no length.
    for (const alert of alerts.filter(isOwn)) most = Math.max(most, alert.minutes, 1 / 60)
  }
  return most
}
