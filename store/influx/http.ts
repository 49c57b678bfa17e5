// Requests to one InfluxDB, and what its answers mean to us: stored, never, or later. Knows no
// schema. Of @influxdata/influxdb-client only the transport is used: its own buffers and retries
// lose readings (ADR 0008).
import http from 'node:http'
import https from 'node:https'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { bounds } from '../../config.ts'
import type { InfluxSetting } from '../../config-urls.ts'
import { Unavailable } from '../../domain/refusal.ts'

export interface InfluxOptions extends InfluxSetting {
  /** Of a database or bucket that is made because it is missing; for ever when absent. */
  retentionDays?: number
  timeoutMs?: number
  /** Instead of `bounds.influxTornMs`: for a server that moves its memory to files sooner. */
  tornMs?: number
  /** Worth its CPU across a network, not on one machine. */
  gzip?: boolean
}

/** Lines that InfluxDB did not all take, and will not when they come again. */
export interface Refused {
  reason: string
  /** All of them are lost; otherwise some may be stored. */
  all: boolean
}

/** One statement's answer. Values stand in the order of `columns`; the first is the time. */
export interface InfluxTable {
  name?: string
  tags?: Record<string, string>
  columns: string[]
  values: (number | string | boolean | null)[][]
  partial?: boolean
}

export interface InfluxHttp {
  readonly options: InfluxOptions
  /** One request. Undefined: all lines are durable. Throws Unavailable. */
  write(path: string, lines: string): Promise<Refused | undefined>
  /**
   * InfluxQL, one list of tables for each statement; `db` instead of that of the options. Throws
   * Unavailable.
   */
  query(statements: string[], epoch?: 'ms' | 'u', db?: string): Promise<InfluxTable[][]>
  /**
   * Any other request, with the answer whatever it is; asked twice when a connection breaks, so it
   * must be one that may be. Throws Unavailable when there is no answer.
   */
  ask(method: string, path: string, body?: unknown): Promise<InfluxAnswer>
  /** What an answer that is no success means. */
  unavailable(status: number, said: string, retryAfter?: string): Unavailable
  close(): void
}

export interface InfluxAnswer {
  status: number
  headers: Headers
  body: string
}

/** The database or bucket went away: it is made again before the next try. */
export class Missing extends Unavailable {}

/**
 * 1.x could not write its WAL (a full disk). It goes on behind the half entry, and drops at its
 * next start all that stands behind it, acknowledged or not. That start leaves a hole, and what
 * follows the hole is dropped by the start after (measured with 1.6.7). Safe is what it has moved
 * from memory to its files, and what it wrote to the new file of the WAL that it begins then: after
 * 10 minutes without a write, provided that there was one since its start.
 */
export class Torn extends Unavailable {}

export function openInfluxHttp(options: InfluxOptions): InfluxHttp {
  const clean = cleaner(options)
  const timeoutMs = options.timeoutMs ?? bounds.influxTimeoutMs
  const meaning: Meaning = {
    clean,
    unavailable: (status, said, retryAfter) =>
      answered(options, { status, said: clean(said), retryAfter }),
    silent: (error) =>
      new Unavailable(`InfluxDB at ${options.url} ${clean(silence(error, timeoutMs))}`),
  }
  const { write, close } = openWrites(options, timeoutMs, meaning)
  const ask = makeAsk(options, timeoutMs, meaning)
  const inTurn = makeGate(bounds.influxReadsMax)
  return {
    options,
    unavailable: meaning.unavailable,
    write,
    ask,
    query: (statements, epoch = 'ms', db = options.bucket) =>
      inTurn(async () => {
        const path = `/query?${new URLSearchParams({ db, epoch })}`
        const form = new URLSearchParams({ q: statements.join(';') })
        const { status, headers, body } = await ask('POST', path, form)
        if (status !== 200)
          throw meaning.unavailable(status, messageOf(body), headers.get('retry-after') ?? '')
        return tablesOf(body, meaning.unavailable)
      }),
    close,
  }
}

/** What is said about failures, without the secrets a server may say back. */
interface Meaning {
  clean(text: string): string
  unavailable(status: number, said: string, retryAfter?: string): Unavailable
  silent(error: unknown): Unavailable
}

function openWrites(
  options: InfluxOptions,
  timeoutMs: number,
  { clean, unavailable, silent }: Meaning,
): Pick<InfluxHttp, 'write' | 'close'> {
  const kind = options.url.startsWith('https:') ? https : http
  const agent = new kind.Agent({ keepAlive: true, maxSockets: bounds.influxWritesMax })
  const { transport } = new InfluxDB({
    url: options.url,
    timeout: timeoutMs,
    headers: authorizationOf(options),
    transportOptions: { agent },
  })
  const sending = {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    ...(options.gzip && { gzipThreshold: 1000 }),
  }
  const refusal = (error: HttpError, lines: string): Refused => {
    const { statusCode, headers, body = '' } = error
    const said = messageOf(body)
    if (statusCode === 413) return { reason: 'too large for InfluxDB', all: false }
    // A limit on series is the operator's to raise, no fault of a reading.
    const refused = statusCode === 400 || statusCode === 422
    if (refused && !/max-(series|values)/.test(said)) return refusedBy(clean(said), lines)
    throw unavailable(statusCode, said, String(headers?.['retry-after'] ?? ''))
  }
  return {
    async write(path, lines) {
      let status = 0
      // Not AbortSignal.timeout: it would hold the lines until then, long after the answer.
      const { signal, done } = endsIn(timeoutMs)
      try {
        const said = await transport.request(path, lines, { ...sending, signal }, (_, code = 0) => {
          status = code
        })
        if (status === 204) return undefined
        // 3.x tells partial success by 201; anything else here speaks for a stranger in between.
        if (status !== 201 || !/partial|error/i.test(saidText(said)))
          throw unavailable(status, saidText(said))
        return refusedBy(clean(saidText(said)), lines)
      } catch (error) {
        if (error instanceof Unavailable) throw error
        if (error instanceof HttpError) return refusal(error, lines)
        throw silent(signal.aborted ? signal.reason : error)
      } finally {
        done()
      }
    },
    close: () => agent.destroy(),
  }
}

/** Aborted after that time, unless it is done before. */
function endsIn(timeoutMs: number): { signal: AbortSignal; done(): void } {
  const ending = new AbortController()
  const timer = setTimeout(() => {
    ending.abort(new DOMException('no answer in time', 'TimeoutError'))
  }, timeoutMs)
  return { signal: ending.signal, done: () => clearTimeout(timer) }
}

function makeAsk(
  options: InfluxOptions,
  timeoutMs: number,
  { silent }: Meaning,
): InfluxHttp['ask'] {
  const authorization = authorizationOf(options)
  const once: InfluxHttp['ask'] = async (method, path, body) => {
    const form = body instanceof URLSearchParams
    const { signal, done } = endsIn(timeoutMs)
    try {
      const answer = await fetch(options.url + path, {
        ...{ method, signal, redirect: 'manual' },
        headers: form ? authorization : { ...authorization, 'content-type': 'application/json' },
        ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
      })
      return { status: answer.status, headers: answer.headers, body: await answer.text() }
    } finally {
      done()
    }
  }
  return async (method, path, body) => {
    try {
      return await once(method, path, body).catch((error: Error) => {
        // A connection kept from before a restart of InfluxDB fails once.
        if (error.name === 'TimeoutError') throw error
        return once(method, path, body)
      })
    } catch (error) {
      throw silent(error)
    }
  }
}

/** At most so many at once; the others wait in the order they came. */
export function makeGate(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = most
  const waiting: (() => void)[] = []
  return async (task) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

function authorizationOf({ token, user, password }: InfluxOptions): Record<string, string> {
  if (token !== undefined) return { authorization: `Token ${token}` }
  if (user === undefined) return {}
  const pair = Buffer.from(`${user}:${password ?? ''}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

/** A server may say back what it was sent: no secret passes from here. */
function cleaner({ token, password }: InfluxOptions): (text: string) => string {
  const secrets = [token, password].filter((secret) => secret !== undefined && secret !== '')
  return (text) =>
    secrets
      .reduce<string>((kept, secret) => kept.replaceAll(secret!, '…'), text)
      .slice(0, saidCharsMax)
}

const saidCharsMax = 300

function answered(
  { url, bucket, token }: InfluxOptions,
  {
    status,
    said,
    retryAfter = '',
  }: { status: number; said: string; retryAfter: string | undefined },
): Unavailable {
  const who = token === undefined ? 'the user or the password' : 'the token'
  if (status === 401)
    return new Unavailable(
      `InfluxDB at ${url} refuses ${who}: put the right one into ISOTHERM_SERIES_URL`,
      refusedRetryMs,
    )
  if (status === 403)
    return new Unavailable(
      `InfluxDB at ${url} grants too little: give ${who} read and write on ${bucket} (${said})`,
      refusedRetryMs,
    )
  if (status === 404) return new Missing(`InfluxDB at ${url} has no ${bucket} (${said})`)
  if (status === 500 && /writing WAL entry/.test(said))
    return new Torn(
      `InfluxDB at ${url} could not write its log (${said}): make room on its disk; readings wait ` +
        'until it has moved what it holds to its files, 11 minutes after this or its next start',
      refusedRetryMs,
    )
  const message = `InfluxDB at ${url} answers ${status}${said === '' ? '' : `: ${said}`}`
  return new Unavailable(message, waitMs(retryAfter))
}

/** Until somebody mended it, asking more often helps nobody. */
const refusedRetryMs = 5000

/** RFC 9110 §10.2.3: seconds, or a date. */
function waitMs(retryAfter: string): number {
  const seconds = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) : Number.NaN
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000
  return Number.isNaN(ms) || ms <= 0 ? 1000 : Math.min(ms, bounds.influxRetryAfterMs)
}

function silence(error: unknown, timeoutMs: number): string {
  const { name, code, message, cause } = error as Error & { code?: string }
  if (name === 'TimeoutError' || name === 'RequestTimedOutError')
    return `gave no answer within ${timeoutMs} ms`
  const reason = (cause as { code?: string } | undefined)?.code ?? code ?? message
  return `cannot be reached (${reason})`
}

/** `dropped=` counts lines of ours; 0 although one is lost is how 1.x tells an unreadable line. */
function refusedBy(reason: string, lines: string): Refused {
  const dropped = Number(/dropped=(\d+)/.exec(reason)?.[1] ?? 0)
  let count = 1
  for (let at = lines.indexOf('\n'); at >= 0; at = lines.indexOf('\n', at + 1)) count++
  return { reason, all: dropped === count }
}

const saidText = (said: unknown): string =>
  said === undefined ? '' : typeof said === 'string' ? said : JSON.stringify(said)

/** 1.x and 3.x say `error`, 2.x `message`; 3.x lists lines in `data`. */
function messageOf(body: string): string {
  try {
    const said = JSON.parse(body) as { error?: unknown; message?: unknown; data?: unknown }
    const first = Array.isArray(said.data) ? (said.data[0] as { error_message?: unknown }) : {}
    const parts = [said.error ?? said.message, first?.error_message]
    return parts.filter((part) => typeof part === 'string').join(': ') || body
  } catch {
    return body.trim()
  }
}

function tablesOf(body: string, unavailable: InfluxHttp['unavailable']): InfluxTable[][] {
  let answer: { error?: string; results?: { error?: string; series?: InfluxTable[] }[] }
  try {
    answer = JSON.parse(body)
  } catch {
    throw unavailable(200, 'not the JSON of an InfluxDB')
  }
  if (answer.error !== undefined) throw unavailable(200, answer.error)
  return (answer.results ?? []).map(({ error, series }) => {
    if (error === undefined) return series ?? []
    if (/(measurement|table)\b.*not found/i.test(error)) return []
    throw unavailable(/database|bucket|retention policy/i.test(error) ? 404 : 200, error)
  })
}
