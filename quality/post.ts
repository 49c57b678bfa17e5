// One attempt: a POST and the status of its answer. Follows no redirect, reads no more of an answer
// than a bound, waits no longer than a bound, connects only where it may. Knows no order and no
// retry.
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { bounds } from '../config.ts'
import { type AllowedHosts, guardedLookup, refuseUrl } from './destination.ts'

export interface Posted {
  /** Null when no answer came. */
  status: number | null
  /** Why it does not count as told; null when it does (2xx). */
  error: string | null
  /** From Retry-After, ms; undefined without. */
  retryAfterMs?: number
  /** It will never be taken as it is. */
  permanent?: boolean
}

export type Post = (
  url: string,
  message: { headers: Record<string, string>; body: string },
) => Promise<Posted>

/** Never rejects. Ends early when the signal says so. */
export function openPost({
  allowed,
  now,
  ended,
  timeoutMs = bounds.webhookTimeoutMs,
}: {
  allowed: AllowedHosts
  now: () => number
  ended: AbortSignal
  timeoutMs?: number
}): Post {
  const lookup = guardedLookup(allowed)
  return (url, { headers, body }) => {
    // Settings may have changed since the endpoint was made.
    const refused = refuseUrl(url, allowed)
    if (refused) return Promise.resolve({ status: null, error: refused })
    const options: RequestOptions = {
      method: 'POST',
      lookup,
      // No reuse: an idle connection that the receiver just closed would count as a failure.
      agent: false,
      signal: AbortSignal.any([ended, AbortSignal.timeout(timeoutMs)]),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Isotherm',
      },
    }
    return send(url, { options, body, now })
  }
}

const send = (
  url: string,
  { options, body, now }: { options: RequestOptions; body: string; now: () => number },
): Promise<Posted> =>
  new Promise((resolve) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const asked = request(url, options, (answer) => {
      const status = answer.statusCode!
      let bytes = 0
      const done = (): void => {
        resolve(judge(status, answer.headers['retry-after'], now()))
        asked.destroy()
      }
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > bounds.webhookAnswerBytesMax) done()
      })
      answer.on('end', done)
      // The status is the answer: a body that breaks off changes nothing.
      answer.on('error', done)
    })
    asked.on('error', (error) => resolve({ status: null, error: reasonOf(error) }))
    asked.end(body)
  })

function judge(status: number, retryAfter: string | undefined, now: number): Posted {
  if (status >= 200 && status < 300) return { status, error: null }
  const wait = retryAfter === undefined ? Number.NaN : parseRetryAfter(retryAfter, now)
  const error =
    status >= 300 && status < 400
      ? `answered ${status}: redirects are not followed`
      : `answered ${status}`
  return { status, error, ...(wait >= 0 && { retryAfterMs: wait }) }
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function parseRetryAfter(text: string, now: number): number {
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Math.min(Math.max(wait, 0), bounds.webhookRetryAfterMs)
}

function reasonOf(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time'
  const code = 'code' in error ? String(error.code) : ''
  return code !== '' && !error.message.includes(code) ? `${code}: ${error.message}` : error.message
}
