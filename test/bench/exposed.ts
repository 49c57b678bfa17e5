// P, over the stores: very many units in containers that change pallets every three days, ten times,
// each container by another way; every pallet has a logger, and some are warm for a while. How long
// the passports of all units take, and which units were above 8 °C for more than two hours, the first
// time and again; and how long one passport takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { bounds } from '../../config.ts'
import type { Limit } from '../../domain/exposure.ts'
import type { Account } from '../../domain/passport.ts'
import { captureStep } from '../../ingest/capture/capture.ts'
import { associated, documentOf, packed } from '../../simulators/events.ts'
import { giai, sgln, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'
import { openDuckdbSeries } from '../../store/duckdb/series.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { type Ledger, openSqliteLedger } from '../../store/ledger/ledger.ts'
import { insertDevice } from '../../store/ledger/registry.ts'
import { readKept } from '../../store/ledger/retention.ts'
import type { Series, SeriesRow } from '../../store/series.ts'
import { rememberReadings } from '../../store/series-memory.ts'
import { exposuresOf } from '../../trace/exposures.ts'
import { passportOf } from '../../trace/passports.ts'
import { findUnits } from '../../trace/recall/find.ts'
import { containerOf, documentsOf, perContainer, unitOf } from './warehouse.ts'

const tenant = 'default'
const minute = 60_000
const since = Date.UTC(2026, 0, 2)
const days = 30
const legsOfUnit = 10
const legMs = (days * 86_400_000) / legsOfUnit
const containersOfPallet = 50
/** One of so many was warm. */
const warmOf = 20

export interface ExposedFigures {
  loggers: number
  readings: number
  /** The passports of all units, each looked at, as queries and recalls ask for them. */
  all: { seconds: number; cpuSeconds: number; ways: number; rssBefore: number; rssAfter: number }
  /** All units above 8 °C for more than 120 minutes: read from the stores, and again. */
  firstSeconds: number
  againSeconds: number
  found: number
  /** One passport of 30 days, its readings remembered; and read from the store. */
  passportMs: number
  passportAnewMs: number
}

export async function measureExposed(units: number): Promise<ExposedFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const ledger = await openSqliteLedger(folder)
  const bare = await openDuckdbSeries({ folder: join(folder, 'series') })
  try {
    const loggers = await fill(ledger, units)
    for (let logger = 0; logger < loggers; logger++) await bare.write(readingsOf(logger))
    const bound = { sizeMax: bounds.seriesMemoryMax, hoursMax: bounds.seriesMemoryHoursMax }
    const series = rememberReadings(bare, bound)
    const first = await look(ledger, series)
    const again = await look(ledger, series)
    const all = await passportsOfAll(ledger, series, units)
    return {
      ...{ loggers, readings: loggers * days * 288, found: again.found, all },
      ...{ firstSeconds: first.seconds, againSeconds: again.seconds },
      passportMs: await passports(ledger, series, units),
      passportAnewMs: await passports(ledger, bare, units),
    }
  } finally {
    await bare.close()
    await ledger.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(ledger: Ledger, units: number): Promise<number> {
  const apply = captureStep(ledger)
  let offset = 0
  const keep = async (body: Uint8Array): Promise<void> => {
    const [topic, recordTime] = [`document-${offset}`, since + offset]
    const envelope = { tenant, topic, recordTime, body, offset: offset++ }
    await apply([{ kind: 'capture', source: 'bench', ...envelope }])
  }
  for (const step of ['commission', 'pack'] as const)
    for (const { body } of documentsOf(step, units)) await keep(body)
  const containers = Math.ceil(units / perContainer)
  const pallets = Math.ceil(containers / containersOfPallet)
  for (let n = 0; n < pallets; n++) {
    const device = { tenant, id: `d${n}`, giai: giai(`LOG${n}`), loggingIntervalMs: 5 * minute }
    await ledger.transact((db) =>
      insertDevice(db, { ...device, channels: {}, createdAt: since }, `token ${n}`),
    )
  }
  for (let leg = 0; leg < legsOfUnit; leg++)
    for (const [n, inside] of palletsOf(containers, pallets, leg)) {
      const [time, random] = [since + leg * legMs + (n % 24) * 10 * minute, `pallet ${n} ${leg}`]
      const on = { time, place: sgln(0), random: createRandom(random) }
      const events = [packed(on, sscc(4, n), inside.map(containerOf))]
      if (leg === 0)
        events.push(associated(on, 'ADD', { container: sscc(4, n), logger: giai(`LOG${n}`) }))
      await keep(Buffer.from(JSON.stringify(documentOf(events, since))))
    }
  return pallets
}

/** Which containers are on each pallet in a leg: those of one pallet part, each by another way. */
function palletsOf(containers: number, pallets: number, leg: number): Map<number, number[]> {
  const numbers = Array.from({ length: containers }, (_, container) => container)
  return Map.groupBy(numbers, (container) => {
    const step = 1 + (container % containersOfPallet)
    return (Math.floor(container / containersOfPallet) + leg * step) % pallets
  })
}

function readingsOf(logger: number): SeriesRow[] {
  const random = createRandom(`readings ${logger}`)
  const warmAt = logger % warmOf === 0 ? random.below(days * 24) * 60 : Infinity
  return Array.from({ length: days * 288 }, (_, i) => {
    const warm = i * 5 >= warmAt && i * 5 < warmAt + 200
    const value = (warm ? 90 : 40) / 10 + random.below(20) / 10
    const key = { tenant, device: `d${logger}`, channel: 'temperature' }
    return { ...key, time: since + i * 5 * minute, value, offset: logger }
  })
}

async function look(ledger: Ledger, series: Series): Promise<{ seconds: number; found: number }> {
  const condition = { field: 'exposure' as const, above: 8, moreThanMinutes: 120 }
  const criteria = { version: 1 as const, allOf: [condition] }
  const heard = { series, kept: () => readKept(ledger.db) }
  const began = performance.now()
  const found = await findUnits(ledger.db, tenant, { criteria, at: since, heard })
  if (!found.ok) throw new Error(JSON.stringify(found.refusals))
  return { seconds: (performance.now() - began) / 1000, found: found.value.length }
}

/** Some are held against the passport that one unit is given: every figure of it, to the last bit. */
async function passportsOfAll(ledger: Ledger, series: Series, count: number) {
  const from = { db: ledger.db, series, kept: () => readKept(ledger.db) }
  const units = await idsOfAll(ledger, count)
  const window = { from: since, to: since + days * 86_400_000 }
  const rssBefore = process.memoryUsage.rss() / 1e6
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const told = await exposuresOf(from, tenant, { units, window, limits })
  if (!told) throw new Error('more than is read')
  const accounts = Array.from({ length: told.ways }, (_, way) => told.accountOf(way))
  let knownMs = 0
  for (const way of told.wayOf) knownMs += accounts[way]!.knownMs
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const rssAfter = process.memoryUsage.rss() / 1e6
  if (!(knownMs > 0)) throw new Error('nothing is known')
  for (let n = 0; n < count; n += Math.ceil(count / 50)) {
    const passport = await passportOf(from, tenant, { epc: unitOf(n), limits, ...window })
    const account = told.accountOf(told.wayOf[n]!)
    if (typeof passport === 'string' || passport.legs.length < legsOfUnit) throw new Error('legs')
    for (const [name, value] of Object.entries(account))
      if (!isDeepStrictEqual(passport[name as keyof Account], value)) throw new Error(name)
  }
  return { seconds, cpuSeconds: (user + system) / 1e6, ways: told.ways, rssBefore, rssAfter }
}

const limits: Limit[] = [
  { side: 'above', limitC: 15 },
  { side: 'above', limitC: 8 },
  { side: 'below', limitC: 2 },
  { side: 'below', limitC: -0.5 },
]

async function idsOfAll(ledger: Ledger, count: number): Promise<number[]> {
  const epcs = Array.from({ length: count }, (_, n) => unitOf(n))
  const ids: number[] = []
  for (let at = 0; at < count; at += 50_000) {
    const page = epcs.slice(at, at + 50_000)
    const known = await idsOf(ledger.db, tenant, page)
    for (const epc of page) ids.push(known.get(epc)!)
  }
  return ids
}

/** Of units here and there, one after the other; ms each. */
async function passports(ledger: Ledger, series: Series, units: number): Promise<number> {
  const random = createRandom('passports')
  const from = { db: ledger.db, series, kept: () => readKept(ledger.db) }
  const count = 100
  let began = performance.now()
  // The first of a process are slow, whatever they ask for.
  for (let n = -count; n < count; n++) {
    if (n === 0) began = performance.now()
    const passport = await passportOf(from, tenant, { epc: unitOf(random.below(units)) })
    if (typeof passport === 'string') throw new Error(passport)
  }
  return (performance.now() - began) / count
}
