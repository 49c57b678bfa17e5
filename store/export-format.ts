// The form in which an installation leaves its stores and enters others: a folder of gzipped NDJSON
// chunks and a manifest, written last. Knows tables and readings as rows, not what they mean.
//
// Offsets of the old log mean nothing to a new one, but their order does: captured events are
// listed in it, and a refusal is known by it. All are moved below 0, where no offset of the new log
// comes, and keep their order. Readings need less: nobody asks for what stood before an offset of a
// log that every follower has read to its end, so all of them come before everything new, as one.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Corrupt, OperatorError } from '../domain/refusal.ts'
import { hoursToName, keptFromName } from './ledger/retention.ts'
import type { LedgerTables } from './ledger/schema.ts'

/**
 * Tables that move, with the columns of their key. Not the cursors: the new log has its own; nor
 * births, which hold for what follows them there: edge nodes are asked for new ones. Of `meta` only
 * what `movedMeta` names.
 */
export const movedTables: Record<
  Exclude<keyof LedgerTables, 'cursors' | 'sparkplugBirths'>,
  readonly string[]
> = {
  meta: ['name'],
  keys: ['id'],
  handOverKeys: ['tenant', 'id'],
  products: ['tenant', 'gtin'],
  profileVersions: ['tenant', 'gtin', 'version'],
  devices: ['tenant', 'id'],
  calibrations: ['tenant', 'device', 'calibratedAt'],
  captures: ['tenant', 'id'],
  events: ['id'],
  lots: ['id'],
  epcs: ['id'],
  mentions: ['tenant', 'epc', 'event', 'role'],
  stays: ['tenant', 'child', 'relation', 'from', 'parent'],
  conflicts: ['id'],
  detectors: ['tenant', 'device'],
  alerts: ['tenant', 'id'],
  revisions: ['tenant', 'alert', 'revision'],
  serialChunks: ['tenant', 'serialSet', 'chunk'],
  refusals: ['id'],
  queries: ['tenant', 'name'],
  notices: ['tenant', 'kind', 'ref'],
  endpoints: ['tenant', 'id'],
  deliveries: ['tenant', 'endpoint', 'number'],
  pools: ['tenant', 'id'],
  poolSerials: ['tenant', 'prefix', 'serial'],
  allocations: ['tenant', 'pool', 'first'],
  poolReturns: ['tenant', 'pool', 'place'],
  masterData: ['tenant', 'type', 'id', 'version'],
  lotRecords: ['tenant', 'gtin', 'lot', 'version'],
  links: ['tenant', 'anchor'],
  recalls: ['tenant', 'id'],
  recallRevisions: ['tenant', 'recall', 'revision'],
  recalled: ['tenant', 'epc', 'recall'],
  recallHolders: ['tenant', 'recall', 'holder'],
  scans: ['tenant', 'epc', 'unknown', 'session', 'source'],
  verifications: ['tenant', 'id'],
  armedLimits: ['tenant', 'container', 'armedAt', 'said'],
  mappings: ['tenant', 'name'],
  loads: ['tenant', 'id'],
  loadRefusals: ['tenant', 'load', 'line', 'pos'],
  transmissions: ['tenant', 'id'],
  sightings: ['tenant', 'epc', 'session', 'place', 'label'],
  suspects: ['tenant', 'kind', 'subject'],
  findings: ['tenant', 'subject', 'detector', 'key'],
  cases: ['tenant', 'id'],
  caseRevisions: ['tenant', 'case', 'revision'],
  caseVerdicts: ['tenant', 'case', 'number'],
  backTests: ['tenant', 'id'],
  profileChanges: ['tenant', 'id'],
  tenantSettings: ['tenant'],
  silenceLooks: ['tenant', 'device'],
  silenceClosings: ['tenant', 'device', 'container', 'at'],
  tellings: ['tenant', 'alert'],
  anomalyModels: ['tenant', 'device', 'channel', 'version'],
  deviceClocks: ['tenant', 'device', 'at'],
  clockCorrections: ['tenant', 'device', 'id'],
  labSessions: ['tenant', 'id'],
  labParts: ['tenant', 'session', 'node'],
  edgeSessions: ['tenant', 'device', 'node'],
  people: ['tenant', 'id'],
  sessions: ['tokenHash'],
  evidence: ['tenant', 'seq'],
  evidenceTrees: ['tenant'],
  alertLives: ['tenant', 'alert'],
  alertEntries: ['tenant', 'alert', 'number'],
  dispositions: ['tenant', 'id'],
  decisions: ['tenant', 'epc', 'disposition'],
  outbox: ['tenant', 'id'],
  investigations: ['tenant', 'id'],
  investigationRevisions: ['tenant', 'investigation', 'revision'],
  budgetCorrections: ['tenant', 'id'],
  correctedUnits: ['tenant', 'epc', 'correction'],
  notificationRules: ['tenant', 'id'],
  notifications: ['tenant', 'id'],
}

export type MovedTable = keyof typeof movedTables
export type MovedRow = Record<string, string | number | null | Uint8Array>

/** What of `meta` is the installation's and not the process's. */
export const movedMeta = ['adminTokenHash', keptFromName, hoursToName]

/** The columns that hold offsets of the log. */
export const offsetColumns: Partial<Record<MovedTable, string>> = {
  events: 'seq',
  refusals: 'offset',
  endpoints: 'offset',
}

/** Offset of every reading that was moved. */
export const movedOffset = -1

/** Readings of one channel, `[epoch ms, value]` ascending. */
export interface MovedPoints {
  tenant: string
  device: string
  channel: string
  points: [number, number][]
}

/** Hours of one channel, `[epoch ms, the numbers of store/hour-columns.ts, bins]` ascending. */
export interface MovedHours {
  tenant: string
  device: string
  channel: string
  hours: [number, (number | null)[], string | null][]
}

export type MovedKind = MovedTable | 'series' | 'hours'

export interface ExportChunk {
  file: string
  of: MovedKind
  /** Rows, readings, or hours. */
  rows: number
  sha256: string
}

export interface ExportManifest {
  kind: 'isotherm-export'
  form: typeof exportForm
  id: string
  /** RFC 3339. */
  madeAt: string
  /** In the order in which they are to be read. */
  chunks: ExportChunk[]
}

/** 1, of releases to 0.2.0, knows the tables that those had. */
export const exportForm = 2

const manifestName = 'manifest.json'

/**
 * Undefined when the folder is no finished export. Throws OperatorError for one of another form.
 */
export function readExport(folder: string): ExportManifest | undefined {
  const file = join(folder, manifestName)
  if (!existsSync(file)) return undefined
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as ExportManifest
  if (manifest.kind !== 'isotherm-export') return undefined
  const known = (of: string): boolean =>
    of === 'series' || of === 'hours' || Object.hasOwn(movedTables, of)
  if (manifest.form < exportForm)
    throw new OperatorError(
      `the export ${folder} was made by an older release, which kept other tables`,
      'import it with that release, and start this one on what it has imported into',
    )
  if (manifest.form !== exportForm || !manifest.chunks.every(({ of }) => known(of)))
    throw new OperatorError(
      `the export ${folder} was made by a newer release`,
      'import it with that release',
    )
  return manifest
}

export function writeExportManifest(folder: string, manifest: ExportManifest): void {
  const partial = join(folder, `${manifestName}.partial`)
  writeFileSync(partial, `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600 })
  renameSync(partial, join(folder, manifestName))
}

/** It holds hashes of tokens: for its owner only. */
export function writeChunk(
  folder: string,
  chunk: Omit<ExportChunk, 'sha256'>,
  lines: readonly string[],
): ExportChunk {
  const bytes = gzipSync(`${lines.join('\n')}\n`, { level: 3 })
  writeFileSync(join(folder, chunk.file), bytes, { mode: 0o600 })
  return { ...chunk, sha256: sha256Of(bytes) }
}

/** Throws Corrupt when it is not what was exported. */
export function readChunk<T>(folder: string, { file, sha256 }: ExportChunk): T[] {
  const place = join(folder, file)
  const bytes = existsSync(place) ? readFileSync(place) : Buffer.alloc(0)
  if (sha256Of(bytes) !== sha256)
    throw new Corrupt(place, 'this file of the export is not what was exported')
  const lines = gunzipSync(bytes).toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line, revive) as T)
}

export const formatRow = (row: MovedRow): string =>
  JSON.stringify(row, (name, value: unknown) => {
    const bytes = name !== '' ? bytesOf(value) : undefined
    return bytes ? { base64: bytes.toString('base64') } : value
  })

/** Buffers turn themselves into objects before a replacer sees them. */
function bytesOf(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value)
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data) : undefined
}

function revive(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return value
  return Buffer.from(String(value.base64), 'base64')
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
