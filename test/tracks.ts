// Tracks of vehicles for tests of movement: along a way at a speed, with halts and detours, as the
// fixes and levels that loggers would say.
import { type Spot, wrapped } from '../domain/earth.ts'
import type { Clue, Fix, KnownPlace, Level, Plan, Shipment, Step } from '../domain/suspicion.ts'
import { createRoute, type Point, pointAt, ringAround } from '../simulators/route.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const since = Date.UTC(2026, 3, 1, 6)
export const pallet = 'https://id.gs1.org/00/095212340000000001'

export type Part =
  | { along: readonly Point[]; kmh: number }
  | { stand: Point; minutes: number }
  | { silent: number; at: Point }

export interface Along {
  device?: string
  everyMs?: number
  /** How far a fix is off, m: from its number, north and east. */
  off?: (n: number) => readonly [number, number]
  accuracyM?: number
}

/** Fixes of a vehicle that does one part after the other, from `since` on. */
export function track(parts: readonly Part[], options: Along = {}): Fix[] {
  const { device = 'A', everyMs = 5 * minuteMs, accuracyM = 15, off = () => [0, 0] } = options
  const fixes: Fix[] = []
  let time = since
  const say = ({ lat, lon }: Point): void => {
    const [north, east] = off(fixes.length)
    const spot: Spot = {
      lat: lat + north / 111_195,
      lon: wrapped(lon + east / 111_195 / Math.cos((lat * Math.PI) / 180)),
      radiusM: accuracyM,
    }
    fixes.push(fixAt({ device, time, spot }))
  }
  for (const part of parts) {
    if ('silent' in part) {
      time += part.silent * minuteMs
      continue
    }
    const route = createRoute('along' in part ? part.along : [part.stand])
    const lasts = 'along' in part ? (route.km / part.kmh) * hourMs : part.minutes * minuteMs
    const end = time + lasts
    for (const begin = time; time < end; time += everyMs)
      say(pointAt(route, (time - begin) / lasts))
  }
  return fixes
}

export const fixAt = ({ device, time, spot }: Pick<Fix, 'device' | 'time' | 'spot'>): Fix => ({
  ...{ kind: 'fix', id: `${device}/fix/${time}`, device, time, spot },
})

/** With each fix a level of a channel. */
export const levels = (
  fixes: readonly Fix[],
  channel: string,
  valueAt: (time: number) => number,
): Level[] =>
  fixes.map(({ device, time }) => ({
    ...{ kind: 'level', id: `${device}/${channel}/${time}`, device, channel, time },
    value: valueAt(time),
  }))

export const received = (time: number, place: KnownPlace): Step => ({
  ...{ kind: 'step', id: `received ${time}`, time, epcs: [pallet] },
  fact: {
    ...{ eventTime: time, eventID: `received ${time}`, type: 'ObjectEvent', role: 'object' },
    ...{ action: 'OBSERVE', inherited: false, bizStep: 'receiving', place: place.id },
  },
  ...(place.spot && { spot: place.spot }),
})

export const placeAt = (id: string, { lat, lon }: Point, kind = 'hub'): KnownPlace => ({
  ...{ id, kind, spot: { lat, lon, radiusM: 400 }, ring: ringAround({ lat, lon }, 400) },
})

export interface PlannedPart {
  mode: string
  path: readonly Point[]
  hours: number
  from?: string
  to?: string
}

export function planOf(parts: readonly PlannedPart[], corridorM = 15_000): Plan {
  let time = since
  const legs = parts.map(({ mode, path, hours, from = 'from', to = 'to' }) => {
    const departs = time
    time += hours * hourMs
    const points = path.map(({ lat, lon }) => [lon, lat] as const)
    return { mode, from, to, departs, arrives: time, stops: [], path: points }
  })
  return { corridorM, legs }
}

export const shipmentOf = (
  of: { plan?: Plan | undefined; places?: readonly KnownPlace[]; asOf?: number } = {},
  devices: readonly string[] = ['A'],
): Shipment => ({
  ...{ container: pallet, inside: [], units: [], plan: of.plan },
  loggers: devices.map((device) => ({ device, container: pallet, from: since, to: Infinity })),
  places: new Map((of.places ?? []).map((place) => [place.id, place])),
  asOf: of.asOf ?? since + 365 * 24 * hourMs,
})

export const lastTime = (clues: readonly Clue[]): number =>
  clues.reduce((last, { time }) => Math.max(last, time), 0)
