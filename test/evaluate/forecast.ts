// Forecasts on simulated places whose seeds no training saw: how many excursions were announced in
// time, how often falsely, and how often the interval held what came. For npm run evaluate.
import { betaQuantile } from '../../domain/beta.ts'
import {
  type Announcing,
  announce,
  type Forecast,
  forecastAt,
} from '../../domain/forecast/forecast.ts'
import { lookBackMs } from '../../domain/forecast/look.ts'
import { modelHash } from '../../domain/forecast/model.ts'
import { chiSquareAbove } from '../../domain/statistics.ts'
import {
  type ForecastWorld,
  type ForecastWorldOptions,
  forecastWorld,
  minuteMs,
  type TrueBreach,
} from './forecast-worlds.ts'
import { headingOf, writePart } from './page.ts'

interface Announcement {
  at: number
  forecast: Forecast
  withdrawnAt?: number
}

export interface ForecastTally {
  worlds: number
  deviceDays: number
  /** Above the limit for half an hour or more, after building up for half an hour or more. */
  excursions: number
  /** Announced 20 minutes ahead or more, and not taken back. */
  inTime: number
  /** The same by how long they built up: [from minutes, all, in time]. */
  byBuildUp: [number, number, number][]
  /** The same by the logger's interval: [minutes, all, in time, such as could be known]. */
  byInterval: [number, number, number, number][]
  /** Minutes between announcement and excursion of those in time. */
  leads: number[]
  announcements: number
  /** The limit was not passed by the end of the interval and half as long again. */
  falsely: number
  /** Not counted among them: it would have been, had nobody mended what was broken. */
  averted: number
  /** Forecasts given at any time, and whether the interval held: [held, sooner, later or never]. */
  intervals: [number, number, number]
  /** The same of announcements only. */
  announced: [number, number, number]
}

/** What comes later is not judged: the world ends before it is known what became of it. */
const endMs = 6 * 3_600_000
const everyMs = 4.5 * minuteMs
const leadMs = 20 * minuteMs
const halfHourMs = 30 * minuteMs
/** Fewer readings of what is bound to happen cannot be told from a door. */
const knownReadings = 3

export function tallyForecasts(
  prefix: string,
  worlds: number,
  options: ForecastWorldOptions = {},
): ForecastTally {
  const tally: ForecastTally = {
    ...{ worlds, deviceDays: 0, excursions: 0, inTime: 0, leads: [] },
    byBuildUp: [30, 45, 60, 90, 120].map((from) => [from, 0, 0]),
    byInterval: [1, 2, 5, 10, 15].map((minutes) => [minutes, 0, 0, 0]),
    ...{ announcements: 0, falsely: 0, averted: 0 },
    intervals: [0, 0, 0],
    announced: [0, 0, 0],
  }
  for (let number = 0; number < worlds; number++) {
    const world = forecastWorld(`${prefix} ${number}`, options)
    const announcements = liveForecasts(world, tally)
    judgeAnnouncements(world, announcements, tally)
    judgeExcursions(world, announcements, tally)
  }
  return tally
}

/** The readings as they come, each with all before it. */
function liveForecasts(world: ForecastWorld, tally: ForecastTally): Announcement[] {
  const { points, plan } = world
  const end = plan.to - endMs
  const target = { limit: plan.limitC, side: 'above' } as const
  const announcements: Announcement[] = []
  const state: Announcing = {}
  let [last, first] = [Number.NEGATIVE_INFINITY, 0]
  tally.deviceDays += Math.max(0, end - (points[0]?.time ?? end)) / 86_400_000
  for (const [index, { time }] of points.entries()) {
    if (time - last < everyMs || time > end) continue
    last = time
    while (points[first]!.time <= time - lookBackMs) first++
    const said = forecastAt(points.slice(first, index + 1), target)
    if ('expectedMs' in said) count(tally.intervals, said, world.nextUnmended(time) - time)
    const change = announce(state, said, time)
    if (change === 'announced') announcements.push({ at: time, forecast: state.standing! })
    else if (change === 'withdrawn') announcements.at(-1)!.withdrawnAt = time
  }
  return announcements
}

function count(held: [number, number, number], { lowMs, highMs }: Forecast, cameMs: number): void {
  held[cameMs < lowMs ? 1 : cameMs > highMs ? 2 : 0]++
}

function judgeAnnouncements(
  world: ForecastWorld,
  announcements: readonly Announcement[],
  tally: ForecastTally,
): void {
  for (const { at, forecast } of announcements) {
    tally.announcements++
    count(tally.announced, forecast, world.nextUnmended(at) - at)
    const until = at + Math.max(1.5 * forecast.highMs, forecast.highMs + halfHourMs)
    if (world.nextBreach(at) <= until) continue
    if (world.nextUnmended(at) <= until) tally.averted++
    else tally.falsely++
  }
}

function judgeExcursions(
  world: ForecastWorld,
  announcements: readonly Announcement[],
  tally: ForecastTally,
): void {
  const { breaches, plan } = world
  for (const breach of breaches) {
    const { from, to, buildUpMs } = breach
    if (buildUpMs < halfHourMs || to - from < halfHourMs || from > plan.to - endMs) continue
    const told = announcements.find(
      ({ at, withdrawnAt = Infinity }) =>
        at <= from - leadMs && withdrawnAt > from && at >= from - 2 * endMs,
    )
    const bin = tally.byBuildUp.findLast(([least]) => buildUpMs >= least * minuteMs)!
    const logger = tally.byInterval.find(
      ([minutes]) => plan.logger.intervalMs === minutes * minuteMs,
    )
    tally.excursions++
    bin[1]++
    if (logger) {
      logger[1]++
      if (couldBeKnown(world, breach)) logger[3]++
    }
    if (!told) continue
    tally.inTime++
    bin[2]++
    if (logger) logger[2]++
    tally.leads.push((from - told.at) / minuteMs)
  }
}

/**
 * Whether, early enough, there were a few readings from the first of which on it was bound to
 * happen: an oracle that knows all that is broken, open and molten, but not what comes next, and
 * wants to see so many readings of it.
 */
function couldBeKnown({ points, nextForeseen }: ForecastWorld, { from }: TrueBreach): boolean {
  let readings = 0
  for (let i = points.length - 1; i >= 0 && readings < knownReadings; i--) {
    const { time } = points[i]!
    if (time > from - leadMs) continue
    if (nextForeseen(time) > from + 2 * halfHourMs) return false
    readings++
  }
  return readings === knownReadings
}

/** Clopper and Pearson (1934), 95 %. */
export function shareInterval(some: number, all: number): [number, number] {
  const low = some === 0 ? 0 : betaQuantile(0.025, { a: some, b: all - some + 1 })
  const high = some === all ? 1 : betaQuantile(0.975, { a: some + 1, b: all - some })
  return [low, high]
}

/** Of a Poisson count (F. Garwood 1936), 95 %. */
export function countInterval(some: number): [number, number] {
  const quantile = (p: number, freedom: number): number => {
    let [low, high] = [0, 10 * freedom + 50]
    for (let round = 0; round < 60; round++) {
      const middle = (low + high) / 2
      if (1 - chiSquareAbove(middle, freedom) < p) low = middle
      else high = middle
    }
    return low / 2
  }
  return [some === 0 ? 0 : quantile(0.025, 2 * some), quantile(0.975, 2 * some + 2)]
}

/** The section of docs/evaluation.md. */
export function forecastSection(
  tally: ForecastTally,
  { prefix, exact }: { prefix: string; exact: ForecastTally },
): string {
  const percent = (part: number): string => (100 * part).toFixed(1)
  const share = (some: number, all: number): string =>
    all === 0
      ? 'none'
      : `${percent(some / all)} % (${shareInterval(some, all).map(percent).join('-')}), ${some} of ${all}`
  const rate = (some: number, { deviceDays } = tally): string => {
    const per = 100 / deviceDays
    const [low, high] = countInterval(some).map((one) => (one * per).toFixed(2))
    return `${(some * per).toFixed(2)} (${low}-${high}), ${some} in all`
  }
  const held = ([yes, sooner, later]: readonly [number, number, number]): string => {
    const all = yes + sooner + later
    return `${share(yes, all)}; sooner ${percent(sooner / all)} %, later or never ${percent(later / all)} %`
  }
  const slow = (at: 1 | 2): number =>
    tally.byBuildUp.reduce((sum, bin) => sum + (bin[0] >= 60 ? bin[at] : 0), 0)
  const leads = [...tally.leads].sort((one, other) => one - other)
  const lead = (part: number): string => (leads[Math.floor(part * leads.length)] ?? 0).toFixed(0)
  return [
    headingOf('forecasts'),
    '',
    `${tally.worlds} simulated places of three days (\`simulators/thermal.ts\`: shippers with phase-change packs, reefers and fridges; failures, doors, yards, weather, loggers of 1 to 15 minutes with noise, rounding and losses) whose seeds ("${prefix} 0", …) no training or calibration saw. Model ${modelHash.slice(0, 12)}. Intervals in brackets are 95 %.`,
    '',
    '| | |',
    '|---|--:|',
    `| device-days | ${tally.deviceDays.toFixed(0)} |`,
    `| heat excursions that built up over 30 min or more, announced 20 min ahead or more | ${share(tally.inTime, tally.excursions)} |`,
    ...tally.byBuildUp.map(
      ([from, all, some], i) =>
        `| … that built up over ${from}${tally.byBuildUp[i + 1] ? `-${tally.byBuildUp[i + 1]![0]}` : ''} min${i === 4 ? ' or more' : ''} | ${share(some, all)} |`,
    ),
    `| all that built up over 60 min or more | ${share(slow(2), slow(1))} |`,
    `| minutes ahead of those in time: a tenth less than, the middle, a tenth more than | ${lead(0.1)}, ${lead(0.5)}, ${lead(0.9)} |`,
    `| false announcements in 100 device-days | ${rate(tally.falsely)} |`,
    `| announcements that somebody's mending made untrue, in 100 device-days | ${rate(tally.averted)} |`,
    `| 90 % intervals of all forecasts given that held | ${held(tally.intervals)} |`,
    `| 90 % intervals of announcements that held | ${held(tally.announced)} |`,
    '',
    'By how often the logger tells. Knowable: there were three readings, 20 min ahead or more, from the first of which on it was bound to happen (what is broken, open or molten then did it, and nothing that came later). Nobody who sees readings alone can do better; doors, defrosts and noise look the same for a while.',
    '',
    '| interval | excursions | announced in time | knowable |',
    '|--:|--:|--:|--:|',
    ...tally.byInterval.map(
      ([minutes, all, some, known]) =>
        `| ${minutes} min | ${all} | ${percent(some / Math.max(all, 1))} % | ${percent(known / Math.max(all, 1))} % |`,
    ),
    '',
    `With a reading each minute, without noise, rounding or losses, the same model announces ${share(exact.inTime, exact.excursions)} (the first ${exact.worlds} places; false announcements in 100 device-days: ${rate(exact.falsely, exact)}): the rest is what rises have in common with what turns back.`,
    '',
    'An excursion is half an hour or more above the limit at the probe, without noise; it builds up from the moment a tenth of the climb is done, but no longer than at the pace of the second half of the climb (what creeps for a day and is then pushed over by a door does not build up). False: the limit is not passed by the end of the interval and half as long again. What an interval holds is when the limit is passed if nobody mends what is broken; places are drawn, so figures of one place depend on each other and the brackets are somewhat too narrow.',
    '',
  ].join('\n')
}

/** Enough for some 250 excursions. */
const worldsDefault = 1200
/** Seeds of nothing but this: new ones each time that a forecast was changed after a look at them. */
const fresh = 'afresh'

/** Evaluates, and writes its part of the page. Other seeds: --seed NAME --worlds N. */
export function writeForecasts(args: readonly string[]): void {
  const given = (name: string): string | undefined =>
    args.includes(name) ? args[args.indexOf(name) + 1] : undefined
  const prefix = given('--seed') ?? fresh
  const worlds = Number(given('--worlds') ?? worldsDefault)
  const exact = tallyForecasts(prefix, Math.ceil(worlds / 4), { isExact: true })
  const text = forecastSection(tallyForecasts(prefix, worlds), { prefix, exact })
  console.log(text)
  // What others try with seeds of their own is theirs.
  if (prefix === fresh) writePart('forecasts', text)
}
