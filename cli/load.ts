// `isotherm load FILE --mapping NAME`: a file of another system to a running server, in parts of
// whole rows, so that neither side holds more than a part of it, a break costs no more than one,
// and all of it may be run again: what is there already changes nothing.
import { createReadStream, createWriteStream, existsSync, readFileSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { type CsvRecord, readCsv } from '../ingest/files/csv.ts'
import { type Mapping, mappingSchema } from '../ingest/files/mapping.ts'
import { readText, refuseBinary } from '../ingest/files/text.ts'
import { reach, type SendOptions, send } from './files.ts'

export interface LoadOptions extends SendOptions {
  /** A JSON file, stored under its name first, or the name of a mapping that the server has. */
  mapping: string | undefined
}

interface Counts {
  id: string
  line: number
  rows: number
  applied: number
  already: number
  refused: number
  events: number
  warnings: number
}

interface Target {
  url: string
  headers: Record<string, string>
  name: string
  mapping: Mapping
}

/** False when rows were refused; FILE.refused.csv lists them with their reasons then. */
export async function loadFile(file: string, options: LoadOptions): Promise<boolean> {
  const size = sizeOf(file)
  const { url, token, close } = await reach(options)
  try {
    const headers = { authorization: `Bearer ${token}` }
    const mapping = await mappingOf(options.mapping, { url, headers })
    const target = { url, headers, ...mapping }
    const tell = tellerOf(file, options.json)
    let counts: Counts | undefined
    for await (const part of partsOf(file, target.mapping)) {
      counts = await sendPart(part, target, { file, load: counts?.id })
      tell.part(counts, size === 0 ? 1 : part.read / size)
    }
    if (!counts) throw new OperatorError(`${file} has no rows`, 'give a file with rows')
    tell.end(counts)
    const list = `${file}.refused.csv`
    // A list of an earlier run would tell of rows that are mended.
    if (counts.refused > 0 || existsSync(list)) await keepRefused(list, counts, target)
    if (counts.refused > 0) await tellRefused(file, { counts, list, json: options.json }, target)
    return counts.refused === 0
  } finally {
    await close()
  }
}

async function mappingOf(
  given: string | undefined,
  { url, headers }: Pick<Target, 'url' | 'headers'>,
): Promise<Pick<Target, 'name' | 'mapping'>> {
  if (given === undefined)
    throw new OperatorError(
      'nothing says what the columns mean',
      'give --mapping FILE.json or a name',
    )
  const isFile = existsSync(given)
  const name = isFile ? basename(given, extname(given)) : given
  const place = `${url}/api/v1/mappings/${encodeURIComponent(name)}`
  const put = () => ({
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: unlessUnreadable(given, () => readFileSync(given)),
  })
  const response = await asked(place, isFile ? put() : { headers }, `mapping ${given}`)
  const { mapping } = (await response.json()) as { mapping: unknown }
  return { name, mapping: mappingSchema.parse(mapping) }
}

const sizeOf = (file: string): number => unlessUnreadable(file, () => statSync(file).size)

function unlessUnreadable<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unreadable(file, error as Error)
  }
}

const unreadable = (file: string, error: Error): OperatorError =>
  new OperatorError(`cannot read ${file}: ${error.message}`, 'check the name of the file', error)

interface Part {
  body: string
  /** Of its first row. */
  line: number
  /** Bytes of the file up to its end. */
  read: number
}

/** Whole rows as they came, each part with the header of the file. */
async function* partsOf(file: string, mapping: Mapping): AsyncGenerator<Part> {
  let header: string | undefined
  let rows: string[] = []
  let line = 0
  let next = 0
  const bytes = createReadStream(file)
  const part = (): Part => ({ body: (header ?? '') + rows.join(''), line, read: bytes.bytesRead })
  for await (const { line: at, raw } of recordsOf(bytes, { file, mapping })) {
    if (mapping.header && header === undefined) header = `${raw}\n`
    else {
      if (rows.length === 0) line = at
      // Empty lines are sent too: the server counts as the file does.
      rows.push(`${'\n'.repeat(rows.length === 0 ? 0 : at - next)}${raw}\n`)
      next = at + raw.split('\n').length
    }
    if (rows.length < bounds.loadPartRows) continue
    yield part()
    rows = []
  }
  if (rows.length > 0) yield part()
}

async function* recordsOf(
  bytes: AsyncIterable<Buffer>,
  { file, mapping }: { file: string; mapping: Mapping },
): AsyncGenerator<CsvRecord> {
  const text = readText(mapping.encoding)
  const csv = readCsv({
    delimiter: mapping.delimiter,
    rowCharsMax: bounds.loadRowCharsMax,
    columnsMax: bounds.loadColumnsMax,
  })
  let isFirst = true
  try {
    for await (const chunk of bytes) {
      const binary = isFirst ? refuseBinary(chunk) : undefined
      if (binary) throw new OperatorError(`${file}: ${binary.detail}`, 'give a text file')
      isFirst = false
      yield* csv.push(text.push(chunk))
    }
  } catch (error) {
    throw error instanceof OperatorError ? error : unreadable(file, error as Error)
  }
  yield* csv.push(text.finish())
  yield* csv.finish()
}

async function sendPart(
  { body, line }: Part,
  { url, headers, name }: Target,
  { file, load }: { file: string; load: string | undefined },
): Promise<Counts> {
  const query = new URLSearchParams({
    ...{ mapping: name, line: String(line) },
    ...(load !== undefined && { load }),
  })
  const request = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv; charset=utf-8' },
    // The mark says that this is UTF-8 now, whatever the file was.
    body: `\u{FEFF}${body}`,
  }
  return (await (await asked(`${url}/api/v1/loads?${query}`, request, file)).json()) as Counts
}

/**
 * Throws OperatorError with the reasons when the answer is a problem of `about`. Asks again when
 * busy.
 */
async function asked(url: string, request: RequestInit, about: string): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await send(url, request)
    if (response.ok) return response
    if (response.status !== 503 || tries === triesMax) throw await problemOf(response, about)
    await delay(tries * 1000)
  }
}
const triesMax = 5

async function problemOf(response: Response, about: string): Promise<OperatorError> {
  const said = (await response.json().catch(() => ({}))) as {
    title?: string
    errors?: { path?: string; pointer?: string; detail: string }[]
  }
  const reasons = (said.errors ?? []).map(({ path, pointer, detail }) =>
    `${path ?? pointer ?? ''} ${detail}`.trim(),
  )
  return new OperatorError(
    [`${about}: ${said.title ?? `the server said ${response.status}`}`, ...reasons].join('\n  '),
    'mend that and run it again: rows that are there already change nothing',
  )
}

const refusedOf = ({ id }: Counts, { url, headers }: Target, accept: string): Promise<Response> =>
  asked(`${url}/api/v1/loads/${id}/refused`, { headers: { ...headers, accept } }, 'refused rows')

async function keepRefused(list: string, counts: Counts, target: Target): Promise<void> {
  const { body } = await refusedOf(counts, target, 'text/csv')
  try {
    await pipeline(Readable.fromWeb(body!), createWriteStream(list))
  } catch (error) {
    const { message } = error as Error
    const remedy = `GET /api/v1/loads/${counts.id}/refused lists the refused rows`
    throw new OperatorError(`cannot write ${list}: ${message}`, remedy, error)
  }
}

/** All of them as JSON, the first few as text. */
async function tellRefused(
  file: string,
  { counts, list, json }: { counts: Counts; list: string; json: boolean },
  target: Target,
): Promise<void> {
  const { body } = await refusedOf(counts, target, 'application/x-ndjson')
  let told = 0
  for await (const text of createInterface({ input: Readable.fromWeb(body!) })) {
    const refused = JSON.parse(text) as { line: number; column: string; detail: string }
    if (json) console.log(JSON.stringify({ file, refused }))
    else if (told++ === toldMax) break
    else
      console.error(`  line ${refused.line}: ${[refused.column, refused.detail].join(' ').trim()}`)
  }
  if (!json)
    console.error(`${counts.refused} of ${counts.rows} rows were refused: all are in ${list}`)
}
const toldMax = 10

/** On a terminal one line that moves, else a line a part; the last one is of all. */
function tellerOf(file: string, json: boolean) {
  const terminal = !json && process.stdout.isTTY
  const said = ({ line, rows, applied, events, already, refused }: Counts): string =>
    `${basename(file)}: line ${line}, ${rows} rows: ${applied} applied ` +
    `in ${events} events, ${already} there already, ${refused} refused`
  return {
    part: (counts: Counts, share: number): void => {
      const percent = Math.floor(share * 100)
      if (json) console.log(JSON.stringify({ file, percent, ...counts }))
      else if (terminal) process.stdout.write(`\r\x1b[K${percent} % ${said(counts)}`)
      else console.log(`${percent} % ${said(counts)}`)
    },
    end: (counts: Counts): void => {
      if (terminal) process.stdout.write(`\r\x1b[K${said(counts)}\n`)
    },
  }
}
