// One write of rows: what is newer than all of its series goes straight out, the rest is compared
// with what stands. Any order, any repetition and any lost answer end in the same readings (I3).
import { bounds } from '../../config.ts'
import type { RejectedRow, SeriesRow } from '../series.ts'
import type { Contact } from './contact.ts'
import { type InfluxHttp, makeGate } from './http.ts'
import type { KnownAll, KnownSeries } from './known.ts'
import { influxTimeMax, nameOfTag, whereSeries } from './lines.ts'
import { Lines, type Send, sendLines } from './lots.ts'
import { inRequests, type LateRow, settleLate } from './moments.ts'

export interface RowsOut {
  http: InfluxHttp
  /** All writes of one store take turns at its few requests. */
  inTurn: ReturnType<typeof makeGate>
  known: KnownAll
  contact: Contact
}

export const writesInTurn = (): RowsOut['inTurn'] => makeGate(bounds.influxWritesMax)

/** Throws Unavailable; then some rows may be stored, and all of them are to come again. */
export async function writeRows(rows: readonly SeriesRow[], out: RowsOut): Promise<RejectedRow[]> {
  const rejected: RejectedRow[] = []
  // No object per row: nearly all of them are newer than their series and need no more than a line.
  const series: KnownSeries[] = []
  const unknown: LateRow[] = []
  for (const row of rows) {
    const known = out.known.of(row)
    series.push(known)
    if (!canKeep(row)) rejected.push({ row, reason: outOfTime })
    else if (known.newest === undefined) unknown.push({ row, known })
  }
  try {
    await learnNewest(unknown, out.http)
    const { fresh, late } = sortOut(rows, series)
    const send =
      (precision: 'ms' | 'us'): Send =>
      (lines) =>
        out.inTurn(() => out.http.write(out.contact.writePath(precision), lines))
    rejected.push(...(await sendLines(send('ms'), fresh)))
    if (late.length > 0) {
      const settled = await settleLate(out.http, late)
      // Nothing is beaten before it stands among the rivals.
      rejected.push(...settled.rejected, ...(await sendLines(send('us'), settled.rivals)))
      rejected.push(...(await sendLines(send('ms'), settled.readings)))
    }
  } catch (error) {
    // What of it is stored is not known: next time it is looked up.
    for (const known of series) known.newest = undefined
    throw error
  }
  for (const { row } of rejected) if (canKeep(row)) out.known.of(row).newest = undefined
  return onceEach(rejected)
}

const outOfTime = 'InfluxDB keeps no readings before 1684 or after 2255'
const canKeep = ({ time }: SeriesRow): boolean => Math.abs(time) <= influxTimeMax

/**
 * Rows after all of their series, as lines, and the others. What came just before is neither, and
 * neither is what cannot be kept. `series`: of the row at the same place.
 */
function sortOut(rows: readonly SeriesRow[], series: readonly KnownSeries[]) {
  const fresh = new Lines()
  const late: LateRow[] = []
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const known = series[i]!
    const { time, value, offset } = row
    if (!canKeep(row)) continue
    const newest = known.newest!
    if (time > newest) {
      fresh.addReading(known.head, row)
      known.newest = time
      known.value = value
      known.offset = offset
    } else if (time !== newest || value !== known.value || known.offset > offset)
      late.push({ row, known })
  }
  return { fresh, late }
}

/** Asks for the newest reading of series that are not known, at or after what is to be written. */
async function learnNewest(unknown: readonly LateRow[], http: InfluxHttp): Promise<void> {
  if (unknown.length === 0) return
  const devices = new Map<
    string,
    { row: SeriesRow; min: number; series: Map<string, KnownSeries> }
  >()
  for (const { row, known } of unknown) {
    const name = JSON.stringify([row.tenant, row.device])
    const device = devices.get(name) ?? { row, min: row.time, series: new Map() }
    devices.set(name, device)
    device.min = Math.min(device.min, row.time)
    device.series.set(row.channel, known)
  }
  const asked = [...devices.values()]
  const statements = asked.map(({ row: { tenant, device }, min }) => {
    const since = `${whereSeries({ tenant, device })} AND time >= ${min}ms`
    return `SELECT last("value") FROM "readings" WHERE ${since} GROUP BY "channel"`
  })
  const answers = await inRequests(statements, (some) => http.query(some))
  for (const [i, { min, series }] of asked.entries()) {
    for (const known of series.values()) {
      known.newest = min - 1
      known.offset = Number.POSITIVE_INFINITY
    }
    for (const { tags, values } of answers[i] ?? []) {
      const known = series.get(nameOfTag(tags?.channel ?? ''))
      if (known) known.newest = Number(values[0]?.[0])
    }
  }
}

function onceEach(rejected: readonly RejectedRow[]): RejectedRow[] {
  const reasons = new Map<SeriesRow, RejectedRow>()
  for (const one of rejected) if (!reasons.has(one.row)) reasons.set(one.row, one)
  return [...reasons.values()]
}
