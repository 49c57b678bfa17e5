// Back-tests under way in this process: one after the other, told of in the ledger as they go,
// ended when somebody says so. What another process runs is ended by its mark in the ledger.
import { backTest } from './analytics/back-test/back-test.ts'
import type { BackTestRun, BackTestRuns, Deps } from './api/deps.ts'
import { bounds } from './config.ts'
import { Unavailable } from './domain/refusal.ts'
import { textHash } from './quality/profile-change.ts'
import { updateBackTest } from './store/ledger/changes.ts'
import type { LedgerView } from './store/ledger/ledger.ts'

type From = Pick<Deps, 'series' | 'kept' | 'now'>

export function openBackTestRuns(deps: From): BackTestRuns {
  const waiting: { ledger: LedgerView; run: BackTestRun; ended: AbortController }[] = []
  const known = new Map<string, AbortController>()
  let running = 0
  const next = (): void => {
    if (running >= bounds.backTestsAtOnce) return
    const one = waiting.shift()
    if (!one) return
    running++
    void perform(deps, one)
      // The ledger is away or closed: nobody can be told.
      .catch(() => undefined)
      .finally(() => {
        known.delete(one.run.id)
        running--
        next()
      })
  }
  return {
    start(ledger, run) {
      if (waiting.length >= bounds.backTestsWaitingMax) return false
      const ended = new AbortController()
      known.set(run.id, ended)
      waiting.push({ ledger, run, ended })
      next()
      return true
    },
    cancel: (id) => known.get(id)?.abort(new Error('cancelled')),
  }
}

async function perform(
  deps: From,
  { ledger, run, ended }: { ledger: LedgerView; run: BackTestRun; ended: AbortController },
): Promise<void> {
  const { tenant, gtin, ask } = run
  const change = (to: Parameters<typeof updateBackTest>[2]): Promise<boolean> =>
    updateBackTest(ledger.db, run, { ...to, updatedAt: deps.now() })
  if (!(await change({ state: 'running' }))) return
  let toldAt = performance.now()
  let telling: Promise<unknown> = Promise.resolve()
  const progress = (done: { devices: number; of: number; readings: number }): void => {
    if (performance.now() - toldAt < bounds.backTestTellMs) return
    toldAt = performance.now()
    const told = { devices: done.of, devicesDone: done.devices, readings: done.readings }
    telling = change(told)
      // Cancelled, maybe by way of another process.
      .then((still) => still || ended.abort(new Error('cancelled')))
      .catch(() => undefined)
  }
  try {
    const { readingsFrom: keptFrom } = await deps.kept()
    const report = await backTest(
      { db: ledger.db, series: deps.series, keptFrom },
      {
        ...{ tenant, gtin, profile: ask.profile, effectiveFrom: ask.effectiveFrom },
        // No reading is from before 2000.
        span: { from: ask.from ?? 0, to: ask.to ?? Number.MAX_SAFE_INTEGER },
        costPerUnit: ask.costPerUnit,
      },
      { signal: ended.signal, progress },
    )
    await telling
    const text = JSON.stringify(report)
    const { devices, readings } = report
    const done = { devices, devicesDone: devices, readings }
    await change({ ...done, state: 'done', report: text, reportHash: textHash(text) })
  } catch (error) {
    await telling
    const state = ended.signal.aborted ? 'cancelled' : 'failed'
    const known = error instanceof Unavailable || error instanceof RangeError
    const detail = known ? error.message : 'see the log of the server'
    await change({ state, detail: state === 'failed' ? detail : null })
    if (state === 'failed' && !known) throw error
  }
}
