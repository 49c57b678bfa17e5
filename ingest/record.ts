// Station 5 of a reading's journey: what the log keeps becomes readings in the series store and
// refusals in the ledger. Both are idempotent, so the step may be repeated as often as need be.
// Judges nothing.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import { insertRefusals, type NewRefusal } from '../store/ledger/refusals.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import type { RejectedRow, Series, SeriesRow } from '../store/series.ts'
import type { DecodedPublish } from './decode/decode.ts'

export interface RecordTo {
  series: Series
  ledger: Ledger
  /** Must give the same for the same envelope for ever. */
  decode: (envelope: LoggedEnvelope) => DecodedPublish
  /** Looks up a device again whose packet names a channel that is not known of it here. */
  renew?: (tenant: string, device: string) => Promise<void>
  /** Told what was stored; rows of one packet stand together. */
  onReadings?: (rows: SeriesRow[]) => void
  /** Told what was refused. */
  onRefusals?: (refusals: readonly NewRefusal[]) => void
}

/** The step of the follower `record`. Throws Unavailable when a store is. */
export function recordStep(to: RecordTo): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    const refusals: NewRefusal[] = []
    let lot: Lot = { rows: [], sources: [] }
    // One write at a time; what comes next is decoded while the store is at work.
    let underWay = Promise.resolve()
    const begin = async (): Promise<void> => {
      await underWay
      underWay = writeLot(to, lot, refusals)
      underWay.catch(() => undefined) // heard by whoever waits for it
      lot = { rows: [], sources: [] }
    }
    try {
      for (let index = 0; index < envelopes.length; index++) {
        if (index % bounds.followSlice === bounds.followSlice - 1) await nextTurn()
        const envelope = envelopes[index]!
        if (envelope.kind === 'capture') continue
        let decoded = to.decode(envelope)
        if (to.renew && decoded.refusals.some(({ code }) => code === 'reading/channel-unknown')) {
          await to.renew(envelope.tenant, decoded.device)
          decoded = to.decode(envelope)
        }
        addTo(lot, envelope, decoded)
        for (let pos = 0; pos < decoded.refusals.length; pos++)
          refusals.push(
            newRefusal({ envelope, device: decoded.device, pos }, decoded.refusals[pos]!),
          )
        if (lot.rows.length >= bounds.recordRows) await begin()
      }
      if (lot.rows.length > 0) await begin()
    } finally {
      // Rows that come again must not be overtaken by these.
      await underWay.catch(() => undefined)
    }
    await underWay
    if (refusals.length === 0) return
    await to.ledger.transact((db) => insertRefusals(db, refusals))
    to.onRefusals?.(refusals)
  }
}

/** What goes to the store in one write. Rows of one envelope stand together. */
interface Lot {
  rows: SeriesRow[]
  sources: Source[]
}

async function writeLot(
  to: RecordTo,
  { rows, sources }: Lot,
  refusals: NewRefusal[],
): Promise<void> {
  const rejected = await to.series.write(rows)
  if (rejected.length === 0) {
    to.onReadings?.(rows)
    return
  }
  refusals.push(...refusalsOf(rejected, rows, sources))
  const lost = new Set(rejected.map(({ row }) => row))
  to.onReadings?.(rows.filter((row) => !lost.has(row)))
}

function addTo({ rows, sources }: Lot, envelope: LoggedEnvelope, decoded: DecodedPublish): void {
  const { tenant, offset } = envelope
  const { device, readings } = decoded
  sources.push({ envelope, decoded, first: rows.length })
  for (const { channel, time, value } of readings)
    rows.push({ tenant, device, channel, time, value, offset })
}

/** Where rows come from: those of an envelope begin at `first`. */
interface Source {
  envelope: LoggedEnvelope
  decoded: DecodedPublish
  first: number
}

/**
 * The place of a rejected row in the list of its packet follows from its place in the packet, so
 * that a replay finds it again: after the refusals of the decoder. The first place is never left
 * empty, for the packet's bytes stand there.
 */
function refusalsOf(
  rejected: readonly RejectedRow[],
  rows: readonly SeriesRow[],
  sources: readonly Source[],
): NewRefusal[] {
  const reasons = new Map(rejected.map(({ row, reason }) => [row, reason]))
  return sources.flatMap(({ envelope, decoded: { device, readings, refusals }, first }) => {
    const own: NewRefusal[] = []
    for (let index = 0; index < readings.length; index++) {
      const row = rows[first + index]!
      const detail = reasons.get(row)
      if (detail === undefined || own.length >= bounds.refusalsPerInputMax) continue
      const path = `${row.channel} ${new Date(row.time).toISOString()}`
      const pos = refusals.length === 0 && own.length === 0 ? 0 : refusals.length + index
      own.push(newRefusal({ envelope, device, pos }, { code: 'series/rejected', path, detail }))
    }
    return own
  })
}

function newRefusal(
  { envelope, device, pos }: { envelope: LoggedEnvelope; device: string; pos: number },
  refusal: Refusal,
): NewRefusal {
  const { tenant, offset, recordTime, topic, body } = envelope
  return { ...refusal, tenant, device, offset, pos, recordTime, topic, raw: body }
}
