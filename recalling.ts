// Who keeps open recalls true: after captures and alerts they are looked at again, after readings
// those that ask what units went through; at most so often, by one process at a time. Wires, and
// holds no rule of its own.
import { bounds } from './config.ts'
import type { Ledger } from './store/ledger/ledger.ts'
import { readKept } from './store/ledger/retention.ts'
import type { Series } from './store/series.ts'
import { type RecallChange, type RestateCause, restateAll } from './trace/recall/recalls.ts'

export interface Recalling {
  /** There may be other units to recall than a moment ago. */
  wake(): void
  /** And where recalls ask for exposure: readings came. */
  heard(): void
  stop(): Promise<void>
}

export interface RecallingOptions {
  now: () => number
  onFail: (error: unknown) => void
  /** Who is meant, or where they are, is no longer what it was. */
  onChange?: (told: RecallChange) => void
  everyMs?: number
}

export function keepRecalls(
  { ledger, series }: { ledger: Ledger; series: Series },
  { now, onFail, onChange, everyMs = bounds.recallLookMs }: RecallingOptions,
): Recalling {
  const heard = { series, kept: () => readKept(ledger.db) }
  const state: { asked: RestateCause | undefined; stopped: boolean; restMs: number } = {
    ...{ asked: undefined, stopped: false, restMs: everyMs },
  }
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined
  // Events ask for all recalls, readings for some.
  const ask = (cause: RestateCause): void => {
    if (state.asked !== 'events') state.asked = cause
  }
  const look = async (): Promise<void> => {
    const cause = state.asked ?? 'events'
    state.asked = undefined
    const begun = performance.now()
    try {
      const of = { now, cause, heard, ...(onChange && { onChange }) }
      await ledger.singleton('recalls', () => restateAll(ledger, of))
    } catch (error) {
      // Tried again as if it had been asked for: what made it necessary is still there.
      ask(cause)
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
      ask('events')
      rest()
    },
    heard: () => {
      ask('readings')
      rest()
    },
    stop: async () => {
      state.stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
