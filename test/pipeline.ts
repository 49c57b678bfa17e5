// The real stores in a temporary folder, and the three followers stepped by hand, so that a test
// decides who sees what when. No part of ours is replaced.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Detector, openDetector } from '../analytics/detect.ts'
import type { AlertChange } from '../analytics/raise.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { openBirths } from '../ingest/decode/births.ts'
import { decodeOnce } from '../ingest/decode/once.ts'
import { recordStep } from '../ingest/record.ts'
import { openDuckdbSeries } from '../store/duckdb/series.ts'
import { type Alert, listAlerts, readSerialSet } from '../store/ledger/alerts.ts'
import { claimCursor } from '../store/ledger/cursors.ts'
import { markDirty } from '../store/ledger/detectors.ts'
import { type Directory, openDirectory } from '../store/ledger/directory.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { hashToken, insertDevice, putProduct } from '../store/ledger/registry.ts'
import { readKeptFrom } from '../store/ledger/retention.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import type { Envelope, Log, LoggedEnvelope, Partition } from '../store/log.ts'
import type { Series } from '../store/series.ts'
import { refuseOld } from '../store/series-kept.ts'

export type FollowerName = 'record' | 'capture' | 'detect'

interface Line {
  partition: Partition
  position: number
  step: (envelopes: LoggedEnvelope[]) => Promise<void>
}

export interface Pipeline {
  ledger: Ledger
  series: Series
  log: Log
  directory: Directory
  changes: AlertChange[]
  addProduct(tenant: string, gtin: string, profile: unknown): Promise<void>
  addDevice(
    tenant: string,
    id: string,
    about: { giai?: string; loggingIntervalMs?: number },
  ): Promise<void>
  keep(envelopes: Envelope[]): Promise<void>
  /** Lets one follower take at most so many envelopes; false when there were none. */
  step(name: FollowerName, count: number): Promise<boolean>
  /** Lets all followers take everything, and the detector look at everything marked. */
  settle(): Promise<void>
  alerts(
    tenant: string,
  ): Promise<{ alert: Alert; serials: Record<string, Alert['legs'][number]> }[]>
  /** Alarms of silent loggers, whatever became of them. */
  silences: Pipeline['alerts']
  close(): Promise<void>
}

/** The stores of a pipeline, and what is to be ended after they were closed. */
export interface Backends {
  ledger: Ledger
  series: Series
  log: Log
  remove(): Promise<void>
}

/** DuckDB, SQLite and LMDB in a temporary folder. */
export async function openEmbedded(): Promise<Backends> {
  // These tests are not about the disk: thousands of commits need not wait for one.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(join(place, 'isotherm-pipeline-'))
  return {
    ledger: await openSqliteLedger(folder),
    series: await openDuckdbSeries({ folder: join(folder, 'series') }),
    log: await openLmdbLog({ folder: join(folder, 'log'), bytesMax: 512 * 1024 * 1024 }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

export async function openPipeline(
  now: () => number = () => Date.UTC(2026, 5, 1),
  backends?: Backends,
): Promise<Pipeline> {
  const opened = backends ?? (await openEmbedded())
  const { ledger, series, log } = opened
  const directory = await openDirectory(ledger)
  const births = openBirths(ledger)
  const decode = decodeOnce({ device: directory.device, birth: births.at })
  const kept = refuseOld(series, () => readKeptFrom(ledger.db))
  const changes: AlertChange[] = []
  const lines: Record<FollowerName, Line[]> = { record: [], capture: [], detect: [] }
  const detectors: Detector[] = []
  const advance = async (line: Line, count: number): Promise<number> => {
    const { envelopes, next } = await line.partition.read(line.position, count, 64 * 1024 * 1024)
    if (envelopes.length === 0) return 0
    await line.step(envelopes)
    line.position = next
    return envelopes.length
  }
  for (const partition of log.partitions) {
    if (partition.kinds.includes('capture'))
      lines.capture.push({ partition, position: 0, step: captureStep(ledger) })
    if (!partition.kinds.includes('readings')) continue
    const knowing = (step: Line['step']) => births.knowing(step, () => partition.size().first)
    const recording = {
      ...{ partition, position: 0 },
      step: knowing(recordStep({ series: kept, ledger, decode })),
    }
    const name = `detect/${partition.id}`
    const { epoch } = await ledger.transact((db) => claimCursor(db, name))
    const detector = openDetector(
      {
        ledger,
        series,
        now,
        decode,
        recorded: async (offset) => {
          while (recording.position < offset && (await advance(recording, 1000)) > 0) {}
        },
        onChange: (change) => changes.push(change),
        claim: { name, epoch },
        slots: partition.slots,
      },
      0,
    )
    lines.record.push(recording)
    lines.detect.push({ partition, position: 0, step: knowing(detector.step) })
    detectors.push(detector)
  }
  const step = async (name: FollowerName, count: number): Promise<boolean> => {
    let taken = 0
    for (const line of lines[name]) if (taken < count) taken += await advance(line, count - taken)
    return taken > 0
  }
  return {
    ledger,
    series,
    log,
    directory,
    changes,
    addProduct: async (tenant, gtin, body) => {
      const profile = parseProfile(body)
      if (!profile.ok) throw new Error(JSON.stringify(profile.refusals))
      await putProduct(ledger.db, {
        tenant,
        gtin,
        name: gtin,
        profile: profile.value,
        updatedAt: now(),
      })
    },
    addDevice: async (tenant, id, about) => {
      const device = { tenant, id, ...about, channels: {}, createdAt: now() }
      await insertDevice(ledger.db, device, hashToken(id))
      await directory.refresh(tenant, id)
      await markDirty(ledger.db, tenant, { devices: [id], since: 0, cause: 'device' })
    },
    keep: async (envelopes) => {
      for (const envelope of envelopes) log.append(envelope)
      if (log.end > 0) await log.whenDurable(log.end - 1)
    },
    step,
    settle: async () => {
      for (const name of ['record', 'capture', 'detect'] as const) while (await step(name, 1000)) {}
      for (const detector of detectors) await detector.sweep()
    },
    alerts: async (tenant) => {
      const alerts = await listAlerts(ledger.db, tenant, { limit: 1000 })
      return withSerials(
        ledger,
        tenant,
        alerts.filter(({ kind }) => kind === 'excursion'),
      )
    },
    silences: async (tenant) => {
      const every = ['open', 'closed', 'superseded', 'retracted'] as const
      const lists = every.map((status) => listAlerts(ledger.db, tenant, { status, limit: 1000 }))
      const alerts = (await Promise.all(lists)).flat()
      return withSerials(
        ledger,
        tenant,
        alerts.filter(({ kind }) => kind === 'silence'),
      )
    },
    close: async () => {
      await log.close()
      await series.close()
      await ledger.close()
      await opened.remove()
    },
  }
}

const withSerials = (
  ledger: Ledger,
  tenant: string,
  alerts: Alert[],
): ReturnType<Pipeline['alerts']> =>
  Promise.all(
    alerts.map(async (alert) => {
      const page = { serialSet: alert.serialSet, offset: 0, limit: alert.serialCount }
      const rows = await readSerialSet(ledger.db, tenant, page)
      const serials = Object.fromEntries(rows.map(([epc, leg]) => [epc, alert.legs[leg]!]))
      return { alert, serials }
    }),
  )

/** An EPCIS event with the fields every event has. */
export const epcisEvent = (type: string, time: number, fields: Record<string, unknown>) => ({
  type,
  eventTime: new Date(time).toISOString(),
  eventTimeZoneOffset: '+00:00',
  ...fields,
})

let captures = 0

export const captureEnvelope = (
  tenant: string,
  events: unknown[],
  recordTime: number,
): Envelope => ({
  kind: 'capture',
  tenant,
  source: 'test',
  topic: `capture-${++captures}`,
  recordTime,
  body: Buffer.from(
    JSON.stringify({
      '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: new Date(recordTime).toISOString(),
      epcisBody: { eventList: events },
    }),
  ),
})

export const readingsEnvelope = (
  tenant: string,
  device: string,
  {
    readings,
    recordTime,
  }: { readings: { time: number; temperature: number }[]; recordTime: number },
): Envelope => ({
  kind: 'publish',
  tenant,
  source: device,
  topic: `v1/${tenant}/${device}/readings`,
  recordTime,
  body: Buffer.from(JSON.stringify(readings)),
})
