// The doctor's look at the data folder: can it be written, is there room, who owns it, and do the
// embedded stores read back. Files are read in a child process (store/check/embedded-child.ts), and
// only when no server has them open.
import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmdirSync, statfsSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { bounds } from '../../config.ts'
import { OperatorError } from '../../domain/refusal.ts'
import { ownFolder } from '../ledger/owner.ts'
import { broken, type Check, doubtful, reasonOf, well } from './check.ts'
import type { EmbeddedAsked, EmbeddedStore } from './embedded-child.ts'

export interface EmbeddedOptions {
  folder: string
  /** Which of them are embedded. */
  stores: EmbeddedStore[]
  logBytesMax: number
}

const MiB = 1024 * 1024

export async function checkEmbedded(options: EmbeddedOptions): Promise<Check[]> {
  const folder = resolve(options.folder)
  const place = checkFolder(folder)
  const checks = [place]
  if (place.state === 'broken') return checks
  if (options.stores.includes('log')) checks.push(checkRoom(folder, options.logBytesMax))
  if (!existsSync(folder) || options.stores.length === 0) return checks
  try {
    const owner = ownFolder(folder)
    try {
      checks.push(...(await readStores({ folder, stores: options.stores })))
    } finally {
      owner.release()
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    checks.push(well('stores', `${error.message}: it answers for its stores itself`))
  }
  return checks
}

function checkFolder(folder: string): Check {
  const part = 'data folder'
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  if (!statSync(existing).isDirectory())
    return broken(part, `${existing} is no folder`, 'set ISOTHERM_DATA_DIR to another place')
  try {
    rmdirSync(mkdtempSync(join(existing, '.isotherm-doctor-')))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const detail = `${existing} cannot be written: ${reasonOf(error)}`
    if (code === 'EROFS') return broken(part, detail, `mount -o remount,rw ${existing}`)
    if (code === 'ENOSPC') return broken(part, detail, `free space on the disk of ${existing}`)
    return broken(part, detail, `sudo chown -R ${userInfo().username} ${existing}`)
  }
  const made = existing === folder ? '' : ', made at the first start'
  return well(part, `${folder} can be written${made}`)
}

/** The log may grow to its cap while the series store is away. */
function checkRoom(folder: string, logBytesMax: number): Check {
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  const { bavail, bsize } = statfsSync(existing)
  const free = bavail * bsize
  const used = bytesBelow(join(folder, 'log'))
  const wanted = Math.max(0, logBytesMax - used)
  const detail = `${mib(free)} MiB free, and the log may still take ${mib(wanted)} MiB`
  const room = mib(free / 2 + used)
  const smaller = `ISOTHERM_LOG_MAX_MIB=${Math.max(4, room)}, or free space on the disk`
  if (free < 64 * MiB) return broken('disk', detail, `free space on the disk of ${existing}`)
  if (free < wanted) return doubtful('disk', detail, smaller)
  return well('disk', detail)
}

const mib = (bytes: number): number => Math.floor(bytes / MiB)

function bytesBelow(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0)
}

function readStores(asked: EmbeddedAsked): Promise<Check[]> {
  const child = fork(new URL('./embedded-child.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const checks: Check[] = []
  const late = setTimeout(() => child.kill('SIGKILL'), 4 * bounds.doctorReadMs)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.on('message', ({ check }: { check: Check }) => checks.push(check))
    child.once('exit', (code, signal) => {
      clearTimeout(late)
      for (const store of asked.stores.slice(checks.length, checks.length + 1)) {
        const detail = `reading it ended the process that tried (${signal ?? `exit code ${code}`})`
        const away = `mv ${asked.folder} ${asked.folder}.damaged && isotherm restore BACKUP`
        checks.push(broken(store, detail, `${away} (keep the damaged folder)`))
      }
      // What stood behind the damaged one was not read: looked at by itself.
      const left = asked.stores.slice(checks.length)
      if (left.length === 0) resolve(checks)
      else
        readStores({ ...asked, stores: left }).then((more) => resolve([...checks, ...more]), reject)
    })
    child.send(asked)
  })
}
