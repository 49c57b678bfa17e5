// K: judging. How many readings a second the rules take in order and all at once, what a late day
// of a year costs, and how long a back-test of a year of many loggers takes.
import { backTest } from '../../analytics/back-test/back-test.ts'
import { readPlan } from '../../analytics/plan.ts'
import { readingsOf, replayReadings } from '../../analytics/replay.ts'
import { advance, formatChannels, newChannel } from '../../analytics/tracker.ts'
import type { Point } from '../../domain/breach.ts'
import { parseProfile } from '../../domain/profile/parse.ts'
import { giai, gtin, sgtin, sscc } from '../../simulators/keys.ts'
import { writeDetectors } from '../../store/ledger/detectors.ts'
import type { SeriesRow } from '../../store/series.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from '../pipeline.ts'

const day = 86_400_000
const everyMs = 15 * 60_000
const since = Date.UTC(2026, 0, 1)
const recordTime = Date.UTC(2027, 0, 2)
const perDay = day / everyMs
const tenant = 'default'
const item = gtin(0, 1)
const profile = { ruleSet: 'pharma-2-8' }

/** A year of one logger: 2 to 8 °C, and every month 90 minutes above. */
function yearOf(seed: number): Point[] {
  let state = seed + 1
  return Array.from({ length: 365 * perDay }, (_, i) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    const of = Math.floor(i / perDay) + seed
    const warm = of % 30 === 7 && i % perDay > 40 && i % perDay < 47
    const value = warm ? 9 : Math.round((4 + (2 * state) / 0x7fff_ffff) * 10) / 10
    return { time: since + (i + 1) * everyMs, value }
  })
}

async function addLoggers(pipeline: Pipeline, count: number, units: number): Promise<void> {
  await pipeline.addProduct(tenant, item, profile)
  for (let n = 0; n < count; n++) {
    const logger = giai(`judged${n}`)
    await pipeline.addDevice(tenant, `judged-${n}`, { giai: logger, loggingIntervalMs: everyMs })
    const children = Array.from({ length: units }, (_, i) => sgtin(item, `J${n}U${i}`))
    const packs = (childEPCs: string[]) => ({ action: 'ADD', parentID: sscc(0, n), childEPCs })
    const events = [
      epcisEvent('AggregationEvent', since, packs(children)),
      epcisEvent('AssociationEvent', since, packs([logger])),
    ]
    await pipeline.keep([captureEnvelope(tenant, events, since)])
  }
  await pipeline.settle()
}

export interface JudgingFigures {
  rules: number
  /** Readings a second, one after the other and as a year at once. */
  inOrder: number
  atOnce: number
  /** The first late day after a start, and the median of those after it. */
  firstLateMs: number
  lateMs: number
}

export async function measureJudging(): Promise<JudgingFigures> {
  const pipeline = await openPipeline(() => recordTime)
  try {
    await addLoggers(pipeline, 1, 200)
    const { watches } = await readPlan(pipeline.ledger.db, tenant, 'judged-0')
    const year = yearOf(0)
    const readings = readingsOf(year)
    const takeAll = (): void => {
      const channel = newChannel()
      for (const point of year) advance(channel, point, { watches, found: [] })
    }
    const inOrder = year.length / (await secondsOf(takeAll))
    const atOnce = year.length / (await secondsOf(() => replayReadings(readings, watches)))
    const late = await lateDays(pipeline, year)
    return { rules: watches.length, inOrder, atOnce, ...late }
  } finally {
    await pipeline.close()
  }
}

/** The median of several, after two that warm up. */
async function secondsOf(run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 12; n++) {
    const before = performance.now()
    await run()
    if (n > 1) times.push((performance.now() - before) / 1000)
  }
  return times.sort((a, b) => a - b)[5]!
}

/** Ten days come after all others, far from each other; what each takes until alerts are right. */
async function lateDays(pipeline: Pipeline, year: readonly Point[]) {
  const days = [200, 30, 60, 90, 120, 150, 240, 270, 300, 330, 180]
  const dayOf = ({ time }: Point): number => Math.floor((time - since - 1) / day)
  const envelope = (points: readonly Point[]) => {
    const readings = points.map(({ time, value }) => ({ time, temperature: value }))
    return readingsEnvelope(tenant, 'judged-0', { readings, recordTime })
  }
  const early = year.filter((point) => !days.includes(dayOf(point)))
  for (let at = 0; at < early.length; at += 500)
    await pipeline.keep([envelope(early.slice(at, at + 500))])
  await pipeline.settle()
  const times: number[] = []
  for (const late of days) {
    await pipeline.keep([envelope(year.filter((point) => dayOf(point) === late))])
    while (await pipeline.step('record', 10)) {}
    const before = performance.now()
    while (await pipeline.step('detect', 10)) {}
    await pipeline.settle()
    times.push(performance.now() - before)
  }
  const [firstLateMs = NaN, ...others] = times
  return { firstLateMs, lateMs: others.sort((a, b) => a - b)[5]! }
}

export interface BackTestFigures {
  readings: number
  fillSeconds: number
  seconds: number
  cpuSeconds: number
  /** MB of the process before it, and the most while it ran. */
  rssBefore: number
  rssMax: number
  gained: number
}

export async function measureBackTest(devices: number): Promise<BackTestFigures> {
  const pipeline = await openPipeline(() => recordTime)
  try {
    await addLoggers(pipeline, devices, 10)
    const began = performance.now()
    for (let n = 0; n < devices; n++) await pipeline.series.write(rowsOf(n))
    // What the detector would know of them by now.
    const body = formatChannels({ temperature: newChannel() })
    const known = Array.from({ length: devices }, (_, n) => ({
      tenant,
      device: `judged-${n}`,
      body,
    }))
    await writeDetectors(pipeline.ledger.db, known)
    const { series } = pipeline
    if ('compact' in series) await (series.compact as () => Promise<void>)()
    const fillSeconds = (performance.now() - began) / 1000
    const proposed = parseProfile({
      rules: [
        { id: 'heat-30min', kind: 'single', above: 8, forMinutes: 30, severity: 'major' },
        { id: 'warm', kind: 'single', above: 7, forMinutes: 60, severity: 'major' },
        { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 300, severity: 'major' },
        { id: 'cold', kind: 'single', below: 2, forMinutes: 60, severity: 'major' },
        { id: 'frozen', kind: 'instant', below: 0, severity: 'critical' },
      ],
    })
    if (!proposed.ok) throw new Error(JSON.stringify(proposed.refusals))
    const rssBefore = process.memoryUsage.rss() / 1e6
    let rssMax = rssBefore
    const [before, cpu] = [performance.now(), process.cpuUsage()]
    const report = await backTest(
      { db: pipeline.ledger.db, series, keptFrom: Number.NEGATIVE_INFINITY },
      {
        ...{ tenant, gtin: item, profile: proposed.value, effectiveFrom: null, costPerUnit: 1 },
        span: { from: 0, to: Number.MAX_SAFE_INTEGER },
      },
      {
        signal: new AbortController().signal,
        progress: () => {
          rssMax = Math.max(rssMax, process.memoryUsage.rss() / 1e6)
        },
      },
    )
    const seconds = (performance.now() - before) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const cpuSeconds = (user + system) / 1e6
    const gained = report.gained.alerts
    return {
      readings: report.readings,
      fillSeconds,
      seconds,
      cpuSeconds,
      rssBefore,
      rssMax,
      gained,
    }
  } finally {
    await pipeline.close()
  }
}

const rowsOf = (n: number): SeriesRow[] =>
  yearOf(n).map(({ time, value }) => ({
    ...{ tenant, device: `judged-${n}`, channel: 'temperature', time, value, offset: 0 },
  }))
