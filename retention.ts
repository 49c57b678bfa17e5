// Readings past their time are dropped, day by day, by one process of all. Alerts stay: what is
// gone is first said to be gone, and no detector takes it for readings that never came.
import { bounds } from './config.ts'
import type { Logger } from './logging.ts'
import { moveKeptFrom } from './store/ledger-retention.ts'
import type { Stores } from './stores.ts'

const dayMs = 86_400_000

/** Resolves when it was done, or is not to be done here. Rejects with Unavailable. */
export async function dropOld(
  { ledger, series }: Pick<Stores, 'ledger' | 'series'>,
  { now, days }: { now: number; days: number | undefined },
): Promise<void> {
  // A store that was made by somebody else may keep less than is asked of it here.
  const keepsMs = Math.min((await series.keepsMs?.()) ?? Infinity, (days ?? Infinity) * dayMs)
  if (keepsMs === Infinity) return
  const before = Math.floor((now - keepsMs) / dayMs) * dayMs
  await ledger.singleton('retention', async () => {
    await ledger.transact((db) => moveKeptFrom(db, before), { serializable: true })
    await series.dropBefore(before)
  })
}

/** Now, and then a few times a day. Returns the way to stop. */
export function keepRetention(
  stores: Pick<Stores, 'ledger' | 'series'>,
  { days, now, logger }: { days: number | undefined; now: () => number; logger: Logger },
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const failed = (error: unknown): void =>
    logger.warn({ err: error }, 'old readings were not dropped: tried again later')
  const drop = (): void => {
    running = running.then(() => dropOld(stores, { now: now(), days })).catch(failed)
  }
  drop()
  const timer = setInterval(drop, bounds.retentionEveryMs).unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
