// All shipments under way with where they were last seen and how warm they are; kept up to date by
// the stream. What is inside them is asked for one by one, elsewhere.
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Query } from './client.ts'
import { type Loaded, useLoad } from './load.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, parsePage, parseTime, textOf } from './shapes.ts'
import { dataUpTo, listen, seeTime } from './stream.ts'

export interface Seen {
  container: string
  device: string
  mountedFrom: number | null
  mountedTo: number | null
  openAlerts: number
  latest: { time: number; value: number } | null
  position: { time: number; lat: number; lon: number; accuracyM: number | null } | null
  /** Of any channel. */
  heardAt: number | null
  /** Products inside, of what was looked at; null while nobody asked. */
  cargo: { gtins: string[]; complete: boolean } | null
  journey: Journey | null
}

/** Places are canonical Digital Links; times epoch ms. */
export interface Journey {
  phase: string
  origin: string
  destination: string
  /** The planned stop that comes next; empty when it is there. */
  next: string
  expectedAt: number | null
  lateMs: number
  last: { place: string; time: number | null; left: boolean } | null
}

/** `alert`: an open one stands against it. `silent`: nothing was heard for hours. */
export type FleetState = 'alert' | 'silent' | 'fine'
export const fleetStates = ['alert', 'silent', 'fine'] as const

/** Pages asked for at most: 10,000 shipments. */
const pagesMax = 20
const pageRows = 500
/** Loggers tell every few minutes; twice an hour is the least that standards allow. */
export const silentAfterMs = 3 * 3_600_000
/** Readings come by the second: the page is drawn once for many. */
const mergeMs = 1000
const changes = ['alert.raised', 'alert.changed', 'capture.applied']

export interface Fleet {
  seen: readonly Seen[]
  /** False: there are more than were asked for. */
  complete: boolean
}

/** Null while not loaded; the value changes as readings come in. */
export const useFleet = (): Loaded<Fleet> => useSeen('fleet', {})

/** With what each carries and where it goes; `ended`: also those whose logger was taken off. */
export const useFleetAbout = (ended: boolean): Loaded<Fleet> =>
  useSeen(`fleet about ${ended}`, { about: 1, all: ended ? 1 : 0 })

/** The loggers that are or were on one container, in the same way; null: nothing is asked for. */
export const useMounts = (container: string | null): Loaded<Fleet> =>
  useSeen(container && `mounts ${container}`, { container: container ?? '', all: 1 })

function useSeen(key: string | null, of: Query): Loaded<Fleet> {
  const loaded = useLoad(key, (signal) => loadFleet(of, signal), changes)
  const [news, setNews] = useState<ReadonlyMap<string, Partial<Seen>>>(new Map())
  useEffect(() => setNews(new Map()), [loaded.value])
  useEffect(() => {
    const heard = new Map<string, Partial<Seen>>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = listen(['device.readings'], (event) => {
      const device = textOf(event.device)
      heard.set(device, { ...heard.get(device), ...newestOf(event.latest) })
      timer ??= setTimeout(() => {
        timer = undefined
        const told = new Map(heard)
        heard.clear()
        setNews((old) => {
          const merged = new Map(old)
          for (const [name, parts] of told) merged.set(name, { ...merged.get(name), ...parts })
          return merged
        })
      }, mergeMs)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [])
  const value = useMemo(() => {
    const { value: fleet } = loaded
    if (!fleet || news.size === 0) return fleet
    return { ...fleet, seen: fleet.seen.map((one) => withNews(one, news.get(one.device))) }
  }, [loaded.value, news])
  return { ...loaded, value }
}

export function parseSeen(json: Readonly<Record<string, unknown>>): Seen {
  const latest = objectOf(json.latest)
  const [time, value] = [parseTime(latest.time), numberOf(latest.value)]
  const fix = objectOf(json.position)
  const [at, lat, lon] = [parseTime(fix.time), numberOf(fix.lat), numberOf(fix.lon)]
  return {
    container: textOf(json.container),
    device: textOf(json.device),
    mountedFrom: parseTime(json.mountedFrom),
    mountedTo: parseTime(json.mountedTo),
    openAlerts: numberOf(json.openAlerts) ?? 0,
    latest: time === null || value === null ? null : { time, value },
    position:
      at === null || lat === null || lon === null
        ? null
        : { time: at, lat, lon, accuracyM: numberOf(fix.accuracyM) },
    heardAt: parseTime(json.heardAt),
    cargo: Array.isArray(json.gtins)
      ? { gtins: json.gtins.map(textOf), complete: json.gtinsComplete === true }
      : null,
    journey: json.journey === undefined ? null : journeyOf(objectOf(json.journey)),
  }
}

function journeyOf(json: Readonly<Record<string, unknown>>): Journey {
  const last = objectOf(json.last)
  return {
    phase: textOf(json.phase),
    origin: textOf(json.origin),
    destination: textOf(json.destination),
    next: textOf(json.next),
    expectedAt: parseTime(json.expectedAt),
    lateMs: (numberOf(json.lateSeconds) ?? 0) * 1000,
    last: textOf(last.place)
      ? { place: textOf(last.place), time: parseTime(last.time), left: last.left === true }
      : null,
  }
}

/** `now`: how far the data reach, not the clock: late data are no silence of all. */
export function stateOf(seen: Seen, now: number | null): FleetState {
  if (seen.openAlerts > 0) return 'alert'
  if (seen.latest === null) return 'silent'
  return now !== null && now - seen.latest.time > silentAfterMs ? 'silent' : 'fine'
}

export const countStates = (seen: readonly Seen[]): Record<FleetState, number> => {
  const counts = { alert: 0, silent: 0, fine: 0 }
  for (const one of seen) counts[stateOf(one, dataUpTo.value)]++
  return counts
}

async function loadFleet(of: Query, signal: AbortSignal): Promise<Fleet> {
  const seen: Seen[] = []
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const query = { ...of, limit: pageRows, ...(cursor !== undefined && { cursor }) }
    const { items, next } = parsePage(await read(apiPath('positions'), query, signal), parseSeen)
    for (const one of items) {
      seen.push(one)
      seeTime(one.latest?.time ?? null)
    }
    if (next === null) return { seen, complete: true }
    cursor = next
  }
  return { seen, complete: false }
}

/** A position only of one moment: two halves of different ones are no place. */
function newestOf(latest: unknown): Partial<Seen> {
  const entries = Array.isArray(latest) ? latest.map(objectOf) : []
  const find = (channel: string) => {
    const entry = entries.find((one) => one.channel === channel)
    const [time, value] = [parseTime(entry?.time), numberOf(entry?.value)]
    return time === null || value === null ? null : { time, value }
  }
  const [temperature, lat, lon] = [find('temperature'), find('lat'), find('lon')]
  const times = entries.map((one) => parseTime(one.time) ?? 0)
  return {
    heardAt: times.reduce((last, time) => Math.max(last, time), 0) || null,
    ...(temperature && { latest: temperature }),
    ...(lat &&
      lon &&
      lat.time === lon.time && {
        position: { time: lat.time, lat: lat.value, lon: lon.value, accuracyM: null },
      }),
  }
}

/** A logger that was taken off says nothing of where it was. */
function withNews(seen: Seen, news: Partial<Seen> | undefined): Seen {
  if (!news || seen.mountedTo !== null) return seen
  const later = <T extends { time: number }>(old: T | null, now: T | null | undefined): T | null =>
    now && (old === null || now.time >= old.time) ? now : old
  return {
    ...seen,
    heardAt: Math.max(seen.heardAt ?? 0, news.heardAt ?? 0) || null,
    latest: later(seen.latest, news.latest),
    position: later(seen.position, news.position),
  }
}
