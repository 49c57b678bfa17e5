// Lines on their way to InfluxDB, in lots of bounded size. What a lot is refused for is searched
// down to the single line; all others are stored. Does not know what lines mean.
import { bounds } from '../config.ts'
import type { Refused } from './influx-http.ts'
import type { RejectedRow, SeriesRow } from './series.ts'

/** Lines and, at the same places, whose they are. */
export interface Lines {
  texts: string[]
  owners: (SeriesRow | SeriesRow[])[]
}

export const noLines = (): Lines => ({ texts: [], owners: [] })

/** One request; undefined when all lines are durable. */
export type Send = (lines: string) => Promise<Refused | undefined>

/**
 * Resolves when every line is durable or refused. Throws what `send` throws, but not before every
 * request has ended: what comes again must not be overtaken by what was sent before.
 */
export async function sendLines(send: Send, lines: Lines): Promise<RejectedRow[]> {
  const lots: Promise<RejectedRow[]>[] = []
  for (let first = 0; first < lines.texts.length; first += bounds.influxLinesMax)
    lots.push(sendLot(send, lines, [first, first + bounds.influxLinesMax]))
  const ends = await Promise.allSettled(lots)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
}

async function sendLot(
  send: Send,
  lines: Lines,
  [first, end]: [number, number],
): Promise<RejectedRow[]> {
  const refused = await send(textOf(lines.texts, first, end))
  if (refused === undefined) return []
  const count = Math.min(end, lines.texts.length) - first
  if (refused.all || count === 1) {
    const rows = lines.owners.slice(first, end).flat()
    return rows.map((row) => ({ row, reason: refused.reason }))
  }
  const middle = first + (count >> 1)
  const lower = await sendLot(send, lines, [first, middle])
  return lower.concat(await sendLot(send, lines, [middle, first + count]))
}

/** Not `join`: it would copy each line, itself put together from pieces, by itself first. */
function textOf(texts: readonly string[], first: number, end: number): string {
  let text = texts[first]!
  for (let i = first + 1; i < end && i < texts.length; i++) text += `\n${texts[i]}`
  return text
}
