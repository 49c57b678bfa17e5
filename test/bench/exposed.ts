// P, over the stores: a warehouse of very many units on pallets with loggers, some of them warm for
// a while. How long it takes to tell which units were above 8 °C for more than two hours, before and
// after the readings are remembered, and how long one passport takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bounds } from '../../config.ts'
import { captureStep } from '../../ingest/capture.ts'
import { associated, documentOf, packed } from '../../simulators/events.ts'
import { giai, sgln, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'
import { openDuckdbSeries } from '../../store/duckdb-series.ts'
import { type Ledger, openSqliteLedger } from '../../store/ledger.ts'
import { insertDevice } from '../../store/ledger-registry.ts'
import { readKept } from '../../store/ledger-retention.ts'
import type { Series, SeriesRow } from '../../store/series.ts'
import { rememberReadings } from '../../store/series-memory.ts'
import { passportOf } from '../../trace/passports.ts'
import { findUnits } from '../../trace/recall-find.ts'
import { containerOf, documentsOf, perContainer, unitOf } from './warehouse.ts'

const tenant = 'default'
const minute = 60_000
const since = Date.UTC(2026, 0, 2)
const days = 30
const containersOfPallet = 50
/** One of so many was warm. */
const warmOf = 20

export interface ExposedFigures {
  loggers: number
  readings: number
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
    return {
      ...{ loggers, readings: loggers * days * 288, found: again.found },
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
    const first = n * containersOfPallet
    const count = Math.min(containersOfPallet, containers - first)
    const on = { time: since, place: sgln(0), random: createRandom(`pallet ${n}`) }
    const [pallet, logger] = [sscc(4, n), giai(`LOG${n}`)]
    const inside = Array.from({ length: count }, (_, i) => containerOf(first + i))
    const device = { tenant, id: `d${n}`, giai: logger, loggingIntervalMs: 5 * minute }
    await ledger.transact((db) =>
      insertDevice(db, { ...device, channels: {}, createdAt: since }, `token ${n}`),
    )
    const events = [
      packed(on, pallet, inside),
      associated(on, 'ADD', { container: pallet, logger }),
    ]
    await keep(Buffer.from(JSON.stringify(documentOf(events, since))))
  }
  return pallets
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
