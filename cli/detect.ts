// `isotherm detect FILE.csv`: how unusual each row of a `timestamp,value` file is, told from the
// rows before it alone. Rows go in and out as a stream; needs no server and no settings.
import { once } from 'node:events'
import { createReadStream, createWriteStream, realpathSync, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import {
  type AnomalyReason,
  createAnomalyState,
  explainAnomaly,
  stepAnomaly,
} from '../analytics/anomaly/anomaly.ts'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { readCsv } from '../ingest/files/csv.ts'
import { readText, refuseBinary } from '../ingest/files/text.ts'
import {
  delimiterOf,
  isEarlier,
  readTimedValues,
  type TimedValue,
} from '../ingest/files/timed-values.ts'

export interface DetectOptions {
  /** A file, or undefined or `-` for standard output. */
  out?: string | undefined
  json: boolean
}

interface Summary {
  rows: number
  scored: number
  refused: number
  /** Rows whose time is before that of the row above them, as far as their text tells. */
  earlier: number
  highest: { score: number; line: number; timestamp: string }
}

/** A row of the output; times of the readings that made the score. */
interface Scored extends TimedValue {
  score: number
  isEarlier: boolean
  reason?: AnomalyReason & { from: string; to: string }
}

const header = 'timestamp,value,score,expected_low,expected_high,mean,from,to\n'
/** Rows whose times are at hand for reasons: the longest pattern and the block after it. */
const timesKept = 512
/** Refused rows are named one by one up to here. */
const namedMax = 20
const progressRows = 1_000_000
/** Lines that may stand before the first row: of a header and of what a program says before it. */
const linesBefore = 200

/** Writes a score per row; false when rows were refused: these have none. */
export async function detectFile(file: string, options: DetectOptions): Promise<boolean> {
  const isFile = options.out !== undefined && options.out !== '-'
  if (isFile && isSame(file, options.out!))
    throw new OperatorError(`${file} would be overwritten`, 'give another file with --out')
  const out = isFile ? createWriteStream(options.out!) : process.stdout
  const failed = new Promise<never>((_, reject) => {
    out.once('error', (error) =>
      reject(new OperatorError(`cannot write: ${error.message}`, 'see --out', error)),
    )
  })
  const summary: Summary = {
    ...{ rows: 0, scored: 0, refused: 0, earlier: 0 },
    highest: { score: 0, line: 0, timestamp: '' },
  }
  const write = async (text: string): Promise<void> => {
    if (!out.write(text)) await Promise.race([once(out, 'drain'), failed])
  }
  let isBegun = options.json
  for await (const rows of scoresOf(file)) {
    if (!isBegun) await write(header)
    isBegun = true
    await write(rows.map((row) => (options.json ? jsonOf(row) : lineOf(row))).join(''))
    for (const row of rows) count(summary, row, { file, json: options.json })
  }
  if (isFile) {
    out.end()
    await Promise.race([finished(out), failed])
  }
  tell(file, summary, options.json)
  return summary.refused === 0
}

/** Rows with their scores, as many at once as a piece of the file holds. */
async function* scoresOf(file: string): AsyncGenerator<Scored[]> {
  const state = createAnomalyState()
  const times: string[] = []
  const at = (reading: number): string => times[reading % timesKept] ?? ''
  const score = (row: TimedValue): Scored => {
    if (row.fault !== undefined) return { ...row, score: Number.NaN, isEarlier: false }
    const scored: Scored = {
      ...{ ...row, score: 0 },
      isEarlier: state.count > 0 && isEarlier(row.timestamp, at(state.count - 1)),
    }
    times[state.count % timesKept] = row.timestamp
    scored.score = stepAnomaly(state, row.value)
    const reason = scored.score > 0 ? explainAnomaly(state) : undefined
    if (reason) scored.reason = { ...reason, from: at(reason.first), to: at(reason.last) }
    return scored
  }
  for await (const rows of rowsOf(file)) yield rows.map(score)
}

async function* rowsOf(file: string): AsyncGenerator<TimedValue[]> {
  const text = readText('utf-8')
  let parse: ReturnType<typeof parserOf> | undefined
  let begin = ''
  let isFirst = true
  for await (const bytes of bytesOf(file)) {
    const binary = isFirst ? refuseBinary(bytes) : undefined
    if (binary) throw new OperatorError(`${file}: ${binary.detail}`, 'give a text file')
    isFirst = false
    const piece = text.push(bytes)
    // The first lines say how cells are cut and lines end.
    if (!parse) {
      begin += piece
      if (!/[\r\n]./s.test(begin) && begin.length <= bounds.loadRowCharsMax) continue
      parse = parserOf(file, begin)
      yield parse(begin, false)
    } else yield parse(piece, false)
  }
  const rest = text.finish()
  if (parse) yield parse(rest, true)
  else if ((begin + rest).trim() === '')
    throw new OperatorError(`${file} is empty`, 'give a file with rows of a time and a value')
  else yield parserOf(file, begin + rest)(begin + rest, true)
}

function parserOf(file: string, begin: string) {
  if (begin.includes('\0'))
    throw new OperatorError(`${file}: this is no text`, 'give rows of a time and a value as text')
  const delimiter = delimiterOf(begin)
  const { loadRowCharsMax: rowCharsMax, loadColumnsMax: columnsMax } = bounds
  const csv = readCsv({ delimiter, rowCharsMax, columnsMax })
  const values = readTimedValues(delimiter)
  const isReturned = !begin.includes('\n')
  let before = 0
  return (piece: string, isLast: boolean): TimedValue[] => {
    const lines = isReturned ? piece.replaceAll('\r', '\n') : piece
    const records = [...csv.push(lines), ...(isLast ? csv.finish() : [])]
    const rows = records.flatMap((record) => values.take(record) ?? [])
    if (!values.isKnown()) before += records.length
    if (!values.isKnown() && (isLast || before > linesBefore))
      throw new OperatorError(
        `${file}: none of the first ${before} lines has a time and a number, or names them`,
        'begin with a line timestamp,value; times such as 2026-03-01T08:00:00Z or epoch seconds',
      )
    return rows
  }
}

/** Of a file packed by gzip (RFC 1952 §2.3.1: it begins with 1f 8b) what was packed. */
async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    const bytes: AsyncIterator<Buffer> = (file === '-' ? process.stdin : createReadStream(file))[
      Symbol.asyncIterator
    ]()
    const first = await bytes.next()
    if (first.done) return
    const all = allOf(first.value, bytes)
    const isPacked = first.value[0] === 0x1f && first.value[1] === 0x8b
    // A failure of either ends the other; who iterates is told.
    yield* isPacked ? pipeline(Readable.from(all), createGunzip(), () => undefined) : all
  } catch (error) {
    const { message } = error as Error
    throw new OperatorError(`cannot read ${file}: ${message}`, 'check the name of the file', error)
  }
}

async function* allOf(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function isSame(file: string, out: string): boolean {
  const options = { throwIfNoEntry: false }
  return statSync(out, options) !== undefined && statSync(file, options) !== undefined
    ? realpathSync(file) === realpathSync(out)
    : false
}

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
const round = (value: number): number => Number(value.toPrecision(6))

function lineOf({ timestamp, text, score, reason }: Scored): string {
  const said = Number.isNaN(score) ? '' : String(score)
  const why = reason
    ? `${round(reason.low)},${round(reason.high)},${round(reason.mean)},${quoted(reason.from)},${quoted(reason.to)}`
    : ',,,,'
  return `${quoted(timestamp)},${quoted(text)},${said},${why}\n`
}

function jsonOf({ line, timestamp, value, score, fault, reason }: Scored): string {
  if (fault !== undefined) return `${JSON.stringify({ line, timestamp, refused: fault })}\n`
  const why = reason && {
    expected: { low: round(reason.low), high: round(reason.high) },
    ...{ mean: round(reason.mean), from: reason.from, to: reason.to },
  }
  return `${JSON.stringify({ line, timestamp, value, score, ...why })}\n`
}

function count(
  summary: Summary,
  row: Scored,
  { file, json }: { file: string; json: boolean },
): void {
  summary.rows++
  if (row.fault === undefined) {
    summary.scored++
    if (row.isEarlier) summary.earlier++
    const { score, line, timestamp } = row
    if (score > summary.highest.score) summary.highest = { score, line, timestamp }
  } else if (++summary.refused <= namedMax && !json)
    console.error(`${file}: line ${row.line}: ${row.fault}`)
  if (summary.rows % progressRows === 0 && !json) console.error(`${file}: ${summary.rows} rows`)
}

function tell(file: string, summary: Summary, json: boolean): void {
  const { rows, scored, refused, earlier, highest } = summary
  if (json) {
    console.error(JSON.stringify({ file, ...summary }))
    return
  }
  const most =
    highest.line > 0
      ? `; highest ${round(highest.score)} on line ${highest.line} (${highest.timestamp})`
      : ''
  const not = refused > 0 ? `, ${refused} refused and without a score` : ''
  if (earlier > 0)
    console.error(
      `${file}: ${earlier} rows are earlier than the row above them; each is scored from the rows above it, so sort the file by time, oldest first`,
    )
  if (refused > 0)
    console.error(
      '  -> a row needs a time such as 2026-03-01T08:00:00Z or epoch seconds, and a number',
    )
  console.error(`${file}: ${scored} of ${rows} rows scored${not}${most}`)
}
