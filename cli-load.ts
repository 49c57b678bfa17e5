// `isotherm load FILE --mapping NAME`: a file of another system to a running server, in parts of
// whole rows, so that neither side holds more than a part of it, a break costs no more than one,
// and all of it may be run again: what is there already changes nothing.
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { reach, type SendOptions, send } from './cli-files.ts'
import { bounds } from './config.ts'
import { OperatorError } from './domain/refusal.ts'
import { type CsvRecord, readCsv } from './ingest/files/csv.ts'
import { type Mapping, mappingSchema } from './ingest/files/mapping.ts'
import { readText, refuseBinary } from './ingest/files/text.ts'

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

/** False when rows were refused; these are in FILE.refused.csv then. */
export async function loadFile(file: string, options: LoadOptions): Promise<boolean> {
  const { url, token, close } = await reach(options)
  try {
    const headers = { authorization: `Bearer ${token}` }
    const mapping = await mappingOf(options.mapping, { url, headers })
    const target = { url, headers, ...mapping }
    let counts: Counts | undefined
    for await (const part of partsOf(file, target.mapping)) {
      counts = await sendPart(part, target, counts?.id)
      tell(file, counts, options.json)
    }
    if (!counts) throw new OperatorError(`${file} has no rows`, 'give a file with rows')
    if (counts.refused === 0) return true
    const list = await asked(`${url}/api/v1/loads/${counts.id}/refused`, { headers })
    const refused = `${file}.refused.csv`
    writeFileSync(refused, await list.text())
    console.error(`${counts.refused} rows were refused: ${refused} says which and why`)
    return false
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
  const response = isFile
    ? await asked(place, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/json' },
        body: readFileSync(given),
      })
    : await asked(place, { headers })
  const { mapping } = (await response.json()) as { mapping: unknown }
  return { name, mapping: mappingSchema.parse(mapping) }
}

interface Part {
  body: string
  /** Of its first row. */
  line: number
}

/** Whole rows as they came, each part with the header of the file. */
async function* partsOf(file: string, mapping: Mapping): AsyncGenerator<Part> {
  let header: string | undefined
  let rows: string[] = []
  let line = 0
  let next = 0
  for await (const { line: at, raw } of recordsOf(file, mapping)) {
    if (mapping.header && header === undefined) header = `${raw}\n`
    else {
      if (rows.length === 0) line = at
      // Empty lines are sent too: the server counts as the file does.
      rows.push(`${'\n'.repeat(rows.length === 0 ? 0 : at - next)}${raw}\n`)
      next = at + raw.split('\n').length
    }
    if (rows.length < bounds.loadPartRows) continue
    yield { body: (header ?? '') + rows.join(''), line }
    rows = []
  }
  if (rows.length > 0) yield { body: (header ?? '') + rows.join(''), line }
}

async function* recordsOf(file: string, mapping: Mapping): AsyncGenerator<CsvRecord> {
  const text = readText(mapping.encoding)
  const csv = readCsv({
    delimiter: mapping.delimiter,
    rowCharsMax: bounds.loadRowCharsMax,
    columnsMax: bounds.loadColumnsMax,
  })
  let isFirst = true
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      const binary = isFirst ? refuseBinary(chunk) : undefined
      if (binary) throw new OperatorError(`${file}: ${binary.detail}`, 'give a text file')
      isFirst = false
      yield* csv.push(text.push(chunk))
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error
    const { message } = error as Error
    throw new OperatorError(`cannot read ${file}: ${message}`, 'check the name of the file', error)
  }
  yield* csv.push(text.finish())
  yield* csv.finish()
}

async function sendPart(
  { body, line }: Part,
  { url, headers, name }: Target,
  load: string | undefined,
): Promise<Counts> {
  const query = new URLSearchParams({
    ...{ mapping: name, line: String(line) },
    ...(load !== undefined && { load }),
  })
  const response = await asked(`${url}/api/v1/loads?${query}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv; charset=utf-8' },
    // The mark says that this is UTF-8 now, whatever the file was.
    body: `\u{FEFF}${body}`,
  })
  return (await response.json()) as Counts
}

/** Throws OperatorError with the reasons when the answer is a problem. Asks again when busy. */
async function asked(url: string, request: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await send(url, request)
    if (response.ok) return response
    if (response.status !== 503 || tries === triesMax) throw await problemOf(response)
    await delay(tries * 1000)
  }
}
const triesMax = 5

async function problemOf(response: Response): Promise<OperatorError> {
  const said = (await response.json().catch(() => ({}))) as {
    title?: string
    errors?: { path?: string; pointer?: string; detail: string }[]
  }
  const reasons = (said.errors ?? []).map(({ path, pointer, detail }) =>
    `${path ?? pointer ?? ''} ${detail}`.trim(),
  )
  return new OperatorError(
    [said.title ?? `the server said ${response.status}`, ...reasons].join('\n  '),
    'mend that and run it again: rows that are there already change nothing',
  )
}

function tell(file: string, counts: Counts, json: boolean): void {
  if (json) console.log(JSON.stringify({ file, ...counts }))
  else
    console.log(
      `${basename(file)}: line ${counts.line}, ${counts.rows} rows: ${counts.applied} applied ` +
        `in ${counts.events} events, ${counts.already} there already, ${counts.refused} refused`,
    )
}
