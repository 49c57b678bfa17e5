// How quickly messages came in, device by device, for whoever looks after clocks (domain/clock.ts).
// Gathers the least delay of each stretch of arrivals and writes what became less: a device that is
// in order costs a few rows a day. Judges nothing.
import { bounds } from '../config.ts'
import { clockStretchMs } from '../domain/clock.ts'
import { type ClockRow, forgetClocks, writeClocks } from '../store/ledger/clocks.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'

export interface ClockWatch {
  /** Messages of a device came in; `leastMs`: from the newest reading of one to its arrival. */
  heard(of: { tenant: string; device: string; leastMs: number; recordTime: number }): void
  /** Whether there is something to write. */
  readonly news: boolean
  /** In a transaction; what could not be kept is less the next time. */
  keep(db: LedgerQuery): Promise<void>
}

/** What is less by no more than this says nothing new. */
const newsMs = 1000

export function openClockWatch(): ClockWatch {
  const known = new Map<string, { at: number; leastMs: number }>()
  const fresh = new Map<string, ClockRow>()
  let newest = Number.NEGATIVE_INFINITY
  return {
    heard: ({ tenant, device, leastMs, recordTime }) => {
      const key = `${tenant}/${device}`
      const at = Math.floor(recordTime / clockStretchMs) * clockStretchMs
      const before = known.get(key)
      if (before?.at === at && leastMs > before.leastMs - newsMs) return
      if (known.size >= bounds.detectorMemoryMax) known.clear()
      known.set(key, { at, leastMs })
      fresh.set(`${key}/${at}`, { tenant, device, at, leastMs })
    },
    get news() {
      return fresh.size > 0
    },
    keep: async (db) => {
      const rows = [...fresh.values()]
      fresh.clear()
      if (rows.length === 0) return
      await writeClocks(db, rows)
      const last = Math.max(...rows.map(({ at }) => at))
      if (last > newest) await forgetClocks(db, last - bounds.clockLooksKeptMs)
      newest = Math.max(newest, last)
    },
  }
}
