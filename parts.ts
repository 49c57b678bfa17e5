// How the parts of this process fare: what readiness and the figures tell, and one line in the log
// each time a part goes away or comes back. Looks at them, mends nothing.
import type { PartHealth } from './api/deps.ts'
import { bounds } from './config.ts'
import type { Role } from './config-urls.ts'
import type { Logger } from './logging.ts'
import type { Stores } from './stores.ts'
import type { Work } from './work.ts'

export interface Parts {
  /** As they are now. */
  read(): Readonly<Record<string, PartHealth>>
  /** When a part was last seen to be not up, epoch ms; absent when never. */
  lastFailures(): ReadonlyMap<string, number>
  stop(): void
}

/** Looks at the parts now and then, by itself. */
export function watchParts(
  look: () => Record<string, PartHealth>,
  { now, logger }: { now: () => number; logger: Logger },
): Parts {
  const failures = new Map<string, number>()
  const awaySince = new Map<string, number>()
  let before: Record<string, PartHealth> = {}
  const read = (): Record<string, PartHealth> => {
    const parts = look()
    const time = now()
    for (const [part, { state, detail }] of Object.entries(parts)) {
      if (state !== 'up') failures.set(part, time)
      const was = before[part]?.state ?? 'up'
      if (was === state) continue
      if (state === 'up') {
        const awayMs = time - (awaySince.get(part) ?? time)
        awaySince.delete(part)
        logger.info({ part, awayMs }, 'is back')
      } else {
        if (!awaySince.has(part)) awaySince.set(part, time)
        if (state === 'down') logger.error({ part, detail }, 'has stopped: a restart is needed')
        else logger.warn({ part, detail }, 'is away: it is tried again until it is back')
      }
    }
    before = parts
    return parts
  }
  const looking = setInterval(read, bounds.partsEveryMs).unref()
  return { read, lastFailures: () => failures, stop: () => clearInterval(looking) }
}

/**
 * What this process needs to do its work: a broker takes packets in and keeps them while the series
 * store is away, so it does not count as unready for it (I12).
 */
export function partsOf(
  { log, series, ledger }: Stores,
  work: Work,
  roles: ReadonlySet<Role>,
): Record<string, PartHealth> {
  const needsSeries = roles.has('record') || roles.has('detect') || roles.has('api')
  const worst: Record<string, PartHealth> = {
    log: log.pressed
      ? { state: 'waiting', detail: log.fault?.message ?? 'full or the disk refuses' }
      : { state: 'up' },
    ...(needsSeries && { series: stateOf(series.failure) }),
    ledger: stateOf(ledger.failure),
  }
  const rank = { up: 0, waiting: 1, down: 2 }
  for (const { follower } of work.followers()) {
    const state = ({ running: 'up', waiting: 'waiting', stopped: 'down' } as const)[follower.state]
    const detail = follower.lastError?.message
    const before = worst[follower.name]
    if (!before || rank[state] > rank[before.state])
      worst[follower.name] = { state, ...(detail && { detail }) }
  }
  return worst
}

const stateOf = (failure: Error | undefined): PartHealth =>
  failure ? { state: 'waiting', detail: failure.message } : { state: 'up' }
