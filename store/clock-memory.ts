// The corrections of clocks that are in force, in memory: readings are asked for far more often
// than a clock is corrected, also within transactions, where the ledger must not be asked again.
// Where other processes may be told of one, it is looked at every few seconds; whoever must not
// miss any asks the ledger itself.
import type { ClockCorrection } from '../domain/clock-correction.ts'
import { correctionsInForce } from './ledger/clock-corrections.ts'
import type { Ledger } from './ledger/ledger.ts'

export interface ClockMemory {
  of(tenant: string, device: string): readonly ClockCorrection[]
  /** Of the slowest clock there is. */
  slowestMs(): number
  /** One was stated or taken back. */
  renew(): Promise<void>
  stop(): void
}

/** `everyMs`: looked at so often; undefined where no other process can be told of any. */
export async function openClockMemory(
  ledger: Pick<Ledger, 'db'>,
  { everyMs }: { everyMs: number | undefined },
): Promise<ClockMemory> {
  let known = new Map<string, ClockCorrection[]>()
  let slowestMs = 0
  let asking: Promise<void> = Promise.resolve()
  const keyOf = (tenant: string, device: string): string => `${tenant}/${device}`
  const ask = async (): Promise<void> => {
    const rows = await correctionsInForce(ledger.db)
    known = Map.groupBy(rows, ({ tenant, device }) => keyOf(tenant, device))
    slowestMs = rows.reduce((most, { aheadMs }) => Math.max(most, -aheadMs), 0)
  }
  const renew = (): Promise<void> => {
    // One under way may have looked before what is to be seen.
    asking = asking.catch(() => undefined).then(ask)
    return asking
  }
  await renew()
  // The ledger is away: what was known holds until it is back.
  const timer =
    everyMs === undefined ? undefined : setInterval(() => renew().catch(() => undefined), everyMs)
  timer?.unref()
  return {
    of: (tenant, device) => known.get(keyOf(tenant, device)) ?? none,
    slowestMs: () => slowestMs,
    renew,
    stop: () => clearInterval(timer),
  }
}

const none: readonly ClockCorrection[] = []
