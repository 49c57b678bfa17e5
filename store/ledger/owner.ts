// One server per data folder. The operating system holds the lock (SQLite's file lock), so it is
// gone with the process however that ends, and no stale file can lock anybody out.
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OperatorError } from '../../domain/refusal.ts'

export interface Owner {
  release(): void
}

/**
 * Makes the folder when it is missing. Throws OperatorError when it cannot be used or has an owner.
 */
export function ownFolder(folder: string): Owner {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw notWritable(folder, error)
  }
  const pidFile = join(folder, 'owner.pid')
  let lock: Database.Database
  try {
    lock = new Database(join(folder, 'owner.lock'), { timeout: 0 })
    lock.pragma('locking_mode = exclusive')
    lock.exec('begin exclusive')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'))
      throw notWritable(folder, error)
    throw new OperatorError(
      `another Isotherm${readPid(pidFile)} uses the data folder ${folder}`,
      'stop that one, or give this one a folder of its own with ISOTHERM_DATA_DIR',
      error,
    )
  }
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    release: () => {
      lock.exec('rollback')
      lock.close()
    },
  }
}

function readPid(file: string): string {
  try {
    return ` (process ${readFileSync(file, 'utf8').trim()})`
  } catch {
    return ''
  }
}

const notWritable = (folder: string, error: unknown): OperatorError =>
  new OperatorError(
    `the data folder ${folder} cannot be written: ${error instanceof Error ? error.message : error}`,
    'make it writable for this user and see that the disk has space, or choose another with ISOTHERM_DATA_DIR',
    error,
  )
