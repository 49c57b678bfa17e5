// Who keeps open recalls true: after captures and alerts they are looked at again, at most so
// often, by one process at a time. Wires, and holds no rule of its own.
import { bounds } from './config.ts'
import type { Ledger } from './store/ledger.ts'
import { readKept } from './store/ledger-retention.ts'
import type { Series } from './store/series.ts'
import { restateAll } from './trace/recalls.ts'

export interface Recalling {
  /** There may be other units to recall than a moment ago. */
  wake(): void
  stop(): Promise<void>
}

export interface RecallingOptions {
  now: () => number
  onFail: (error: unknown) => void
  everyMs?: number
}

export function keepRecalls(
  { ledger, series }: { ledger: Ledger; series: Series },
  { now, onFail, everyMs = bounds.recallLookMs }: RecallingOptions,
): Recalling {
  const heard = { series, kept: () => readKept(ledger.db) }
  const state = { asked: false, stopped: false, restMs: everyMs }
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined
  const look = async (): Promise<void> => {
    state.asked = false
    const begun = performance.now()
    try {
      await ledger.singleton('recalls', () => restateAll(ledger, now, heard))
    } catch (error) {
      // Tried again as if it had been asked for: what made it necessary is still there.
      state.asked = true
      onFail(error)
    }
    state.restMs = Math.max(everyMs, 10 * (performance.now() - begun))
    underWay = undefined
    if (state.asked) rest()
  }
  const rest = (): void => {
    if (state.stopped || timer !== undefined || underWay) return
    timer = setTimeout(() => {
      timer = undefined
      underWay = look()
    }, state.restMs).unref()
  }
  return {
    wake: () => {
      state.asked = true
      rest()
    },
    stop: async () => {
      state.stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
