// What Grafana does to a query before it asks a data source, as far as the dashboards of this
// project need it: variables and their formats, macros, the width of an interval; and the three
// data sources themselves, real ones, asked the way Grafana asks them. Written after Grafana's
// documentation and source; an unknown format, macro or left-over placeholder throws, so that
// nothing passes by luck. Draws nothing: what panels look like was not seen.
import type pg from 'pg'

export interface Choice {
  text: string | string[]
  value: string | string[]
  /** What stands for all values, put in as it is (`allValue`). */
  all?: string
}

/** Epoch ms. */
export interface Range {
  from: number
  to: number
}

export interface Asking {
  variables: Record<string, Choice>
  range: Range
  /** The shortest interval of the data source (`timeInterval`). */
  scrapeMs?: number
  /** Columns of the row of a link. */
  fields?: Record<string, unknown>
}

export type Row = Record<string, unknown>

export interface Sources {
  influxUrl: string
  influxDatabase: string
  /** As the login of Grafana. */
  postgres: pg.Client
  prometheusUrl: string
}

/** A query as it is saved in a panel, a variable, an annotation or a rule. */
export interface Target {
  refId: string
  datasource: { type?: string; uid?: string }
  query?: string
  resultFormat?: string
  rawSql?: string
  expr?: string
  instant?: boolean
}

/** Rows of any of the three; time series as rows of labels, `Time` and the values. */
export async function ask(sources: Sources, target: Target, asking: Asking): Promise<Row[]> {
  switch (target.datasource.type) {
    case 'influxdb':
      return askInflux(sources, influxQuery(target.query!, asking))
    case 'grafana-postgresql-datasource':
      return (await sources.postgres.query<Row>(sqlQuery(target.rawSql!, asking))).rows
    case 'prometheus':
      return askPrometheus(sources, target, asking)
    default:
      throw new Error(`nobody asks a ${target.datasource.type}`)
  }
}

/** `${name}`, `${name:format}`, `${__data.fields.column:format}`, `$name`. Unknown names stay. */
export function interpolate(text: string, asking: Asking): string {
  const pattern = /\$\{(\w+)(?:\.([^:}]+))?(?::(\w+))?\}|\$(\w+)/g
  return text.replace(pattern, (whole, braced, path, format, bare) => {
    const name: string = braced ?? bare
    if (name === '__data') return cellOf(path, format, asking)
    if (name === '__value') return formatted(String(asking.fields?.__value ?? ''), format)
    const built = builtIn(name, asking)
    if (built !== undefined) return built
    const choice = asking.variables[name]
    if (!choice) return whole
    if (format === 'text') return [choice.text].flat().join(' + ')
    if (choice.all !== undefined && format !== 'percentencode') return choice.all
    return formatted(choice.value, format)
  })
}

/** Rows that have the same value in a column become one; `inner`: only if every query has it. */
export function joinBy(column: string, mode: string, answers: Row[][]): Row[] {
  const values = new Set(answers.flatMap((rows) => rows.map((row) => row[column])))
  return [...values].flatMap((value) => {
    const found = answers.map((rows) => rows.find((row) => row[column] === value))
    if (mode === 'inner' && found.includes(undefined)) return []
    return [Object.assign({}, ...found.map((row) => row ?? {})) as Row]
  })
}

const builtIn = (name: string, { range, scrapeMs = 60_000 }: Asking): string | undefined => {
  const intervalMs = intervalOf(range, scrapeMs)
  const known: Record<string, string> = {
    __from: String(range.from),
    __to: String(range.to),
    __url_time_range: `from=${range.from}&to=${range.to}`,
    __interval: `${intervalMs / 1000}s`,
    __interval_ms: String(intervalMs),
    // The Prometheus data source: at least four scrapes, so that a rate has something to go by.
    __rate_interval: `${Math.max(intervalMs + scrapeMs, 4 * scrapeMs) / 1000}s`,
    __range: `${Math.round((range.to - range.from) / 1000)}s`,
  }
  return known[name]
}

/** About a thousand points over the range, on round steps; never less than the shortest. */
function intervalOf({ from, to }: Range, shortestMs: number): number {
  const rough = (to - from) / 1000
  const round = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400]
  const step = round.map((seconds) => seconds * 1000).find((ms) => ms >= rough) ?? 86_400_000
  return Math.max(step, shortestMs)
}

function formatted(value: string | string[], format: string | undefined): string {
  const values = [value].flat()
  switch (format) {
    case 'sqlstring':
      return values.map((one) => `'${one.replaceAll("'", "''")}'`).join(',')
    case 'regex': {
      const escaped = values.map((one) => one.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&'))
      return typeof value === 'string' ? escaped[0]! : `(${escaped.join('|')})`
    }
    case 'percentencode':
      return values
        .map((one) =>
          encodeURIComponent(one).replace(
            /[!'()*]/g,
            (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
          ),
        )
        .join(',')
    case 'raw':
      return values.join(',')
    default:
      throw new Error(`a variable without a format that says how it is quoted: ${format}`)
  }
}

function cellOf(path: string, format: string | undefined, { fields }: Asking): string {
  const column = path.replace(/^fields\./, '')
  const value = fields?.[column]
  if (value === undefined) throw new Error(`a link names the column ${column}, which is not there`)
  return formatted(value === null ? '' : String(value), format)
}

/** As pkg/tsdb/influxdb/models/query.go renders it. */
function influxQuery(query: string, asking: Asking): string {
  const { from, to } = asking.range
  const text = interpolate(query, asking).replaceAll(
    '$timeFilter',
    `time >= ${from}ms and time <= ${to}ms`,
  )
  return complete(text)
}

/** Macros of the SQL data source; of them the dashboards use none, so all are refused. */
const sqlQuery = (query: string, asking: Asking): string => complete(interpolate(query, asking))

function complete(query: string): string {
  const left = /\$(?!\/)[{\w]\w*/.exec(query)
  if (left) throw new Error(`${left[0]} is not known to Grafana in: ${query}`)
  return query
}

interface InfluxAnswer {
  results: {
    error?: string
    series?: { tags?: Row; columns: string[]; values: unknown[][] }[]
  }[]
}

/** InfluxQL over HTTP, times in ms, as the data source asks (pkg/tsdb/influxdb/influxql). */
async function askInflux({ influxUrl, influxDatabase }: Sources, q: string): Promise<Row[]> {
  const body = new URLSearchParams({ db: influxDatabase, epoch: 'ms', q })
  const answer = await fetch(`${influxUrl}/query`, { method: 'POST', body })
  const { results, error } = (await answer.json()) as InfluxAnswer & { error?: string }
  const [result] = results ?? []
  if (!result || result.error !== undefined) throw new Error(`${error ?? result?.error}: ${q}`)
  return (result.series ?? []).flatMap(({ tags, columns, values }) =>
    values.map((value) => ({
      ...tags,
      ...Object.fromEntries(
        columns.map((column, i) => [column === 'time' ? 'Time' : column, value[i]]),
      ),
    })),
  )
}

interface PrometheusAnswer {
  status: string
  error?: string
  data: { result: { metric: Row; value?: [number, string]; values?: [number, string][] }[] }
}

async function askPrometheus(
  { prometheusUrl }: Sources,
  target: Target,
  asking: Asking,
): Promise<Row[]> {
  const { from, to } = asking.range
  const query = complete(interpolate(target.expr!, asking))
  const step = intervalOf(asking.range, asking.scrapeMs ?? 60_000) / 1000
  const [path, when] = target.instant
    ? ['query', { time: String(to / 1000) }]
    : ['query_range', { start: String(from / 1000), end: String(to / 1000), step: String(step) }]
  const body = new URLSearchParams({ query, ...(when as Record<string, string>) })
  const answer = await fetch(`${prometheusUrl}/api/v1/${path}`, { method: 'POST', body })
  const { status, error, data } = (await answer.json()) as PrometheusAnswer
  if (status !== 'success') throw new Error(`${error}: ${query}`)
  return data.result.flatMap(({ metric, value, values }) =>
    (values ?? [value!]).map(([time, text]) => ({
      ...metric,
      Time: time * 1000,
      Value: Number(text),
    })),
  )
}
