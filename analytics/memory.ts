// What the detector and its sweep share: what they are given, and what they remember of a device.
import { bounds } from '../config.ts'
import type { Reading } from '../domain/reading.ts'
import { readDetectors, readMarks } from '../store/ledger/detectors.ts'
import type { Ledger, LedgerQuery } from '../store/ledger/ledger.ts'
import { readLooks } from '../store/ledger/silence.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import type { Series } from '../store/series.ts'
import { type Plan, readPlan } from './plan.ts'
import type { AlertChange } from './raise.ts'
import { type ChannelState, parseChannels } from './tracker.ts'

export interface DetectorTo {
  ledger: Ledger
  series: Series
  /** Readings of an envelope, by device. Must give the same for the same envelope for ever. */
  decode: (envelope: LoggedEnvelope) => { device: string; readings: Reading[] }
  /** Resolves when all envelopes before the offset are in the series store. */
  recorded: (offset: number) => Promise<void>
  now: () => number
  /**
   * The cursor in the ledger that moves with the findings, and the epoch in which this detector
   * holds it: once another one has claimed it, nothing is written any more (Superseded).
   */
  claim: { name: string; epoch: number }
  /** Slots (store/slots.ts) of the devices that are judged here. */
  slots: readonly number[]
  onChange?: (change: AlertChange) => void
  /** Runs a sweep, which tells how many devices it judged anew, and takes its time. */
  observeSweep?: (sweep: () => Promise<number>) => Promise<number>
}

/** One device as the detector remembers it. */
export interface DeviceMemory {
  marks: number
  plan: Plan
  channels: Record<string, ChannelState>
  /** It was silent when it was judged last: whatever it says next changes that. */
  silent: boolean
}

export const keyOf = ({ tenant, device }: { tenant: string; device: string }): string =>
  `${tenant}/${device}`

/** Makes sure that memory holds what the ledger says of these devices. */
export async function remember(
  db: LedgerQuery,
  memory: Map<string, DeviceMemory>,
  batches: readonly { tenant: string; device: string }[],
): Promise<void> {
  if (memory.size > bounds.detectorMemoryMax) memory.clear()
  for (const [tenant, group] of Map.groupBy(batches, (batch) => batch.tenant)) {
    const ids = group.map((batch) => batch.device)
    const marks = await readMarks(db, tenant, ids)
    const stale = ids.filter((device) => {
      const known = memory.get(keyOf({ tenant, device }))
      return known === undefined || known.marks !== (marks.get(device) ?? 0)
    })
    const rows = new Map((await readDetectors(db, tenant, stale)).map((row) => [row.device, row]))
    for (const device of stale) {
      const row = rows.get(device)
      const plan = await readPlan(db, tenant, device)
      const asked = plan.silences.length > 0 ? await readLooks(db, tenant, [device]) : undefined
      memory.set(keyOf({ tenant, device }), {
        marks: row?.marks ?? 0,
        plan,
        channels: row?.body ? parseChannels(row.body) : {},
        silent: asked?.get(device)?.ongoing ?? false,
      })
    }
  }
}
