// What requests write one by one goes together: those that come while others are written share one
// transaction, for its commit costs more than their rows. Nothing waits that need not.
import type { LedgerQuery, LedgerView } from '../store/ledger/ledger.ts'

/**
 * `write`: all of one tenant that came together, in one transaction. What is returned resolves when
 * the entry is durable; rejects when its transaction failed.
 */
export function openGathering<T>(
  countMax: number,
  write: (db: LedgerQuery, tenant: string, entries: readonly T[]) => Promise<unknown>,
): (ledger: LedgerView, tenant: string, entry: T) => Promise<void> {
  const open = new Map<string, { entries: T[]; written: Promise<void> }>()
  const last = new Map<string, Promise<void>>()
  return (ledger, tenant, entry) => {
    const joined = open.get(tenant)
    if (joined && joined.entries.length < countMax) {
      joined.entries.push(entry)
      return joined.written
    }
    const entries = [entry]
    const before = last.get(tenant)?.catch(() => undefined) ?? Promise.resolve()
    const written = before.then(async () => {
      await ledger.transact(async (db) => {
        // Its turn has come: who comes from here on is of the next.
        if (open.get(tenant)?.entries === entries) open.delete(tenant)
        await write(db, tenant, entries)
      })
    })
    open.set(tenant, { entries, written })
    last.set(tenant, written)
    const forget = (): void => {
      if (open.get(tenant)?.entries === entries) open.delete(tenant)
      if (last.get(tenant) === written) last.delete(tenant)
    }
    written.then(forget, forget)
    return written
  }
}
