// When the rows of a table were: looks at all of them first (the order of day and month, the hour
// that came twice, where a relative clock began), then gives each row its moment. Relative times
// need a moment that is known by both clocks, or the start that somebody states; guesses neither.
import {
  clocksOf,
  parseDuration,
  type Reference,
  timeOfRelative,
} from '../../domain/relative-time.ts'
import type { CsvRecord } from '../files/csv.ts'
import type { ParseOptions } from './format.ts'
import { type DateOrder, dateOrders, ordersOf, parseShown, zoneClock } from './moments.ts'
import type { TableColumns } from './table-columns.ts'

/** A row by its line, and what its cells say of time; '' where they say nothing. */
export interface Row {
  record: CsvRecord
  moment: string
  since: string
}

export interface Survey {
  order: DateOrder
  /** Moments of a wall clock; none, one or two. */
  clock: (wall: number) => number[]
  sinceUnitMs: number | undefined
  /** Times of lines within an hour that came twice, where their order tells which one. */
  doubled: ReadonlyMap<number, number>
  runs: Run[]
}

/** Rows by which the relative clock went on without beginning anew. */
interface Run {
  firstLine: number
  reference: Reference | undefined
}

export interface Surveying {
  columns: TableColumns
  options: ParseOptions
}

/** What holds for all rows; `fault` when somebody must say more first. */
export function surveyTimes(
  rows: Iterable<Row>,
  { columns, options }: Surveying,
): Survey | { fault: string; path: string } {
  const clock = clockOf(columns, options)
  const kept: { line: number; moment: string; since: number }[] = []
  let orders: readonly DateOrder[] = options.dates ? [options.dates] : dateOrders
  for (const { record, moment, since } of rows) {
    if (orders.length > 1) orders = narrowed(orders, moment)
    const sinceMs = sinceOf(since, columns.relative?.unitMs)
    const asked = columns.relative || options.timeZone !== undefined || orders.length > 1
    if (asked && (moment !== '' || Number.isFinite(sinceMs)))
      kept.push({ line: record.line, moment, since: sinceMs })
  }
  const ambiguous =
    orders.length > 1 ? kept.find(({ moment }) => ordersOf(moment).length > 1) : undefined
  if (ambiguous)
    return {
      path: String(ambiguous.line),
      fault: `${ambiguous.moment} may be read as ${orders.join(' or ')}, and no row says which: give the order of the date (--dates ${orders.join(' or --dates ')})`,
    }
  const order = orders[0]!
  const survey: Survey = {
    ...{ order, clock, sinceUnitMs: columns.relative?.unitMs, runs: [] },
    doubled: options.timeZone === undefined ? new Map() : doubledOf(kept, { order, clock }),
  }
  if (!columns.relative) return survey
  const told = kept.map(({ line, moment, since }) => {
    const absoluteMs = survey.doubled.get(line) ?? onlyTime(moment, survey) ?? Number.NaN
    return { line, absoluteMs, relativeMs: since }
  })
  const fault = referRuns(survey, told, options.startAt)
  return fault ?? survey
}

/** The moment of a row, or why it has none. */
export function openTimes(
  survey: Survey,
  { startAt }: ParseOptions,
): { timeOf: (row: Row) => number | string } {
  const relative = ({ record, since }: Row): number | string => {
    const ms = sinceOf(since, survey.sinceUnitMs)
    if (Number.isNaN(ms)) return `${JSON.stringify(since.slice(0, 40))} is no time since a start`
    const at = survey.runs.findLastIndex(({ firstLine }) => firstLine <= record.line)
    const run = survey.runs[at]
    if (at === 0 && startAt !== undefined) return startAt + ms
    if (run?.reference) {
      const time = timeOfRelative(ms, run.reference)
      // Later than the last moment that both clocks tell, and of the same run: it goes on.
      return Number.isNaN(time) ? run.reference.absoluteMs + ms - run.reference.relativeMs : time
    }
    return `the relative clock began anew on line ${run?.firstLine}: import the rows from there on by themselves, with their own start (--start)`
  }
  const timeOf = (row: Row): number | string => {
    const doubled = survey.doubled.get(row.record.line)
    if (doubled !== undefined) return doubled
    if (row.moment === '' && row.since !== '') return relative(row)
    const shown = parseShown(row.moment, survey.order)
    if (!shown) return `${JSON.stringify(row.moment.slice(0, 40))} is no time`
    if ('time' in shown) return shown.time
    const times = survey.clock(shown.wall)
    if (times.length === 1) return times[0]!
    return times.length === 0
      ? `${row.moment} was left out by the clocks of the zone: give the offset of the logger's clock instead (--utc-offset)`
      : `${row.moment} came twice by the clocks of the zone: give the offset of the logger's clock instead (--utc-offset)`
  }
  return { timeOf }
}

/** A row that is no date in any of them says nothing. */
function narrowed(orders: readonly DateOrder[], moment: string): readonly DateOrder[] {
  const own = ordersOf(moment)
  const possible = orders.filter((order) => own.includes(order))
  return possible.length > 0 ? possible : orders
}

function clockOf({ isUtc }: TableColumns, options: ParseOptions): (wall: number) => number[] {
  if (isUtc) return (wall) => [wall]
  if (options.timeZone !== undefined) return zoneClock(options.timeZone)
  return (wall) => [wall - options.utcOffsetMinutes * 60_000]
}

function onlyTime(moment: string, { order, clock }: Survey): number | undefined {
  const shown = parseShown(moment, order)
  if (!shown) return undefined
  if ('time' in shown) return shown.time
  const times = clock(shown.wall)
  return times.length === 1 ? times[0] : undefined
}

/** `P1DT2H`, `26:15:00`, `1.02:15:00`, or a number in the unit of the column. */
function sinceOf(text: string, unitMs: number | undefined): number {
  if (text.startsWith('P')) return parseDuration(text)
  const clock = /^(?:(\d{1,5})[. ])?(\d{1,6}):(\d\d):(\d\d(?:[.,]\d{1,3})?)$/.exec(text)
  if (clock) {
    const [days, hours, minutes] = clock.slice(1, 4).map((part) => Number(part ?? 0))
    const seconds = Number(clock[4]!.replace(',', '.'))
    return Math.round((((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds) * 1000)
  }
  const plain = /^\d{1,12}(?:[.,]\d{1,6})?$/.test(text) && unitMs !== undefined
  return plain ? Math.round(Number(text.replace(',', '.')) * unitMs!) : Number.NaN
}

/**
 * In the hour that comes twice, rows before the clock was set back are of the first one and rows
 * after it of the second. Where it is not seen going back, nobody knows.
 */
function doubledOf(
  rows: readonly { line: number; moment: string }[],
  { order, clock }: Pick<Survey, 'order' | 'clock'>,
): Map<number, number> {
  const walls: { line: number; wall: number; times: number[] }[] = []
  let [first, last] = [Number.NaN, Number.NaN]
  for (const { line, moment } of rows) {
    const shown = parseShown(moment, order)
    if (!shown || 'time' in shown) continue
    if (Number.isNaN(first)) first = shown.wall
    last = shown.wall
    const times = clock(shown.wall)
    if (times.length === 2) walls.push({ line, wall: shown.wall, times })
  }
  if (last < first) walls.reverse()
  const doubled = new Map<number, number>()
  const hours = Map.groupBy(walls, ({ wall, times }) => `${times[1]! - times[0]!} ${dayOf(wall)}`)
  for (const hour of hours.values()) {
    const back = hour.findIndex(({ wall }, i) => i > 0 && wall <= hour[i - 1]!.wall)
    if (back < 0) continue
    if (hour.some(({ wall }, i) => i > back && wall < hour[i - 1]!.wall)) continue
    for (const [i, { line, times }] of hour.entries()) doubled.set(line, times[i < back ? 0 : 1]!)
  }
  return doubled
}

const dayOf = (wall: number): number => Math.floor(wall / 86_400_000)

/** Each run's moment by both clocks. A fault when the first has none, or contradicts the start. */
function referRuns(
  survey: Survey,
  rows: readonly (Reference & { line: number })[],
  startAt: number | undefined,
): { fault: string; path: string } | undefined {
  const told = rows.filter(({ relativeMs }) => Number.isFinite(relativeMs))
  if (told.length === 0) return undefined
  const runs: (Reference & { line: number })[][] = []
  for (const row of told) {
    const run = runs.at(-1)
    // A logger that is started again counts from naught; rows out of order do not go so far back.
    const before = run?.at(-1)
    if (run && before && row.relativeMs * 2 >= before.relativeMs) run.push(row)
    else runs.push([row])
  }
  // From newest to oldest it goes back all the time, and never begins anew.
  const falls = told.every(({ relativeMs }, i) => i === 0 || relativeMs <= told[i - 1]!.relativeMs)
  for (const run of falls ? [told] : runs) {
    const { reference } = clocksOf({ absoluteMs: Number.NaN, relativeMs: Number.NaN }, run)
    survey.runs.push({ firstLine: run[0]!.line, reference })
  }
  const [first] = survey.runs
  const needed = told.find(({ absoluteMs }) => Number.isNaN(absoluteMs))
  if (needed && startAt === undefined && !first!.reference)
    return {
      path: String(needed.line),
      fault:
        'the rows tell the time since the logger was started, and nothing tells when that was: give the start (--start 2026-03-01T08:00:00+01:00)',
    }
  const { absoluteMs = 0, relativeMs = 0 } = first!.reference ?? {}
  const apartMs = first!.reference && startAt !== undefined ? absoluteMs - relativeMs - startAt : 0
  if (Math.abs(apartMs) <= apartMsMax) return undefined
  return {
    path: String(first!.firstLine),
    fault: `by its own clock the logger was started ${new Date(absoluteMs - relativeMs).toISOString()}, ${Math.round(Math.abs(apartMs) / 60_000)} min from the start that is stated: leave the start out, or correct it`,
  }
}

/** Clocks of one logger that are so far apart are told of (as in transmissions). */
const apartMsMax = 5 * 60_000
