// Ledger queries: from when on readings are kept. Moved before older ones are dropped, so that
// nobody takes what is gone for what never was.
import type { LedgerQuery } from './ledger.ts'
import { readMeta, writeMeta } from './ledger-registry.ts'

export const keptFromName = 'series/kept-from'

/** Epoch ms; -Infinity when nothing was ever dropped. */
export async function readKeptFrom(db: LedgerQuery): Promise<number> {
  const kept = await readMeta(db, keptFromName)
  return kept === undefined ? Number.NEGATIVE_INFINITY : Number(kept)
}

/** Never goes back. Returns what stands now. */
export async function moveKeptFrom(db: LedgerQuery, time: number): Promise<number> {
  const kept = await readKeptFrom(db)
  if (kept >= time) return kept
  await writeMeta(db, keptFromName, String(time))
  return time
}
