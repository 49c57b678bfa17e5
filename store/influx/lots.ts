// Lines on their way to InfluxDB, in lots of bounded size. What a lot is refused for is searched
// down to the single line; all others are stored. Does not know what lines mean.
import { bounds } from '../../config.ts'
import type { RejectedRow, SeriesRow } from '../series.ts'
import type { Refused } from './http.ts'
import { lineTail, valueText } from './lines.ts'

/** One request; undefined when all lines are durable. */
export type Send = (lines: string) => Promise<Refused | undefined>

/**
 * Lines and whose they are. Put together as bytes: a text for each of thousands of lines, itself
 * made of pieces, would cost more to throw away than the line costs otherwise.
 */
export class Lines {
  readonly #owners: (SeriesRow | SeriesRow[])[] = []
  readonly #starts: number[] = []
  #bytes = Buffer.allocUnsafeSlow(16 * 1024)
  #length = 0
  /** Where the end of the last reading's line stands, and of which offset and time it tells. */
  #tail = { from: 0, to: 0, offset: -1, time: 0 }

  get count(): number {
    return this.#starts.length
  }

  add(line: string, owner: SeriesRow | SeriesRow[]): void {
    this.#begin(owner, 3 * line.length)
    this.#length += this.#bytes.write(line, this.#length)
    this.#bytes[this.#length++] = newline
  }

  /** Readings of one envelope should come one after the other. `head`: as lineHead gives it. */
  addReading(head: Buffer, row: SeriesRow): void {
    const { value, offset, time } = row
    this.#begin(row, head.length + numbersBytesMax)
    this.#bytes.set(head, this.#length)
    this.#length += head.length
    this.#put(valueText(value))
    const tail = this.#tail
    const from = this.#length
    if (tail.offset === offset && tail.time === time) {
      this.#bytes.copyWithin(from, tail.from, tail.to)
      this.#length += tail.to - tail.from
    } else {
      this.#put(lineTail(offset, time))
      tail.from = from
      tail.to = this.#length
      tail.offset = offset
      tail.time = time
    }
    this.#bytes[this.#length++] = newline
  }

  /** Without a newline at its end. */
  text(first: number, end: number): string {
    return this.#bytes.toString('utf8', this.#starts[first]!, this.#endOf(end) - 1)
  }

  ownersOf(first: number, end: number): SeriesRow[] {
    return this.#owners.slice(first, end).flat()
  }

  #endOf(end: number): number {
    return this.#starts[end] ?? this.#length
  }

  #begin(owner: SeriesRow | SeriesRow[], bytesMax: number): void {
    this.#owners.push(owner)
    this.#starts.push(this.#length)
    const wanted = this.#length + bytesMax + 1
    if (wanted <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  /** ASCII, and short: a loop beats the native call. */
  #put(text: string): void {
    const bytes = this.#bytes
    let at = this.#length
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.#length = at
  }
}

const newline = 0x0a
/** A value, an offset and a time of at most 25 characters each, and the names of the fields. */
const numbersBytesMax = 100

/**
 * Resolves when every line is durable or refused. Throws what `send` throws, but not before every
 * request has ended: what comes again must not be overtaken by what was sent before.
 */
export async function sendLines(send: Send, lines: Lines): Promise<RejectedRow[]> {
  const lots: Promise<RejectedRow[]>[] = []
  for (let first = 0; first < lines.count; first += bounds.influxLinesMax)
    lots.push(sendLot(send, lines, [first, Math.min(first + bounds.influxLinesMax, lines.count)]))
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
  const refused = await send(lines.text(first, end))
  if (refused === undefined) return []
  if (refused.all || end - first === 1)
    return lines.ownersOf(first, end).map((row) => ({ row, reason: refused.reason }))
  const middle = first + ((end - first) >> 1)
  const lower = await sendLot(send, lines, [first, middle])
  return lower.concat(await sendLot(send, lines, [middle, end]))
}
