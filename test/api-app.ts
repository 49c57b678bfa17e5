// A real API for tests: ledger, log, series store and the followers that apply captures and record
// readings, in a folder of its own. Requests go in-process; the clock is an argument.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainInThread } from '../analytics/anomaly/band-training.ts'
import { scoreReadings } from '../analytics/anomaly/score-readings.ts'
import { createApp } from '../api/app.ts'
import type { Change, Deps } from '../api/deps.ts'
import { openBackTestRuns } from '../back-testing.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { openBirths } from '../ingest/decode/births.ts'
import { decodeOnce } from '../ingest/decode/once.ts'
import { recordStep } from '../ingest/record.ts'
import { openDuckdbSeries } from '../store/duckdb/series.ts'
import { follow } from '../store/follow.ts'
import { openDirectory } from '../store/ledger/directory.ts'
import { openSqliteLedger } from '../store/ledger/ledger.ts'
import { hashToken } from '../store/ledger/registry.ts'
import { readKept } from '../store/ledger/retention.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'

export const adminToken = 'the-token-of-the-administrator'
export const testNow = Date.UTC(2026, 2, 2, 12)
export const gtin = '09521234543213'
export const pallet = 'https://id.gs1.org/00/106141412345678908'
export const giai = 'https://id.gs1.org/8004/952123400001'
export const unit = (serial: string): string => `https://id.gs1.org/01/${gtin}/21/${serial}`

export type Api = Awaited<ReturnType<typeof openApi>>

export async function openApi(change: Partial<Deps> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-api-'))
  mkdirSync(join(folder, 'log'))
  const ledger = change.ledger ?? (await openSqliteLedger(folder))
  const log = await openLmdbLog({ folder: join(folder, 'log'), bytesMax: 1 << 30 })
  const series = await openDuckdbSeries({ folder: join(folder, 'series') })
  const directory = await openDirectory(ledger)
  const capture = follow(log, { name: 'capture', step: captureStep(ledger) })
  const births = openBirths(ledger)
  const decode = decodeOnce({ device: directory.device, birth: births.at })
  const recording = births.knowing(recordStep({ series, ledger, decode }), () => log.size().first)
  const record = follow(log, { name: 'record', step: recording })
  const listeners = new Set<(change: Change) => void>()
  const reported: unknown[] = []
  const disconnected: string[] = []
  const kept = () => readKept(ledger.db)
  const deps: Deps = {
    ledger,
    series,
    kept,
    backTests: openBackTestRuns({ series: change.series ?? series, kept, now: () => testNow }),
    anomalies: { score: scoreReadings, train: trainInThread },
    log,
    now: () => testNow,
    admin: { tokenHash: hashToken(adminToken) },
    applied: (offset) => capture.advanced(offset),
    changes: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    broker: { disconnect: (id) => disconnected.push(id) },
    onDeviceChange: (tenant, id) => directory.refresh(tenant, id),
    health: () => ({ parts: { log: { state: 'up' } } }),
    metrics: async () => '',
    report: (error) => reported.push(error),
    ...change,
  }
  const app = createApp(deps)

  /** A request as the administrator, unless a token is given; objects go as JSON. */
  const ask = async (
    method: string,
    path: string,
    { body, token = adminToken, headers = {} }: AskOptions = {},
  ): Promise<Response> => {
    const plain = typeof body === 'string' || body instanceof Uint8Array
    return app.request(path, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: plain ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
      }),
    })
  }
  return {
    app,
    deps,
    log,
    folder,
    reported,
    disconnected,
    ask,
    /** The answer's JSON, whatever its status. */
    json: async <T = Json>(method: string, path: string, options?: AskOptions): Promise<T> =>
      bodyOf<T>(await ask(method, path, options)),
    tell: (change: Change): void => {
      for (const listener of listeners) listener(change)
    },
    /** Resolves when all that was kept has been applied and recorded. */
    settled: async (): Promise<void> => {
      if (log.end === 0) return
      await Promise.all([capture.advanced(log.end - 1), record.advanced(log.end - 1)])
    },
    keyWith: async (...roles: string[]): Promise<string> => {
      const answer = await ask('POST', '/api/v1/keys', { body: { name: 'test', roles } })
      return (await bodyOf(answer)).token
    },
    close: async (): Promise<void> => {
      await Promise.all([capture.stop(), record.stop()])
      await Promise.all([log.close(), series.close()])
      // Whoever opened it closes it.
      if (!change.ledger) await ledger.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const bodyOf = async <T = Json>(answer: Response): Promise<T> => (await answer.json()) as T

export interface AskOptions {
  body?: unknown
  token?: string
  headers?: Record<string, string>
}

/** What most answers are; tests say when theirs is another. */
export interface Json {
  id: string
  token: string
  status: number
  detail: string
  errors: { code: string; path: string; detail: string; at?: number; remedy?: string }[]
  items: Record<string, unknown>[]
  next: string | null
}

const contextLink = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'

export const documentOf = (...eventList: object[]) => ({
  '@context': [contextLink],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2026-03-01T00:00:00Z',
  epcisBody: { eventList },
})

const common = { eventTimeZoneOffset: '+00:00' }
export const commission = (serials: string[], lot = 'L1', eventTime = '2026-03-01T08:00:00Z') => ({
  ...common,
  type: 'ObjectEvent',
  eventTime,
  action: 'ADD',
  bizStep: 'commissioning',
  epcList: serials.map(unit),
  ilmd: { 'cbvmda:lotNumber': lot },
})
export const pack = (serials: string[], eventTime = '2026-03-01T09:00:00Z') => ({
  ...common,
  type: 'AggregationEvent',
  eventTime,
  action: 'ADD',
  bizStep: 'packing',
  parentID: pallet,
  childEPCs: serials.map(unit),
})
export const mount = (eventTime = '2026-03-01T10:00:00Z', action = 'ADD') => ({
  ...common,
  type: 'AssociationEvent',
  eventTime,
  action,
  bizStep: 'assembling',
  parentID: pallet,
  childEPCs: [giai],
})
