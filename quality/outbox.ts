// Captures what follows from decisions: documents that wait in the ledger go into the log, as those
// of partners do, so that lives of units, recalls and verifications see them. Each at least once,
// with the same bytes and event ids, so that a repeat changes nothing.
import { bounds } from '../config.ts'
import { insertCapture } from '../store/ledger/events.ts'
import type { Ledger, LedgerView } from '../store/ledger/ledger.ts'
import { anyWaiting, markKept, waitingOutbox } from '../store/ledger/outbox.ts'
import type { Log } from '../store/log.ts'

export interface Outbox {
  ledger: LedgerView
  log: Pick<Log, 'append' | 'whenDurable'>
  now: () => number
}

/** Offset of the last that was put into the log; undefined when none waited. */
export async function drainOutbox({ ledger, log, now }: Outbox): Promise<number | undefined> {
  let last: number | undefined
  for (;;) {
    const rows = await waitingOutbox(ledger.db, bounds.outboxLookMax)
    for (const row of rows) {
      const { tenant, id, source, events, document } = row
      const recordTime = now()
      // Before the log, or the follower might finish what is not yet begun.
      await insertCapture(ledger.db, tenant, { id, createdAt: recordTime, events, errors: [] })
      const body = new Uint8Array(document)
      last = log.append({ kind: 'capture', tenant, source, topic: id, recordTime, body })
      await log.whenDurable(last)
      await markKept(ledger.db, row, recordTime)
    }
    if (rows.length < bounds.outboxLookMax) return last
  }
}

/** Looks every so often for what a crash left over. Returns the way to stop it. */
export function keepOutbox(
  { ledger, log, now }: Outbox & { ledger: Ledger },
  onFail: (error: unknown) => void,
): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve()
  const drain = async (): Promise<void> => {
    if (await anyWaiting(ledger.db))
      await ledger.singleton('outbox', () => drainOutbox({ ledger, log, now }))
  }
  const look = (): void => {
    underWay = underWay.then(drain).catch(onFail)
  }
  const timer = setInterval(look, bounds.outboxLookMs).unref()
  look()
  return async () => {
    clearInterval(timer)
    await underWay
  }
}
