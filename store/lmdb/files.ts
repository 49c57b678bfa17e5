// The LMDB environment behind the embedded log: opening its folder, writing durably, measuring it.
// Knows keys and bytes, neither envelopes nor followers.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { OperatorError } from '../../domain/refusal.ts'

export interface LmdbFiles {
  env: RootDatabase
  /** Sealed batches by their first offset. */
  batches: Batches
  /** Saved offsets by the name of the follower. */
  cursors: Database<number, string>
  /** Settles with the transaction under way. */
  idle: Promise<unknown>
}

/**
 * Put in append mode resolves false, and changes nothing, when the key is not the greatest. LMDB's
 * types do not know the option.
 */
type Batches = Database<Buffer, number> & {
  put(key: number, value: Buffer, options: { append: true }): Promise<boolean>
}

/** Creates the folder when missing. Throws OperatorError when it cannot be used. */
export function openLmdbFiles(folder: string): LmdbFiles {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    refuseForeignFile(join(folder, 'data.mdb'))
    const env = open({
      path: folder,
      noSubdir: false,
      maxDbs: 2,
      // A write is told only after fdatasync of the pages and a synchronous write of the meta page.
      // With overlapping sync it would be told before, when merely visible to readers.
      overlappingSync: false,
      // One transaction per `transact`. The implicit ones leave a promise behind that nobody can
      // catch.
      eventTurnBatching: false,
    })
    return {
      env,
      batches: env.openDB<Buffer, number>('batches', { encoding: 'binary' }) as Batches,
      cursors: env.openDB<number, string>('cursors', { encoding: 'json' }),
      idle: Promise.resolve(),
    }
  } catch (error) {
    throw new OperatorError(
      `the log in ${folder} cannot be opened: ${reasonOf(error)}`,
      'give the data folder to the user that runs Isotherm, writable and with free space',
      error,
    )
  }
}

/**
 * Runs the writes as one transaction; resolves with the result of `write` when they are on disk.
 * When it rejects, none of them is. One after the other: LMDB would join what comes at the same
 * time, and a trim that makes room must not fail together with the batch that found none.
 */
export function transact<T>(files: LmdbFiles, write: () => T): Promise<Awaited<T>> {
  const done = files.idle.then(() => runTransaction(files, write))
  files.idle = done.catch(() => undefined)
  return done
}

/**
 * Copies all of it, as of one moment, into another folder, and sets the cursors there to these.
 * Beside it both may be read and written.
 */
export async function copyFiles(
  { env }: LmdbFiles,
  folder: string,
  cursors: ReadonlyMap<string, number>,
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await env.backup(folder, true)
  const copy = openLmdbFiles(folder)
  try {
    await transact(copy, () => {
      for (const key of [...copy.cursors.getKeys()]) copy.cursors.remove(key)
      for (const [name, offset] of cursors) copy.cursors.put(name, offset)
    })
  } finally {
    await copy.env.close()
  }
}

/** Bytes of the pages that hold batches. */
export function keptBytes(files: LmdbFiles): number {
  const stats = files.batches.getStats() as Record<
    'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages' | 'entryCount',
    number
  >
  if (stats.entryCount === 0) return 0
  const pages = stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages
  return pages * stats.pageSize
}

/**
 * What a value of so many bytes takes: LMDB gives one beyond half a page whole pages of its own.
 */
export function storedBytes(length: number): number {
  const pageBytes = 4096
  const entryBytes = length + 32
  return length < pageBytes / 2 ? entryBytes : Math.ceil(entryBytes / pageBytes) * pageBytes
}

async function runTransaction<T>(files: LmdbFiles, write: () => T): Promise<Awaited<T>> {
  let inner: T | undefined
  const outer = files.batches.batch(() => {
    inner = write()
  })
  const [committed, result] = await Promise.allSettled([outer, inner as T])
  for (const settled of [committed, result])
    if (settled.status === 'rejected') throw await causeOf(settled.reason)
  return (result as PromiseFulfilledResult<Awaited<T>>).value
}

/**
 * LMDB says "Commit failed" and hands the reason over in a second promise, which must not stay
 * uncaught.
 */
async function causeOf(error: unknown): Promise<Error> {
  const { commitError } = error as { commitError?: Promise<never> }
  if (!commitError) return error as Error
  return commitError.catch((cause: Error) => cause)
}

/** LMDB itself crashes the process over a file that it did not write. */
function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return
  const head = Buffer.alloc(64)
  const descriptor = openSync(file, 'r')
  const length = readSync(descriptor, head, 0, head.length, 0)
  closeSync(descriptor)
  const magic = Buffer.from([0xde, 0xc0, 0xef, 0xbe])
  if (length > 0 && !head.includes(magic)) throw new Error(`${file} is no LMDB file`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
