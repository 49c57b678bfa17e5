// Is a sensor, or what it watches, in order? Looks at one channel at a time, and at loggers beside
// each other in one box. Advises people: changes no verdict and no reading (I10).
import type { Interval, Point } from './breach.ts'
import type { Severity } from './profile/profile.ts'
import { meansOf, medianOf, type Trend, trendOf } from './trend.ts'

export const healthKinds = [
  'holes',
  'stuck',
  'spikes',
  'jump',
  'drift',
  'battery',
  'duty',
  'door',
  'mains',
  'holdover',
  'clock',
  'calibration',
  'connection',
] as const
export type HealthKind = (typeof healthKinds)[number]

/** One sentence each, whatever its figures: consoles word them by these. */
export const healthCodes = [
  ...['holes', 'stuck', 'spikes', 'jump', 'drift', 'door-open', 'no-supply', 'holdover-fell'],
  ...['battery-low', 'battery-emptying', 'battery-days', 'duty-high', 'duty-rising'],
  ...['clock-forward', 'clock-back', 'clock-ahead', 'clock-behind'],
  ...['calibration-untold', 'calibration-overdue', 'calibration-due'],
  ...['node-offline', 'device-offline', 'messages-missing'],
] as const
export type HealthCode = (typeof healthCodes)[number]

export interface HealthFinding {
  kind: HealthKind
  channel: string
  severity: Severity
  from: number
  to: number
  code: HealthCode
  /** Named with their units; days as RFC 3339. */
  figures: Readonly<Record<string, number | string>>
  /** The same as an English sentence. */
  detail: string
}

export interface Coverage {
  readings: number
  /** The middle of the times between readings; null of fewer than two. */
  intervalMs: number | null
  /** Stretches longer than the gap, from the window's begin to its end. */
  holes: number
  longestHoleMs: number
  unknownMs: number
}

/** A named stretch of one channel; `points` ascending by time, unique. */
export interface Stretch {
  channel: string
  points: readonly Point[]
  window: Interval
  gapMs: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How much is known. A reading stands for at most the gap, the last one too. */
export function coverageOf({ points, window, gapMs }: Omit<Stretch, 'channel'>): Coverage {
  const steps: number[] = []
  let [holes, longestHoleMs, unknownMs] = [0, 0, 0]
  let known = window.from
  const until = (time: number): void => {
    if (time <= known) return
    holes++
    longestHoleMs = Math.max(longestHoleMs, time - known)
    unknownMs += time - known
  }
  for (const [index, { time }] of points.entries()) {
    if (index > 0) steps.push(time - points[index - 1]!.time)
    until(time)
    known = time + gapMs
  }
  until(window.to)
  const sorted = steps.sort((one, other) => one - other)
  const intervalMs = sorted.length > 0 ? medianOf(sorted) : null
  return { readings: points.length, intervalMs, holes, longestHoleMs, unknownMs }
}

/** All that one channel says of itself. */
export function lookAt(stretch: Stretch): HealthFinding[] {
  const { channel } = stretch
  const quantity = channel.replace(/\.\d+$/, '')
  const look = looks[quantity]
  return [...holesIn(stretch), ...(look ? look(stretch) : [])].sort(
    (one, other) => one.from - other.from,
  )
}

/**
 * Against the middle of its siblings in the same box at the same time: means of 6 hours, at least 8
 * of them. A drift is a trend that chance makes once in a thousand and that came to 0.5 °C, the
 * accuracy that EN 12830 asks of class 0.5; a constant difference is a place in the box, and none.
 */
export function driftAgainst(
  stretch: Stretch,
  siblings: readonly (readonly Point[])[],
): { trend?: Trend; findings: HealthFinding[] } {
  const everyMs = 6 * hourMs
  const others = siblings.map((points) => valueByTime(meansOf(points, everyMs)))
  const differences: Point[] = []
  for (const { time, value } of meansOf(stretch.points, everyMs)) {
    const there = others.flatMap((means) => means.get(time) ?? [])
    if (there.length === 0) continue
    // Itself counts as well: of three the one that goes is not in the middle, and the others are.
    const all = there.length === 1 ? there : [value, ...there]
    all.sort((one, other) => one - other)
    differences.push({ time, value: value - medianOf(all) })
  }
  const trend = trendOf(differences)
  if (!trend) return { findings: [] }
  const came = trend.last - trend.first
  if (trend.p > 0.001 || Math.abs(came) < 0.5) return { trend, findings: [] }
  const figures = {
    byC: rounded(came),
    loggers: siblings.length,
    perDayC: rounded(trend.perDay, 3),
  }
  const by = `${came > 0 ? '+' : ''}${figures.byC} °C`
  const detail = `went ${by} away from ${siblings.length} beside it, ${figures.perDayC} °C a day`
  const at = { from: differences[0]!.time, to: differences.at(-1)!.time + everyMs }
  const { channel } = stretch
  const told = { ...at, code: 'drift', figures, detail } as const
  return { trend, findings: [finding('drift', channel, 'major', told)] }
}

const looks: Readonly<Record<string, (stretch: Stretch) => HealthFinding[]>> = {
  temperature: (stretch) => [...stuckIn(stretch), ...stepsIn(stretch)],
  ambient: stuckIn,
  humidity: stuckIn,
  battery: emptying,
  // Told in days that are left.
  monitorBattery: fewDays,
  loggerBattery: fewDays,
  compressor: dutyOf,
  doorOpen: doorOf,
  mains: mainsOf,
  holdover: holdoverOf,
}

function holesIn({ channel, points, window, gapMs }: Stretch): HealthFinding[] {
  if (points.length === 0) return []
  const found: HealthFinding[] = []
  for (let i = 1; i <= points.length; i++) {
    const from = points[i - 1]!.time
    const to = points[i]?.time ?? window.to
    // A day without a word: shorter ones are in the coverage.
    if (to - from < Math.max(dayMs, 2 * gapMs)) continue
    const hours = rounded((to - from) / hourMs)
    const detail = `said nothing for ${hours} h`
    const told = { from, to, code: 'holes', figures: { hours }, detail } as const
    found.push(finding('holes', channel, 'minor', told))
  }
  return found
}

/**
 * The same value for 4 h and 20 readings, and ten times as long as all but a twentieth of the runs
 * of one value that this channel has otherwise. One that hardly ever changes has to rest for a day.
 */
function stuckIn({ channel, points, gapMs }: Stretch): HealthFinding[] {
  const runs: { from: number; to: number; count: number; value: number }[] = []
  for (const [index, { time, value }] of points.entries()) {
    const run = runs.at(-1)
    const broken = index > 0 && time - points[index - 1]!.time > gapMs
    if (run && run.value === value && !broken) {
      run.to = time
      run.count++
    } else runs.push({ from: time, to: time, count: 1, value })
  }
  const lengths = runs.map(({ from, to }) => to - from).sort((one, other) => one - other)
  const lively = lengths.length >= 20
  const usualMs = lengths[Math.floor(0.95 * (lengths.length - 1))] ?? 0
  const leastMs = lively ? Math.max(4 * hourMs, 10 * usualMs) : dayMs
  return runs
    .filter(({ from, to, count }) => count >= 20 && to - from >= leastMs)
    .map(({ from, to, count, value }) => {
      const figures = { value, hours: rounded((to - from) / hourMs), readings: count }
      const detail = `${value} for ${figures.hours} h, ${count} readings`
      const told = { from, to, code: 'stuck', figures, detail } as const
      return finding('stuck', channel, lively ? 'major' : 'minor', told)
    })
}

/**
 * Spikes: one reading away from both its neighbours by more than 8 of the channel's usual steps
 * (their median) and 3 °C, and back at once. Jumps: more than 15 °C from one reading to the next
 * within 5 minutes, and no way back: a probe that was pulled or moved, not air.
 */
function stepsIn({ channel, points, gapMs }: Stretch): HealthFinding[] {
  const spikes: Point[] = []
  const jumps: HealthFinding[] = []
  const away = Math.max(3, 8 * usualStep(points))
  for (let i = 1; i < points.length - 1; i++) {
    const [before, here, after] = [points[i - 1]!, points[i]!, points[i + 1]!]
    if (here.time - before.time > gapMs || after.time - here.time > gapMs) continue
    const [there, back] = [here.value - before.value, here.value - after.value]
    const alike = Math.abs(after.value - before.value)
    if (there * back > 0 && Math.min(Math.abs(there), Math.abs(back)) > Math.max(away, alike))
      spikes.push(here)
    else if (
      Math.abs(there) > 15 &&
      here.time - before.time <= 5 * minuteMs &&
      alike > 15 &&
      spikes.at(-1) !== before
    ) {
      jumps.push(jumpFrom(before, here, channel))
    }
  }
  const [first, last] = [spikes[0], spikes.at(-1)]
  if (!first || !last) return jumps
  const middle = medianOf(points.map(({ value }) => value).sort((one, other) => one - other))
  const farness = ({ value }: Point): number => Math.abs(value - middle)
  const worst = spikes.reduce((one, other) => (farness(other) > farness(one) ? other : one))
  const figures = { count: spikes.length, worstC: worst.value }
  const detail = `${figures.count}, the worst ${worst.value} °C`
  const severity = spikes.length > points.length / 100 ? 'major' : 'minor'
  const told = { from: first.time, to: last.time, code: 'spikes', figures, detail } as const
  return [...jumps, finding('spikes', channel, severity, told)]
}

function jumpFrom(before: Point, here: Point, channel: string): HealthFinding {
  const minutes = rounded((here.time - before.time) / minuteMs)
  const figures = { fromC: before.value, toC: here.value, minutes }
  const detail = `from ${before.value} to ${here.value} °C within ${minutes} min`
  const at = { from: before.time, to: here.time }
  return finding('jump', channel, 'minor', { ...at, code: 'jump', figures, detail })
}

/** From one reading to the next. */
function usualStep(points: readonly Point[]): number {
  const steps = points.slice(1).map(({ value }, i) => Math.abs(value - points[i]!.value))
  return steps.length > 0 ? medianOf(steps.sort((one, other) => one - other)) : 0
}

/** A level that falls towards 0: when it will be there, by its trend over days. */
function emptying({ channel, points }: Stretch): HealthFinding[] {
  const last = points.at(-1)
  if (!last) return []
  const trend = trendOf(meansOf(points, dayMs))
  const daysLeft = trend && trend.p < 0.01 && trend.perDay < 0 ? last.value / -trend.perDay : null
  const at = { from: points[0]!.time, to: last.time }
  const percent = rounded(last.value)
  if (last.value <= 10) {
    const told = { ...at, code: 'battery-low', figures: { percent } } as const
    return [finding('battery', channel, 'major', { ...told, detail: `${percent} % left` })]
  }
  if (daysLeft === null || daysLeft >= 30) return []
  const figures = {
    ...{ percent, days: Math.round(daysLeft), perDayPercent: rounded(-trend!.perDay, 2) },
  }
  const detail = `${percent} % left, empty in ${figures.days} days at ${figures.perDayPercent} % a day`
  const told = { ...at, code: 'battery-emptying', figures, detail } as const
  return [finding('battery', channel, daysLeft < 7 ? 'major' : 'minor', told)]
}

function fewDays({ channel, points }: Stretch): HealthFinding[] {
  const last = points.at(-1)
  if (!last || last.value >= 30) return []
  const at = { from: points[0]!.time, to: last.time }
  const days = rounded(last.value)
  const told = {
    ...at,
    code: 'battery-days',
    figures: { days },
    detail: `${days} days left`,
  } as const
  return [finding('battery', channel, last.value < 7 ? 'major' : 'minor', told)]
}

/** Seconds of 15 minutes in which the compressor ran: one that never rests has no reserve. */
function dutyOf({ channel, points }: Stretch): HealthFinding[] {
  const days = meansOf(points, dayMs)
  const last = days.at(-1)
  if (!last) return []
  const at = { from: points[0]!.time, to: points.at(-1)!.time }
  const percentOf = (value: number): number => Math.round((value / periodSeconds) * 100)
  if (last.value > 0.9 * periodSeconds && days.length > 1) {
    const figures = { percent: percentOf(last.value) }
    const detail = `ran ${figures.percent} % of the last day`
    return [finding('duty', channel, 'major', { ...at, code: 'duty-high', figures, detail })]
  }
  const trend = trendOf(days)
  if (!trend || trend.p > 0.01 || trend.last < 1.2 * trend.first || trend.perDay <= 0) return []
  const figures = { firstPercent: percentOf(trend.first), lastPercent: percentOf(trend.last) }
  const detail = `runs more and more: ${figures.firstPercent} % of the time, then ${figures.lastPercent} %`
  return [finding('duty', channel, 'minor', { ...at, code: 'duty-rising', figures, detail })]
}

/** DOOR of E006: open for more than 5 minutes, here within one period. */
function doorOf({ channel, points }: Stretch): HealthFinding[] {
  const open = points.filter(({ value }) => value > 300)
  if (open.length === 0) return []
  const longest = Math.max(...open.map(({ value }) => value))
  const figures = { periods: open.length, minutes: Math.round(longest / 60) }
  const detail = `${open.length} periods with the door open for over 5 min, up to ${figures.minutes} of 15`
  const at = { from: open[0]!.time, to: open.at(-1)!.time }
  const severity = open.length > points.length / 20 ? 'minor' : 'info'
  return [finding('door', channel, severity, { ...at, code: 'door-open', figures, detail })]
}

/** POWR of E006: no supply for more than 24 h. */
function mainsOf({ channel, points, gapMs }: Stretch): HealthFinding[] {
  const found: HealthFinding[] = []
  let from: number | undefined
  for (const [index, { time, value }] of points.entries()) {
    const before = points[index - 1]
    const broken = before !== undefined && time - before.time > gapMs
    if (value > 0 || broken) from = undefined
    if (value > 0) continue
    from ??= time
    const next = points[index + 1]
    const ends = next === undefined || next.value > 0 || next.time - time > gapMs
    if (!ends || time - from <= dayMs) continue
    const hours = rounded((time - from) / hourMs)
    const told = { from, to: time, code: 'no-supply', figures: { hours } } as const
    const detail = `no supply for ${hours} h`
    found.push(finding('mains', channel, 'major', { ...told, detail }))
  }
  return found
}

/** Days that the box stays cold without power: it shrinks when insulation or ice is lost. */
function holdoverOf({ channel, points }: Stretch): HealthFinding[] {
  const trend = trendOf(meansOf(points, dayMs))
  if (!trend || trend.p > 0.01 || trend.last > 0.8 * trend.first) return []
  const figures = { firstDays: rounded(trend.first), lastDays: rounded(trend.last) }
  const detail = `fell from ${figures.firstDays} to ${figures.lastDays} days`
  const at = { from: points[0]!.time, to: points.at(-1)!.time }
  const told = { ...at, code: 'holdover-fell', figures, detail } as const
  return [finding('holdover', channel, 'minor', told)]
}

const periodSeconds = 900

const finding = (
  kind: HealthKind,
  channel: string,
  severity: Severity,
  rest: Pick<HealthFinding, 'from' | 'to' | 'code' | 'figures' | 'detail'>,
): HealthFinding => ({ kind, channel, severity, ...rest })

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))

const valueByTime = (points: readonly Point[]): Map<number, number> =>
  new Map(points.map(({ time, value }) => [time, value]))
