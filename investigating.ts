// Who keeps looking for diversion and counterfeits: after captures, scans and readings those who
// were marked are looked at again, at most so often, by one process at a time. Wires the stories of
// `trace` to the detectors of `analytics`, and holds no rule of its own.
import type { CaseChange } from './analytics/cases/cases.ts'
import { investigate } from './analytics/cases/investigate.ts'
import { bounds } from './config.ts'
import type { Ledger } from './store/ledger/ledger.ts'
import { markSuspects, readSuspects } from './store/ledger/suspects.ts'
import type { Series, SeriesRow } from './store/series.ts'
import { storiesOf } from './trace/stories.ts'

export interface Investigating {
  /** Readings were written: their loggers are looked at again, each at most so often. */
  heard(rows: readonly SeriesRow[]): void
  /** Looks at all that is marked by now. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export interface InvestigatingOptions {
  now: () => number
  onCase: (change: CaseChange) => void
  onFail: (error: unknown) => void
  everyMs?: number
}

export function keepInvestigating(
  { ledger, series }: { ledger: Ledger; series: Series },
  { now, onCase, onFail, everyMs = bounds.suspectsEveryMs }: InvestigatingOptions,
): Investigating {
  const state = { stopped: false, restMs: everyMs }
  /** When each logger was marked last, and those that are to be. */
  const marked = new Map<string, number>()
  const waiting = new Map<string, Set<string>>()
  let underWay = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    const at = now()
    for (const [tenant, devices] of waiting) {
      waiting.delete(tenant)
      await ledger.transact((db) =>
        markSuspects(db, tenant, { kind: 'device', subjects: [...devices], at }),
      )
    }
    if ((await readSuspects(ledger.db, { asOf: at, limit: 1 })).length === 0) return
    const stopped = (): boolean => state.stopped
    await ledger.singleton('cases', () =>
      investigate({ ledger, series, stories: storiesOf, now, onCase, stopped }),
    )
  }
  const turn = (): Promise<void> => {
    const begun = performance.now()
    underWay = underWay.then(look).catch(onFail)
    return underWay.then(() => {
      state.restMs = Math.max(everyMs, 4 * (performance.now() - begun))
    })
  }
  const rest = (): void => {
    if (state.stopped) return
    timer = setTimeout(() => void turn().then(rest), state.restMs).unref()
  }
  rest()
  return {
    heard: (rows) => {
      const at = now()
      let before = ''
      for (const { tenant, device } of rows) {
        if (device === before) continue
        before = device
        const key = `${tenant}/${device}`
        if (at - (marked.get(key) ?? -Infinity) < bounds.deviceLookMs) continue
        marked.set(key, at)
        const own = waiting.get(tenant)
        if (own) own.add(device)
        else waiting.set(tenant, new Set([device]))
      }
    },
    settle: turn,
    stop: async () => {
      state.stopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
