// The exposure passport of a unit: what it went through, over the legs that its loggers spoke for
// (domain/legs.ts). Sums of any times add up to those of the whole, so that a passport costs its
// legs and a late reading touches one hour. Judges nothing: domain/verdict does.
//
// Where several loggers spoke at once the warmest counts for heat, mean and MKT, and the coldest
// for cold, minimum and freezing. Where readings are gone, whole hours count as exactly as their
// rows (domain/hours.ts); of an hour that a leg has only a part of, all heat and all cold of it may
// have been in that part, and is counted so (I6).
import { isBeyond } from './breach.ts'
import { acceleration, type Kinetics, kineticReferenceC, type Limit, mktOfSum } from './exposure.ts'
import {
  cyclesOf,
  type Freezing,
  freezingAt,
  freezingOfHour,
  nothingKnown,
  thenFreezing,
} from './freezing.ts'
import { addHeat, addHeatOf, type Heat, heatOf, newHeat } from './heat.ts'
import { type Hour, hourMs, mktOfHours, msBeyondOfHours } from './hours.ts'
import { isPast, type PastHour, type Spell, type Stretch } from './spells.ts'

/** What is asked of a time. */
export interface Question {
  /** Zones: what lies beyond each. They nest: time above 15 °C is time above 8 °C too. */
  limits: readonly Limit[]
  kinetics: Kinetics
}

/** Sums over known time, in ms; null where nothing was measured. */
export interface Sums {
  knownMs: number
  minC: number | null
  maxC: number | null
  /** ∫ T dt of the warmest, °C·ms. */
  weighted: number
  /** ∫ a(T) dt of the warmest, ms at the reference temperature. */
  kineticMs: number
  /** As the limits of the question. */
  beyondMs: number[]
  freezing: Freezing
}

export interface Zone {
  limit: Limit
  ms: number
}

/** What is told of a leg as of the whole. */
export interface Account {
  ms: number
  knownMs: number
  unknownMs: number
  minC: number | null
  maxC: number | null
  meanC: number | null
  mktC: number | null
  /** Time at 5 °C that would age it as much. */
  kineticMs: number
  freezeThawCycles: number
  zones: Zone[]
}

export const noSums = ({ limits }: Pick<Question, 'limits'>): Sums => ({
  ...{ knownMs: 0, minC: null, maxC: null, weighted: 0, kineticMs: 0 },
  ...{ beyondMs: limits.map(() => 0), freezing: nothingKnown },
})

/** Of stretches in order of time. */
export function sumsOf(stretches: Iterable<Stretch>, question: Question): Sums {
  const sums = noSums(question)
  const heat = newHeat()
  let last: Freezing | undefined
  for (const stretch of stretches) {
    if (isPast(stretch)) addPast(sums, heat, { past: stretch, question })
    else addSpell(sums, heat, { spell: stretch, question })
    const freezing = isPast(stretch) ? freezingOfPast(stretch) : freezingAt(stretch.coldC)
    if (freezing !== last) sums.freezing = thenFreezing(sums.freezing, freezing)
    last = isPast(stretch) ? undefined : freezing
  }
  return { ...sums, ...heatOf(heat) }
}

/** The earlier time first: freeze-thaw cycles need the order, all else does not. */
export function addSums(one: Sums, other: Sums): Sums {
  return {
    knownMs: one.knownMs + other.knownMs,
    minC: extreme(Math.min, one.minC, other.minC),
    maxC: extreme(Math.max, one.maxC, other.maxC),
    weighted: one.weighted + other.weighted,
    kineticMs: one.kineticMs + other.kineticMs,
    beyondMs: one.beyondMs.map((ms, i) => ms + other.beyondMs[i]!),
    freezing: thenFreezing(one.freezing, other.freezing),
  }
}

/** `ms`: the time asked for; what of it is not known is unknown. */
export function accountOf(
  sums: Sums,
  { ms, question }: { ms: number; question: Question },
): Account {
  const { knownMs, weighted, kineticMs, beyondMs } = sums
  return {
    ...{ ms, knownMs, unknownMs: ms - knownMs, minC: sums.minC, maxC: sums.maxC },
    meanC: knownMs > 0 ? weighted / knownMs : null,
    mktC: mktOfSum({ weightedMs: kineticMs, ms: knownMs }, question.kinetics),
    kineticMs,
    freezeThawCycles: cyclesOf(sums.freezing),
    zones: question.limits.map((limit, i) => ({ limit, ms: beyondMs[i]! })),
  }
}

export const isUpper = ({ side }: Limit): boolean => side === 'above' || side === 'atOrAbove'

/** Whether the time is beyond the limit, by the warmest or the coldest of its loggers. */
export const isSpellBeyond = (spell: Spell, limit: Limit): boolean =>
  isBeyond(limit.side, limit.limitC, isUpper(limit) ? spell.warmC : spell.coldC)

/** Known time of a part of a past hour: what is unknown of the hour may all have been in it. */
export function knownMsOfPast({ from, to, rows }: PastHour): number {
  const knownMs = Math.max(0, ...rows.map((row) => row.knownMs))
  return Math.max(0, to - from - (hourMs - knownMs))
}

/** Time beyond a limit in a part of a past hour: certainly, and at most. */
export function msBeyondOfPast(past: PastHour, limit: Limit): { leastMs: number; mostMs: number } {
  const absentMs = hourMs - (past.to - past.from)
  let [leastMs, mostMs] = [0, 0]
  for (const row of past.rows) {
    const own = msBeyondOfRow(row, limit)
    leastMs = Math.max(leastMs, own.leastMs - absentMs)
    mostMs = Math.max(mostMs, own.mostMs)
  }
  return { leastMs, mostMs: Math.min(knownMsOfPast(past), mostMs) }
}

/** As `kineticMs` of sums, for the share of the hour that is asked for. */
export function kineticMsOfPast(past: PastHour, kinetics: Kinetics): number {
  const perMs = past.rows.map((row) => {
    if (row.knownMs === 0) return 0
    const mkt = mktOfHours([row], kinetics)
    // Without bins nobody knows how long it was how warm: as if it was at its warmest throughout.
    const worst = mkt ?? extremesOfRow(row).maxC ?? kineticReferenceC
    return acceleration(worst, kineticReferenceC, kinetics)
  })
  return Math.max(0, ...perMs) * knownMsOfPast(past)
}

function addSpell(
  sums: Sums,
  heat: Heat,
  { spell, question: { limits, kinetics } }: { spell: Spell; question: Question },
): void {
  const { from, to, warmC, coldC } = spell
  const ms = to - from
  sums.minC = extreme(Math.min, sums.minC, coldC)
  sums.maxC = extreme(Math.max, sums.maxC, warmC)
  if (ms === 0) return
  sums.knownMs += ms
  addHeat(heat, spell, { warmC, faster: acceleration(warmC, kineticReferenceC, kinetics) })
  for (const [i, limit] of limits.entries())
    if (isSpellBeyond(spell, limit)) sums.beyondMs[i]! += ms
}

function addPast(
  sums: Sums,
  heat: Heat,
  { past, question: { limits, kinetics } }: { past: PastHour; question: Question },
): void {
  const knownMs = knownMsOfPast(past)
  for (const row of past.rows) {
    const { minC, maxC } = extremesOfRow(row)
    sums.minC = extreme(Math.min, sums.minC, minC)
    sums.maxC = extreme(Math.max, sums.maxC, maxC)
  }
  sums.knownMs += knownMs
  const means = past.rows.filter((row) => row.knownMs > 0).map((row) => row.weighted / row.knownMs)
  const weighted = means.length > 0 ? Math.max(...means) * knownMs : 0
  const kineticMs = kineticMsOfPast(past, kinetics)
  addHeatOf(heat, past.from, { weighted, kineticMs, ms: past.to - past.from })
  for (const [i, limit] of limits.entries()) sums.beyondMs[i]! += msBeyondOfPast(past, limit).mostMs
}

/** Of several loggers the coldest hour: the one that froze most often. */
function freezingOfPast({ rows }: PastHour): Freezing {
  const all = rows.map(freezingOfHour)
  return all.reduce((worst, each) => (cyclesOf(each) > cyclesOf(worst) ? each : worst))
}

function msBeyondOfRow(row: Hour, limit: Limit): { leastMs: number; mostMs: number } {
  const known = msBeyondOfHours([row], limit)
  if (known) return known
  const { minC, maxC } = extremesOfRow(row)
  const [worst, best] = isUpper(limit) ? [maxC, minC] : [minC, maxC]
  const beyond = (value: number | null): number =>
    value !== null && isBeyond(limit.side, limit.limitC, value) ? row.knownMs : 0
  return { leastMs: beyond(best), mostMs: beyond(worst) }
}

export function extremesOfRow({ min, max, carried }: Hour): {
  minC: number | null
  maxC: number | null
} {
  return { minC: extreme(Math.min, min, carried), maxC: extreme(Math.max, max, carried) }
}

const extreme = (
  pick: (a: number, b: number) => number,
  one: number | null,
  other: number | null,
): number | null => (one === null || other === null ? (one ?? other) : pick(one, other))
