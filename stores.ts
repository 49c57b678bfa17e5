// Opens what the settings name: log, series, ledger, and what this process knows of the others.
// Whatever is not embedded is loaded only when it is asked for.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { bounds, type Config } from './config.ts'
import { deviceOfEnvelope } from './ingest/decode/decode.ts'
import { type Announcements, openAnnouncements } from './store/announcements.ts'
import { refuseUnfinishedRestore } from './store/backup.ts'
import { type Claims, holdAll } from './store/claims.ts'
import { type ClockMemory, openClockMemory } from './store/clock-memory.ts'
import { correctSeries } from './store/corrected-series.ts'
import { openDuckdbSeries } from './store/duckdb/series.ts'
import { refuseUnfinishedImport } from './store/import.ts'
import { type Directory, openDirectory } from './store/ledger/directory.ts'
import { type Ledger, openSqliteLedger } from './store/ledger/ledger.ts'
import { ownFolder } from './store/ledger/owner.ts'
import { openLmdbLog } from './store/lmdb/log.ts'
import type { Log } from './store/log.ts'
import type { Series } from './store/series.ts'
import { rememberReadings } from './store/series-memory.ts'
import { slotOf } from './store/slots.ts'

/** What some series stores tell besides. */
export type ContactedSeries = Series & {
  /** Why the last contact failed, while there is none. */
  readonly failure?: Error | undefined
  /** Another process may have written: what is remembered of its rows is asked again. */
  forget?(): void
  /** How long it keeps readings of its own accord; undefined: for ever, or until it is told. */
  keepsMs?(): Promise<number | undefined>
}

export interface Stores {
  log: Log
  claims: Claims
  announcements: Announcements
  series: ContactedSeries
  /** The same as devices said it, where `series` reads through what was stated of their clocks. */
  said?: ContactedSeries
  ledger: Ledger
  directory: Directory
  /** Name of this process among its like. */
  node: string
  /** No other process works on the same stores. */
  alone: boolean
}

export type CorrectedStores = Stores & { clocks: ClockMemory }

export type Closing = (() => Promise<void> | void)[]

/** Pushes the way to close each store as soon as it is open. Throws OperatorError. */
export async function openStores(config: Config, closing: Closing): Promise<Stores> {
  const node = `${hostname().replace(/[^A-Za-z0-9-]/g, '-')}-${randomBytes(4).toString('hex')}`
  const embedded = [config.log.kind, config.series.kind, config.ledger.kind].some((kind) =>
    ['lmdb', 'duckdb', 'sqlite'].includes(kind),
  )
  if (embedded) {
    const owner = ownFolder(config.dataDir)
    closing.push(() => owner.release())
    refuseUnfinishedRestore(config.dataDir)
  }
  const ledger = await openLedger(config)
  closing.push(() => ledger.close())
  await refuseUnfinishedImport(ledger)
  const series = await openSeries(config)
  closing.push(() => series.close())
  const shared = await openLog(config, node)
  closing.push(() => shared.close())
  const directory = await openDirectory(ledger)
  return { ...shared, ledger, series, directory, node, alone: config.log.kind === 'lmdb' }
}

/**
 * Remembers what passports read, where no other process writes: all of DuckDB's rows pass here.
 */
export const rememberStores = (stores: Stores, { series }: Config): Stores =>
  stores.alone && series.kind === 'duckdb'
    ? { ...stores, series: rememberReadings(stores.series, memoryBounds) }
    : stores

/** Reads all readings at the times that follow from what was stated of clocks. */
export async function correctStores(stores: Stores, closing: Closing): Promise<CorrectedStores> {
  const everyMs = stores.alone ? undefined : bounds.clockCorrectionsRenewMs
  const clocks = await openClockMemory(stores.ledger, { everyMs })
  closing.push(clocks.stop)
  const series = correctSeries(stores.series, clocks.of, clocks.slowestMs)
  return { ...stores, series, said: stores.series, clocks }
}

const memoryBounds = {
  sizeMax: bounds.seriesMemoryMax,
  hoursMax: bounds.seriesMemoryHoursMax,
}

export async function openLedger(config: Config): Promise<Ledger> {
  if (config.ledger.kind === 'sqlite') return openSqliteLedger(config.dataDir)
  const { openPostgresLedger } = await import('./store/postgres/ledger.ts')
  return openPostgresLedger({ url: config.ledger.url })
}

export async function openSeries({
  series,
  retentionDays,
  dataDir,
}: Config): Promise<Stores['series']> {
  if (series.kind === 'duckdb') return openDuckdbSeries({ folder: join(dataDir, 'series') })
  const { openInfluxSeries } = await import('./store/influx/series.ts')
  return openInfluxSeries({ ...series, ...(retentionDays !== undefined && { retentionDays }) })
}

async function openLog(
  { log, dataDir, logBytesMax }: Config,
  node: string,
): Promise<Pick<Stores, 'log' | 'claims' | 'announcements'> & { close(): Promise<void> }> {
  if (log.kind === 'lmdb') {
    const opened = await openLmdbLog({ folder: join(dataDir, 'log'), bytesMax: logBytesMax })
    return {
      log: opened,
      claims: holdAll,
      announcements: openAnnouncements(),
      close: () => opened.close(),
    }
  }
  const { openNats } = await import('./store/nats/log.ts')
  return openNats({
    ...log,
    node,
    bytesMax: logBytesMax,
    slotOf: (envelope) => slotOf(envelope.tenant, deviceOfEnvelope(envelope)),
  })
}
