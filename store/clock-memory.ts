// The corrections of clocks that are in force, in memory: readings are asked for far more often
// than a clock is corrected. Looks at the ledger again every few seconds, since another process may
// have been told of one; whoever must not miss any asks the ledger itself.
import type { ClockCorrection } from '../domain/clock-correction.ts'
import { correctionsInForce } from './ledger/clock-corrections.ts'
import type { Ledger } from './ledger/ledger.ts'

export interface ClockMemory {
  of(tenant: string, device: string): Promise<readonly ClockCorrection[]>
  /** Of the slowest clock there is. */
  slowestMs(): number
  /** One was stated or taken back here. */
  renew(): Promise<void>
}

export function openClockMemory(
  ledger: Pick<Ledger, 'db'>,
  { now, everyMs }: { now: () => number; everyMs: number },
): ClockMemory {
  let known = new Map<string, ClockCorrection[]>()
  let slowestMs = 0
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  const keyOf = (tenant: string, device: string): string => `${tenant}/${device}`
  const ask = async (): Promise<void> => {
    const at = now()
    const rows = await correctionsInForce(ledger.db)
    known = Map.groupBy(rows, ({ tenant, device }) => keyOf(tenant, device))
    slowestMs = rows.reduce((most, { aheadMs }) => Math.max(most, -aheadMs), 0)
    askedAt = at
  }
  const renew = (): Promise<void> => {
    // One under way may have looked before what is to be seen.
    const next = (asking ?? Promise.resolve()).catch(() => undefined).then(ask)
    asking = next
    return next
  }
  const fresh = async (): Promise<void> => {
    const sinceMs = now() - askedAt
    if (sinceMs >= 0 && sinceMs < everyMs) return
    await renew()
  }
  return {
    of: async (tenant, device) => {
      await fresh()
      return known.get(keyOf(tenant, device)) ?? none
    },
    slowestMs: () => slowestMs,
    renew,
  }
}

const none: readonly ClockCorrection[] = []
