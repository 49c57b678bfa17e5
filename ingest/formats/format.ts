// Logger files: what a format is, the one list of formats, and the ways from a file to readings and
// to bodies for the log. A new format is one file here, one line in `loggerFormats` and one golden
// folder. Refuses to guess a format from a file name, and never drops a good row because of a bad
// one.
import { bounds } from '../../config.ts'
import type { Reading } from '../../domain/reading.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { readText } from '../files/text.ts'
import type { DeviceFigures } from './figures.ts'
import { fridgetag } from './fridgetag.ts'
import type { DateOrder } from './moments.ts'
import { table } from './table.ts'

export interface LoggerFormat {
  /** A word for the command line. */
  id: string
  /** What people call it. */
  title: string
  /** Whether zone, order of dates and start may be told; loggers that write none know an offset. */
  takesTimes?: boolean
  /** True for the beginning of a file of this format. */
  recognise(head: string): boolean
  /** Never throws. Bad lines become refusals whose path is the line number. */
  parse(text: string, options: ParseOptions): Omit<LoggerFile, 'format'>
}

export interface ParseOptions {
  /** The zone of the device's clock, since many files have none: local time minus this is UTC. */
  utcOffsetMinutes: number
  /** IANA zone whose clocks the times are of, instead of an offset. */
  timeZone?: string
  /** Where the file does not say it itself. */
  dates?: DateOrder
  /** When a logger with relative times was started, epoch ms. */
  startAt?: number
  /** Record time, epoch ms: a reading from the future is refused by its line. */
  now?: number
}

export interface LoggerFile {
  /** Id of the format. */
  format: string
  device: {
    /** The serial, since that is what the device is known by outside. */
    id: string
    serial: string
    model: string
    loggingIntervalMs?: number
  }
  /** Ascending by time, one per time and channel. */
  readings: Reading[]
  /** What the device itself computed. */
  figures: DeviceFigures
  /** Every bad line, ascending. */
  refusals: Refusal[]
  /** Why no time of it can be known; nothing of the file is kept then. */
  fault?: Refusal
  /** Where the device was on and the file has no reading. */
  gaps: Gap[]
}

/**
 * From the last reading before to the first after, epoch ms; an end of the table where there is
 * none.
 */
export interface Gap {
  from: number
  to: number
}

/** The formats this program reads. */
export const loggerFormats: readonly LoggerFormat[] = [fridgetag, table]

/**
 * Bytes of a logger file, at most `bounds.importBytesMax`. Not ok only when nothing of it is
 * usable.
 */
export function parseLoggerFile(body: Uint8Array, options: ParseOptions): Result<LoggerFile> {
  if (body.byteLength > bounds.importBytesMax)
    return refused('request/too-large', `more than ${bounds.importBytesMax} bytes`)
  // Not strict: a comment in some code page must not cost the readings, which are ASCII.
  const reader = readText(encodingOf(body))
  const text = (reader.push(body) + reader.finish()).replace(/^\uFEFF/, '')
  const format = loggerFormats.find((known) => known.recognise(text.slice(0, headChars)))
  if (format === undefined) {
    const known = loggerFormats.map(({ id, title }) => `${id} (${title})`).join(', ')
    return refused('import/format-unknown', `none of the known formats: ${known}`)
  }
  const { timeZone, startAt, dates } = options
  if (!format.takesTimes && (timeZone ?? startAt ?? dates) !== undefined)
    return refused(
      'import/times',
      `a ${format.title} has dates and times of a clock that stays: give its offset only (--utc-offset)`,
    )
  const file: LoggerFile = { format: format.id, ...format.parse(text, options) }
  if (file.fault) return { ok: false, refusals: [file.fault] }
  if (file.readings.length > 0 || file.figures.periods.length > 0) return { ok: true, value: file }
  const empty = refused('import/empty', `a ${format.title} file without readings and figures`)
  return { ok: false, refusals: [...empty.refusals, ...file.refusals] }
}

/** Readings JSON for the log, at most `bounds.importChunkReadings` readings in each body. */
export function toReadingsBodies(readings: readonly Reading[]): Uint8Array[] {
  const bodies: Uint8Array[] = []
  for (let from = 0; from < readings.length; from += bounds.importChunkReadings) {
    const chunk = readings.slice(from, from + bounds.importChunkReadings)
    const objects = chunk.map(({ time, channel, value }) => ({ time, [channel]: value }))
    bodies.push(Buffer.from(JSON.stringify(objects)))
  }
  return bodies
}

const headChars = 16_384

/** Without a byte order mark, by the zeros between the letters of a header. */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first !== 0 && second === 0) return 'utf-16le'
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-8'
}

function refused(code: Refusal['code'], detail: string): { ok: false; refusals: Refusal[] } {
  return { ok: false, refusals: [{ code, path: '', detail }] }
}
