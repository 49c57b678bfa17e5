// Backup of the embedded stores while they are written to, and its way back. A backup is a folder:
// one file per store and a manifest with their SHA-256, written last, so that a folder without it
// is no backup. Refuses to overwrite anything.
//
// Why three copies made one after the other are one consistent whole: what every follower has
// passed is noted first (the saved cursors), and the log drops nothing beyond it until all is
// copied. Then the ledger is copied as of one moment, then the series, last the log, in whose copy
// the followers stand where they stood at the beginning. So each follower will read again
// everything since then, which changes nothing that is there already (I2). Whatever the ledger
// knows, the later copies know too: its own cursors are not ahead of the log, and readings that its
// detector has seen as recorded are in the series. What was acknowledged before the backup began
// was durable in the log, and is in the copy of the log or of the stores behind it (I1).
import { createHash } from 'node:crypto'
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import { Corrupt, OperatorError, Unavailable } from '../domain/refusal.ts'
import type { DuckdbSeries } from './duckdb/series.ts'
import type { Ledger } from './ledger/ledger.ts'
import { LmdbLog } from './lmdb/log.ts'
import type { Log } from './log.ts'
import type { Series } from './series.ts'

/** What the stores of this process must be able to do to be copied. */
export interface CopiedStores {
  /** Its `ledger.sqlite` is read as a file. */
  dataDir: string
  series: { copyTo(file: string): Promise<void> }
  log: {
    pin(): { cursors: ReadonlyMap<string, number>; release: () => void }
    copyTo(folder: string, cursors: ReadonlyMap<string, number>): Promise<void>
  }
}

export interface BackupFile {
  name: string
  bytes: number
  sha256: string
}

export interface BackupManifest {
  kind: 'isotherm-backup'
  /** Form of the backup; that of the stores is told by the ledger's migrations. */
  form: 1
  /** RFC 3339. Everything acknowledged before is in it. */
  beganAt: string
  files: BackupFile[]
}

/** Where each file of a backup belongs in a data folder. */
const places = {
  'ledger.sqlite': 'ledger.sqlite',
  'series.duckdb': join('series', 'series.duckdb'),
  'log.mdb': join('log', 'data.mdb'),
} as const
type FileName = keyof typeof places

const manifestName = 'manifest.json'

/** Undefined unless all of them are embedded: other databases have tools of their own for it. */
export function copiedStores(
  { log, series, ledger }: { log: Log; series: Series; ledger: Ledger },
  dataDir: string,
): CopiedStores | undefined {
  const copied = log instanceof LmdbLog && isDuckdb(series) && ledger.dialect === 'sqlite'
  return copied ? { dataDir, series, log } : undefined
}

const isDuckdb = (series: Series): series is DuckdbSeries => 'copyTo' in series

/** Makes the folder. Throws OperatorError when it is in use, Unavailable when the disk refuses. */
export async function backupStores(
  stores: CopiedStores,
  folder: string,
  beganAt: number,
): Promise<BackupManifest> {
  makeEmpty(folder)
  refuseWithoutRoom(stores.dataDir, folder)
  const pinned = stores.log.pin()
  try {
    await copyLedger(join(stores.dataDir, 'ledger.sqlite'), join(folder, 'ledger.sqlite'))
    await stores.series.copyTo(join(folder, 'series.duckdb'))
    const logFolder = join(folder, 'log')
    await stores.log.copyTo(logFolder, pinned.cursors)
    renameSync(join(logFolder, 'data.mdb'), join(folder, 'log.mdb'))
    rmSync(logFolder, { recursive: true })
    const files: BackupFile[] = []
    for (const name of Object.keys(places)) files.push(await seal(folder, name))
    const manifest: BackupManifest = {
      kind: 'isotherm-backup',
      form: 1,
      beganAt: new Date(beganAt).toISOString(),
      files,
    }
    await writeManifest(folder, manifest)
    return manifest
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  } finally {
    pinned.release()
  }
}

export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const partial = join(folder, `${manifestName}.partial`)
  writeFileSync(partial, `${JSON.stringify(manifest, undefined, 2)}\n`)
  await flush(partial)
  renameSync(partial, join(folder, manifestName))
  await flush(folder)
}

/** Undefined when the folder is no backup. Throws OperatorError for one of a later form. */
export function readManifest(folder: string): BackupManifest | undefined {
  const file = join(folder, manifestName)
  if (!existsSync(file)) return undefined
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as BackupManifest
  if (manifest.kind !== 'isotherm-backup') return undefined
  if (manifest.form !== 1 || manifest.files.some(({ name }) => !Object.hasOwn(places, name)))
    throw new OperatorError(
      `the backup ${folder} was made by a newer release`,
      'restore it with that release',
    )
  return manifest
}

/**
 * Puts a backup into a data folder that holds nothing else (but perhaps its backups). Throws
 * OperatorError, or Corrupt when a file is not what was backed up.
 */
export async function restoreBackup(from: string, dataDir: string): Promise<BackupManifest> {
  const manifest = readManifest(from)
  if (!manifest)
    throw new OperatorError(
      `${from} is no backup: it has no ${manifestName}`,
      'give the folder that isotherm backup has made',
    )
  const partial = join(dataDir, restoring)
  // What an earlier attempt has left behind: no server has begun on it.
  if (existsSync(partial))
    for (const entry of [...entries, restoring])
      rmSync(join(dataDir, entry), { recursive: true, force: true })
  refuseFull(dataDir)
  try {
    for (const file of manifest.files) await copyChecked(from, file, partial)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw error
  }
  for (const entry of entries) renameSync(join(partial, entry), join(dataDir, entry))
  await flush(dataDir)
  rmSync(partial, { recursive: true })
  await flush(dataDir)
  return manifest
}

async function copyChecked(
  from: string,
  { name, bytes, sha256 }: BackupFile,
  into: string,
): Promise<void> {
  const file = join(into, places[name as FileName])
  mkdirSync(dirname(file), { recursive: true })
  cpSync(join(from, name), file)
  const copied = await seal(dirname(file), basename(file))
  if (copied.sha256 !== sha256 || copied.bytes !== bytes)
    throw new Corrupt(join(from, name), 'this file of the backup is not what was backed up')
}

/** Stands in a data folder until everything is in its place. */
const restoring = '.restoring'
const entries = ['series', 'log', 'ledger.sqlite']

/** A server must not begin to work on half of a backup. Throws OperatorError. */
export function refuseUnfinishedRestore(dataDir: string): void {
  if (!existsSync(join(dataDir, restoring))) return
  throw new OperatorError(
    `the restore into ${dataDir} is not finished`,
    'isotherm restore DIR (the same backup again)',
  )
}

/** SHA-256 and size of a file that is on disk for good when this resolves. */
export async function seal(folder: string, name: string): Promise<BackupFile> {
  const file = join(folder, name)
  await flush(file)
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { name, bytes: statSync(file).size, sha256: hash.digest('hex') }
}

/** Throws OperatorError when there is something in it. */
export function makeEmpty(folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (readdirSync(folder).length > 0)
    throw new OperatorError(`${folder} is not empty`, 'give the name of a new folder')
}

const own = ['owner.lock', 'owner.lock-journal', 'owner.pid', 'backups']

function refuseFull(dataDir: string): void {
  if (!existsSync(dataDir)) return
  const kept = readdirSync(dataDir).filter((name) => !own.includes(name))
  if (kept.length > 0)
    throw new OperatorError(
      `the data folder ${dataDir} is not empty: it holds ${kept.slice(0, 3).join(', ')}`,
      `mv ${dataDir} ${dataDir}.before, or set ISOTHERM_DATA_DIR to a new folder`,
    )
}

/**
 * As of one moment: the read transaction holds it, however long the copy takes and whatever is
 * written meanwhile (SQLite, Online Backup API; WAL).
 */
async function copyLedger(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true })
  try {
    source.exec('begin')
    source.prepare('select count(*) from sqlite_schema').get()
    await source.backup(to)
  } finally {
    if (source.inTransaction) source.exec('rollback')
    source.close()
  }
}

/** A full disk stops acknowledgements: better no backup than that. */
function refuseWithoutRoom(dataDir: string, folder: string): void {
  const bytes = Object.values(places)
    .map((place) => join(dataDir, place))
    .reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0)
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize > 1.2 * bytes) return
  rmSync(folder, { recursive: true, force: true })
  const needed = Math.ceil((1.2 * bytes) / 1024 / 1024)
  throw new Unavailable(`the disk has no room for a backup: ${needed} MiB must be free`, 60_000)
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
