// Which units a breach touched, each with its own share. Units that came and went together share a
// leg, so the arithmetic is done once per leg and not once per serial. Pure: presence and readings
// are arguments.
import { createHash } from 'node:crypto'
import { type Breach, type Interval, lastMoment, type Overlap } from '../domain/breach.ts'
import type { Presence } from '../domain/hierarchy.ts'
import type { Leg, SerialLeg } from '../store/ledger/alerts.ts'

export interface Affected {
  /** Sorted by EPC. */
  serials: SerialLeg[]
  legs: Leg[]
  /** sha-256 over the EPCs, sorted by code unit, one a line, each line ended by \n. */
  setHash: string
  /** Name of the stored set: changes with the serials and with who shares a leg. */
  setName: string
}

/** What somebody with these intervals had of the breach; undefined when nothing. */
export type Judge = (presence: readonly Interval[]) => Overlap | undefined

const minutesOf = (ms: number): number => Math.round((ms / 60_000) * 1000) / 1000

export const formatLeg = (part: Overlap): Leg => ({
  from: part.from,
  to: part.to,
  minutes: minutesOf(part.outMs),
  unknownMinutes: minutesOf(part.holeMs),
  peakC: Number.isNaN(part.peakC) ? null : part.peakC,
  verdict: part.verdict,
})

/** The units of one product that were present while the breach lasted (I5). */
export function affectedUnits(
  presence: Presence,
  { gtin, breach, judge }: { gtin: string; breach: Breach; judge: Judge },
): Affected {
  const legNumbers = new Map<string, number | undefined>()
  const legs: Leg[] = []
  const serials: SerialLeg[] = []
  const whole = cutTo([{ from: -Infinity, to: Infinity }], breach)
  for (const epc of unitsOf(presence, gtin)) {
    const inside = presence.get(epc)!
    const during = isWhole(inside, breach) ? whole : cutTo(inside, breach)
    const name = during.map(({ from, to }) => `${from}-${to}`).join(' ')
    if (!legNumbers.has(name)) {
      const part = during.length > 0 ? judge(during) : undefined
      legNumbers.set(name, part && legs.push(formatLeg(part)) - 1)
    }
    const leg = legNumbers.get(name)
    if (leg !== undefined) serials.push([epc, leg])
  }
  const epcs = serials.map(([epc]) => `${epc}\n`).join('')
  const setHash = createHash('sha256').update(epcs).digest('hex')
  const setName = createHash('sha256').update(JSON.stringify(serials)).digest('hex')
  return { serials, legs, setHash, setName }
}

/** Whether one of these units was there for a part of the breach alone. */
export const hasParts = (
  presence: Presence,
  { gtin, breach }: { gtin: string; breach: Breach },
): boolean =>
  unitsOf(presence, gtin).some((epc) => {
    const inside = presence.get(epc)!
    if (isWhole(inside, breach)) return false
    const during = cutTo(inside, breach)
    return during.length > 0 && !isWhole(during, breach)
  })

/**
 * EPCs of the units of one product, in order. A presence is asked for each of its excursions, and
 * reading names costs more than all that is asked.
 */
function unitsOf(presence: Presence, gtin: string): readonly string[] {
  const known = unitsKnown.get(presence)?.get(gtin)
  if (known) return known
  const units: string[] = []
  for (const epc of presence.keys()) if (gtinOfUnit(epc) === gtin) units.push(epc)
  units.sort()
  const byGtin = unitsKnown.get(presence) ?? new Map<string, readonly string[]>()
  unitsKnown.set(presence, byGtin.set(gtin, units))
  return units
}

/** Nobody changes a presence once it was read. */
const unitsKnown = new WeakMap<Presence, Map<string, readonly string[]>>()

/** The products of the units that were present, in order. */
export function gtinsOf(presence: Presence): string[] {
  const gtins = new Set<string>()
  for (const epc of presence.keys()) {
    const gtin = gtinOfUnit(epc)
    if (gtin !== undefined) gtins.add(gtin)
  }
  return [...gtins].sort()
}

/** Presence outside a breach and its holes must not tell legs apart. */
function cutTo(intervals: readonly Interval[], breach: Breach): Interval[] {
  const last = lastMoment(breach).extent
  return intervals.flatMap(({ from, to }) => {
    const cut = { from: Math.max(from, breach.extent.from), to: Math.min(to, last) }
    return cut.from < cut.to ? [cut] : []
  })
}

/** True for presence through all of a breach: then its figures are those of the breach itself. */
export const isWhole = (presence: readonly Interval[], breach: Breach): boolean =>
  presence.length === 1 &&
  presence[0]!.from <= breach.extent.from &&
  presence[0]!.to >= lastMoment(breach).extent

/**
 * Of what the ledger calls a serialised trade item: its names are canonical, and parsing 100,000 of
 * them would check each again.
 */
const gtinOfUnit = (epc: string): string | undefined =>
  epc.startsWith(unitsBegin) && epc.startsWith('/21/', unitsBegin.length + 14)
    ? epc.slice(unitsBegin.length, unitsBegin.length + 14)
    : undefined

const unitsBegin = 'https://id.gs1.org/01/'
