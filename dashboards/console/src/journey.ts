// Where a container was: stops from its events, the track of its logger, and when it should arrive.
// Pure but for the loading functions; judges nothing.
import { bucketMsFor } from './chart-data.ts'
import type { Spot } from './map/view.ts'
import type { PlannedLeg } from './places.ts'
import { apiPath, read } from './server.ts'
import { parsePage, parseRow, parseTime, type Row, textOf } from './shapes.ts'

export interface Stop {
  place: string
  from: number
  to: number
  /** What was done there, in the order of its first time, without repetition. */
  steps: string[]
}

export interface UnitEvent {
  time: number
  place: string
  bizStep: string
}

const trackBucketsMax = 600
const trackReadingsMax = 3000
const eventsMax = 500

/** Events in a row at one place are one stop. Ascending. */
export function stopsOf(events: readonly UnitEvent[]): Stop[] {
  const stops: Stop[] = []
  for (const { time, place, bizStep } of [...events].sort((a, b) => a.time - b.time)) {
    if (place === '') continue
    const last = stops.at(-1)
    if (last?.place === place) {
      last.to = time
      if (bizStep && !last.steps.includes(bizStep)) last.steps.push(bizStep)
    } else stops.push({ place, from: time, to: time, steps: bizStep ? [bizStep] : [] })
  }
  return stops
}

export interface Arrival {
  place: string
  /** By the plan, moved by how late the last planned stop was reached; epoch ms. */
  at: number
  lateMs: number
}

/**
 * When the plan's last leg should end. What was late at the last place of the plan that was reached
 * is late at the end; what was early is not counted on. Null without a plan or when it has arrived.
 */
export function arrivalOf(plan: readonly PlannedLeg[], stops: readonly Stop[]): Arrival | null {
  const last = plan.at(-1)
  if (!last) return null
  let lateMs = 0
  for (const leg of plan) {
    const reached = stops.find(({ place, from }) => place === leg.to && from >= leg.departs)
    if (reached) lateMs = Math.max(0, reached.from - leg.arrives)
    if (reached && leg === last) return null
  }
  return { place: last.to, at: last.arrives + lateMs, lateMs }
}

/** Pairs of the same moment, without what is nowhere (0, 0). */
export function trackOf(lats: readonly Row[], lons: readonly Row[]): Spot[] {
  const byTime = new Map(lons.map(({ time, value }) => [time, value]))
  return lats.flatMap(({ time, value: lat }) => {
    const lon = byTime.get(time)
    const nowhere = lon === undefined || (Math.abs(lat) < 1e-3 && Math.abs(lon) < 1e-3)
    return nowhere || Math.abs(lat) > 90 ? [] : [{ lat, lon }]
  })
}

export interface TrackAsked {
  device: string
  from: number
  to: number
}

export async function loadTrack(asked: TrackAsked, signal: AbortSignal): Promise<Spot[]> {
  const single = await positions(asked, signal, {})
  if (single) return single
  // Where a lorry was in ten minutes, on average, is where it drove.
  const everyMs = bucketMsFor(asked.to - asked.from, trackBucketsMax)
  return (await positions(asked, signal, { every: `${everyMs / 60_000}m` })) ?? []
}

export async function loadEvents(container: string, signal: AbortSignal): Promise<UnitEvent[]> {
  const path = apiPath('units', container, 'events')
  const json = await read(path, { limit: eventsMax }, signal)
  const { items } = parsePage(json, (item) => ({
    time: parseTime(item.eventTime) ?? 0,
    place: textOf(item.bizLocation) || textOf(item.readPoint),
    bizStep: textOf(item.bizStep),
  }))
  return items
}

/** Null: there are more than one answer holds. */
async function positions(
  { device, from, to }: TrackAsked,
  signal: AbortSignal,
  extra: Record<string, string>,
): Promise<Spot[] | null> {
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const ask = async (channel: string) => {
    const query = { device, channel, ...span, limit: trackReadingsMax, ...extra }
    return parsePage(await read(apiPath('readings'), query, signal), parseRow)
  }
  const [lats, lons] = await Promise.all([ask('lat'), ask('lon')])
  if (lats.next !== null && !('every' in extra)) return null
  const rows = (page: typeof lats): Row[] => page.items.filter((row) => row !== undefined)
  return trackOf(rows(lats), rows(lons))
}
