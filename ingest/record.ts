// Station 5 of a reading's journey: what the log keeps becomes readings in the series store and refusals in the
// ledger. Both are idempotent, so the step may be repeated as often as need be. Judges nothing.
import { bounds } from '../config.ts'
import type { Ledger } from '../store/ledger.ts'
import { insertRefusals, type NewRefusal } from '../store/ledger-refusals.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import type { Series, SeriesRow } from '../store/series.ts'
import { type DecodeContext, decodePublish } from './decode.ts'

export interface RecordTo {
  series: Series
  ledger: Ledger
  context: DecodeContext
  /** Told what was stored, newest reading per channel of each device in the step. */
  onReadings?: (rows: SeriesRow[]) => void
}

/** The step of the follower `record`. Throws Unavailable when a store is. */
export function recordStep(to: RecordTo): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    const refusals: NewRefusal[] = []
    let rows: SeriesRow[] = []
    for (const envelope of envelopes) {
      if (envelope.kind === 'capture') continue
      const { tenant, offset, recordTime, topic } = envelope
      const decoded = decodePublish(envelope, to.context)
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
