// Readings past their time are dropped, day by day, by one process of all. What is gone is first
// said to be gone, so that no detector takes it for readings that never came; then hours are made
// of it, which stay (ADR 0012); only then it goes. Alerts stay as they are.
import { bounds } from './config.ts'
import { hourMs } from './domain/hours.ts'
import type { Logger } from './logging.ts'
import { moveHoursTo, moveKeptFrom } from './store/ledger/retention.ts'
import { makeHours } from './store/make-hours.ts'
import type { Stores } from './stores.ts'

const dayMs = 86_400_000

/** Resolves when it was done, or is not to be done here. Rejects with Unavailable. */
export async function dropOld(
  { ledger, series }: Pick<Stores, 'ledger' | 'series'>,
  { now, days }: { now: number; days: number | undefined },
): Promise<void> {
  const ownMs = (await series.keepsMs?.()) ?? Number.POSITIVE_INFINITY
  const keepsMs = Math.min(inTimeMs(ownMs), (days ?? Number.POSITIVE_INFINITY) * dayMs)
  if (keepsMs === Number.POSITIVE_INFINITY) return
  const cutMs = keepsMs >= bounds.retentionMarginDays * dayMs ? dayMs : hourMs
  const before = Math.floor((now - keepsMs) / cutMs) * cutMs
  await ledger.singleton('retention', async (lost) => {
    await ledger.transact((db) => moveKeptFrom(db, before), { serializable: true })
    await makeHours({ ledger, series }, before, lost)
    await ledger.transact((db) => moveHoursTo(db, before), { serializable: true })
    await series.dropBefore(before)
  })
}

/**
 * A store that was made by somebody else may keep less than is asked of it here, and drops it when
 * it likes: hours are made so much earlier.
 */
const inTimeMs = (ownMs: number): number =>
  ownMs - Math.min(bounds.retentionMarginDays * dayMs, ownMs / 2)

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
