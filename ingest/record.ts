// Station 5 of a reading's journey: what the log keeps becomes readings in the series store and
// refusals in the ledger. Both are idempotent, so the step may be repeated as often as need be.
// Judges nothing.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import type { Ledger } from '../store/ledger.ts'
import { insertRefusals, type NewRefusal } from '../store/ledger-refusals.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import type { Series, SeriesRow } from '../store/series.ts'
import type { DecodedPublish } from './decode.ts'

export interface RecordTo {
  series: Series
  ledger: Ledger
  /** Must give the same for the same envelope for ever. */
  decode: (envelope: LoggedEnvelope) => DecodedPublish
  /** Told what was stored; rows of one packet stand together. */
  onReadings?: (rows: SeriesRow[]) => void
}

/** The step of the follower `record`. Throws Unavailable when a store is. */
export function recordStep(to: RecordTo): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    const refusals: NewRefusal[] = []
    let rows: SeriesRow[] = []
    for (const [index, envelope] of envelopes.entries()) {
      if (index % bounds.followSlice === bounds.followSlice - 1) await nextTurn()
      if (envelope.kind === 'capture') continue
      const { tenant, offset, recordTime, topic } = envelope
      const decoded = to.decode(envelope)
      const { device } = decoded
      for (const { channel, time, value } of decoded.readings)
        rows.push({ tenant, device, channel, time, value, offset })
      decoded.refusals.forEach((refusal, pos) => {
        refusals.push({
          ...refusal,
          tenant,
          device,
          offset,
          pos,
          recordTime,
          topic,
          raw: envelope.body,
        })
      })
      if (rows.length >= bounds.readingsPerPacketMax) {
        await write(to, rows)
        rows = []
      }
    }
    if (rows.length > 0) await write(to, rows)
    if (refusals.length > 0) await to.ledger.transact((db) => insertRefusals(db, refusals))
  }
}

async function write(to: RecordTo, rows: SeriesRow[]): Promise<void> {
  await to.series.write(rows)
  to.onReadings?.(rows)
}
