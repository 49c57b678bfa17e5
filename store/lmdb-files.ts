// The LMDB environment behind the embedded log: opening its folder, writing durably, measuring it. Knows
// keys and bytes, neither envelopes nor followers.
import { accessSync, constants, mkdirSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { OperatorError } from '../domain/refusal.ts'

export interface LmdbFiles {
  env: RootDatabase
  /** Sealed batches by their first offset. */
  batches: Batches
  /** Saved offsets by the name of the follower. */
  cursors: Database<number, string>
}

/** Put in append mode resolves false, and changes nothing, when the key is not the greatest. LMDB's types
 * do not know the option. */
type Batches = Database<Buffer, number> & {
  put(key: number, value: Buffer, options: { append: true }): Promise<boolean>
}

/** Creates the folder when missing. Throws OperatorError when it cannot be used. */
export function openLmdbFiles(folder: string): LmdbFiles {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const env = open({
      path: folder,
      noSubdir: false,
      maxDbs: 2,
      // A write is told only after fdatasync of the pages and a synchronous write of the meta page. With
      // overlapping sync it would be told before, when merely visible to readers.
      overlappingSync: false,
      // One transaction per `transact`. The implicit ones leave a promise behind that nobody can catch.
      eventTurnBatching: false,
    })
    return {
      env,
      batches: env.openDB<Buffer, number>('batches', { encoding: 'binary' }) as Batches,
      cursors: env.openDB<number, string>('cursors', { encoding: 'json' }),
    }
  } catch (error) {
    throw new OperatorError(
      `the log in ${folder} cannot be opened: ${reasonOf(error)}`,
      'give the data folder to the user that runs Isotherm, writable and with free space',
      error,
    )
  }
}

/** Runs the writes as one transaction; resolves with the result of `write` when they are on disk. When it
 * rejects, none of them is. */
export async function transact<T>(files: LmdbFiles, write: () => T): Promise<Awaited<T>> {
  let inner: T | undefined
  const outer = files.batches.batch(() => {
    inner = write()
  })
  const [committed, result] = await Promise.allSettled([outer, inner as T])
  for (const settled of [committed, result])
    if (settled.status === 'rejected') throw await causeOf(settled.reason)
  return (result as PromiseFulfilledResult<Awaited<T>>).value
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

/** What a value of so many bytes takes: LMDB gives one beyond half a page whole pages of its own. */
export function storedBytes(length: number): number {
  const pageBytes = 4096
  const entryBytes = length + 32
  return length < pageBytes / 2 ? entryBytes : Math.ceil(entryBytes / pageBytes) * pageBytes
}

/** LMDB says "Commit failed" and hands the reason over in a second promise, which must not stay uncaught. */
async function causeOf(error: unknown): Promise<Error> {
  const { commitError } = error as { commitError?: Promise<never> }
  if (!commitError) return error as Error
  return commitError.catch((cause: Error) => cause)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
