// Sums of what a logger said, made once for each hour and day: what any leg comes to is then the
// hours and days in it, and the spells of the two hours at its edges. So the passports of very many
// units cost their legs and not their readings, and a late reading touches one hour. The same as
// sumsOf of the stretches (domain/passport.ts), to the last bit. Knows no hours without readings.
import type { Interval } from './breach.ts'
import { acceleration, kineticReferenceC } from './exposure.ts'
import { type Freezing, freezingAt, nothingKnown, thenFreezing } from './freezing.ts'
import { dayMs, dayOfTime } from './heat.ts'
import { hourMs, hourOfTime } from './hours.ts'
import { isSpellBeyond, noSums, type Question, type Sums } from './passport.ts'
import type { Spell } from './spells.ts'

export interface HourlySums {
  question: Question
  count: number
  /** Of each spell, side by side: begin, end, warmest, coldest, how much faster it ages. */
  spells: Float64Array
  /** Before each spell, and after the last: known ms, and ms beyond each limit. */
  before: Float64Array
  hours: Rows
  days: Rows
  /** Of each hour the first spell that reaches into it or begins in it or later. */
  firstOf: Int32Array
  /** Used for one span after the other. */
  walk: Walk
}

/** One row for each hour or day from `begin` on, whether anything is known of it or not. */
interface Rows {
  begin: number
  end: number
  stepMs: number
  /** °C·ms, kinetic ms, and the extremes, turned round where there are none. */
  sums: Float64Array
  freezing: Freezing[]
}

/** What is added up on the way through a span. */
interface Walk {
  /** °C·ms and kinetic ms of the whole days, of a day, of an hour; the extremes. */
  sums: Float64Array
  freezing: Freezing
  /** The same again changes nothing. */
  last: Freezing | undefined
}

/** Numbers of a spell, and of a row. */
const [spellWidth, rowWidth] = [5, 4]
/** Where a walk adds up what. */
const [ofWhole, ofDay, ofHour, atMin, atMax] = [0, 2, 4, 6, 7] as const

/** Ascending, without overlap. */
export function hourlySumsOf(told: readonly Spell[], question: Question): HourlySums {
  const count = told.length
  const begin = dayOfTime(told[0]?.from ?? 0)
  const last = told.at(-1)
  const hours = last ? Math.ceil((Math.max(last.to, last.from + 1) - begin) / hourMs) : 0
  const end = begin + hours * hourMs
  const width = 1 + question.limits.length
  const made: HourlySums = {
    ...{ question, count, spells: new Float64Array(count * spellWidth) },
    before: new Float64Array((count + 1) * width),
    hours: rowsFrom({ begin, end, stepMs: hourMs }),
    days: rowsFrom({ begin, end, stepMs: dayMs }),
    firstOf: new Int32Array(hours).fill(count),
    walk: { sums: new Float64Array(8), freezing: nothingKnown, last: undefined },
  }
  for (let i = 0; i < count; i++) keepSpell(made, i, told[i]!)
  for (let hour = hours - 2; hour >= 0; hour--)
    made.firstOf[hour] = Math.min(made.firstOf[hour]!, made.firstOf[hour + 1]!)
  fillRows(made)
  return made
}

/** What the time from `from` (inclusive) to `to` (exclusive) comes to. */
export function sumsWithin(hourly: HourlySums, span: Interval): Sums {
  const { days, hours, walk, question } = hourly
  beginWalk(walk)
  const from = Math.max(span.from, hours.begin)
  const to = Math.min(span.to, hours.end)
  for (let day = dayOfTime(from); day < to; day += dayMs)
    if (day >= from && day + dayMs <= to) addRow(walk, ofWhole, { rows: days, at: day })
    else addHours(hourly, Math.max(day, from), Math.min(day + dayMs, to))
  const { sums, freezing } = walk
  if (sums[atMin] === Infinity) return noSums(question)
  return {
    ...{ knownMs: msWithin(hourly, span, 0), minC: sums[atMin]!, maxC: sums[atMax]! },
    ...{ weighted: sums[ofWhole]!, kineticMs: sums[ofWhole + 1]!, freezing },
    beyondMs: question.limits.map((_, n) => msWithin(hourly, span, n + 1)),
  }
}

/** Memory of it, for who wants to keep several. */
export const bytesOf = ({ spells, before, hours, days, firstOf }: HourlySums): number =>
  [spells, before, hours.sums, days.sums, firstOf].reduce((sum, each) => sum + each.byteLength, 0) +
  8 * (hours.freezing.length + days.freezing.length)

function rowsFrom(time: { begin: number; end: number; stepMs: number }): Rows {
  const count = Math.ceil((time.end - time.begin) / time.stepMs)
  const sums = new Float64Array(count * rowWidth)
  return { ...time, sums, freezing: Array<Freezing>(count).fill(nothingKnown) }
}

function keepSpell(made: HourlySums, i: number, spell: Spell): void {
  const { question, spells, before, hours, firstOf } = made
  const { from, to, warmC, coldC } = spell
  const at = i * spellWidth
  spells[at] = from
  spells[at + 1] = to
  spells[at + 2] = warmC
  spells[at + 3] = coldC
  spells[at + 4] = acceleration(warmC, kineticReferenceC, question.kinetics)
  const width = 1 + question.limits.length
  const [own, next] = [i * width, (i + 1) * width]
  before[next] = before[own]! + to - from
  for (let n = 1; n < width; n++) {
    const ms = isSpellBeyond(spell, question.limits[n - 1]!) ? to - from : 0
    before[next + n] = before[own + n]! + ms
  }
  const first = hourOfTime(from)
  for (let time = first; time === first || time < to; time += hourMs) {
    const hour = (time - hours.begin) / hourMs
    if (firstOf[hour]! > i) firstOf[hour] = i
  }
}

/** Hours from their spells, days from their hours. */
function fillRows(made: HourlySums): void {
  const { hours, days, walk } = made
  for (let hour = hours.begin; hour < hours.end; hour += hourMs) {
    beginWalk(walk)
    addSpells(made, hour, hour + hourMs)
    keepRow(hours, hour, walk, ofDay)
  }
  for (let day = days.begin; day < days.end; day += dayMs) {
    beginWalk(walk)
    addHours(made, day, Math.min(day + dayMs, hours.end))
    keepRow(days, day, walk, ofWhole)
  }
}

function beginWalk(walk: Walk): void {
  walk.sums.fill(0)
  walk.sums[atMin] = Infinity
  walk.sums[atMax] = -Infinity
  walk.freezing = nothingKnown
  walk.last = undefined
}

function keepRow(
  { begin, stepMs, sums, freezing }: Rows,
  at: number,
  walk: Walk,
  of: number,
): void {
  const place = (at - begin) / stepMs
  const row = place * rowWidth
  sums[row] = walk.sums[of]!
  sums[row + 1] = walk.sums[of + 1]!
  sums[row + 2] = walk.sums[atMin]!
  sums[row + 3] = walk.sums[atMax]!
  freezing[place] = walk.freezing
}

/** What is summed up already, after all that was added before. */
function addRow(walk: Walk, to: number, { rows, at }: { rows: Rows; at: number }): void {
  const { sums } = walk
  const place = (at - rows.begin) / rows.stepMs
  const row = place * rowWidth
  const minC = rows.sums[row + 2]!
  if (minC === Infinity) return
  sums[to] = sums[to]! + rows.sums[row]!
  sums[to + 1] = sums[to + 1]! + rows.sums[row + 1]!
  if (minC < sums[atMin]!) sums[atMin] = minC
  if (rows.sums[row + 3]! > sums[atMax]!) sums[atMax] = rows.sums[row + 3]!
  addFreezing(walk, rows.freezing[place]!)
}

/** Of one day, or a part of it. */
function addHours(hourly: HourlySums, from: number, to: number): void {
  const { hours, walk } = hourly
  const { sums } = walk
  sums[ofDay] = 0
  sums[ofDay + 1] = 0
  for (let hour = hourOfTime(from); hour < to; hour += hourMs)
    if (hour >= from && hour + hourMs <= to) addRow(walk, ofDay, { rows: hours, at: hour })
    else addSpells(hourly, Math.max(hour, from), Math.min(hour + hourMs, to))
  sums[ofWhole] = sums[ofWhole]! + sums[ofDay]!
  sums[ofWhole + 1] = sums[ofWhole + 1]! + sums[ofDay + 1]!
}

/** Of one hour, or a part of it. */
function addSpells({ spells, count, firstOf, hours, walk }: HourlySums, from: number, to: number) {
  const { sums } = walk
  sums[ofHour] = 0
  sums[ofHour + 1] = 0
  for (let i = firstOf[(hourOfTime(from) - hours.begin) / hourMs]!; i < count; i++) {
    const at = i * spellWidth
    const [begin, end] = [spells[at]!, spells[at + 1]!]
    if (begin >= to) break
    // One that was so for no time counts in the hour that it was in.
    if (end <= from && (end < from || begin < from)) continue
    const [warmC, coldC] = [spells[at + 2]!, spells[at + 3]!]
    const ms = Math.min(end, to) - Math.max(begin, from)
    sums[ofHour] = sums[ofHour]! + warmC * ms
    sums[ofHour + 1] = sums[ofHour + 1]! + spells[at + 4]! * ms
    if (coldC < sums[atMin]!) sums[atMin] = coldC
    if (warmC > sums[atMax]!) sums[atMax] = warmC
    addFreezing(walk, freezingAt(coldC))
  }
  sums[ofDay] = sums[ofDay]! + sums[ofHour]!
  sums[ofDay + 1] = sums[ofDay + 1]! + sums[ofHour + 1]!
}

function addFreezing(walk: Walk, freezing: Freezing): void {
  if (freezing === walk.last) return
  // The first one stays the same object, and so is known again as the same.
  walk.freezing = walk.last === undefined ? freezing : thenFreezing(walk.freezing, freezing)
  walk.last = freezing
}

/** Known, or beyond a limit: whole numbers, whose differences are exact. */
function msWithin(hourly: HourlySums, { from, to }: Interval, n: number): number {
  const { spells, before, question } = hourly
  const first = placeOf(hourly, from)
  const end = placeOf(hourly, to, true)
  const width = 1 + question.limits.length
  const upTo = (spell: number): number => before[spell * width + n]!
  let ms = upTo(end) - upTo(first)
  if (upTo(first + 1) > upTo(first)) ms -= Math.max(0, from - spells[first * spellWidth]!)
  if (upTo(end) > upTo(end - 1)) ms -= Math.max(0, spells[(end - 1) * spellWidth + 1]! - to)
  return ms
}

/** The first spell that is not over at a time; or, `after` those, the first that begins later. */
function placeOf(hourly: HourlySums, time: number, after = false): number {
  const { spells, count, firstOf, hours } = hourly
  const hour = (hourOfTime(time) - hours.begin) / hourMs
  if (hour >= firstOf.length) return count
  let place = hour < 0 ? 0 : firstOf[hour]!
  for (; place < count; place++) {
    const at = place * spellWidth
    if (spells[at]! >= time || (!after && spells[at + 1]! > time)) break
  }
  return place
}
