// Speaks HTTP with the API: bearer token, JSON, problems. Every failure leaves as a Problem that
// names the remedy. Keeps no state and knows no page.
import { objectOf, textOf } from './shapes.ts'
import { happeningOf, remedyOfCode } from './words/refusals.ts'
import { write } from './words/shell.ts'
import { language } from './words.ts'

export type Query = Readonly<Record<string, string | number | undefined>>

/** Why an answer did not come, and what to do about it. status 0: the server was not reached. */
export class Problem extends Error {
  readonly status: number
  readonly remedy: string
  /** Refusal codes of the answer, such as `changes/stale`. */
  readonly codes: readonly string[]
  /** What exactly was wrong, as the server says it in English, where the message is in another. */
  readonly exact: string
  constructor(
    status: number,
    message: string,
    remedy: string,
    codes: readonly string[] = [],
    exact = '',
  ) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.remedy = remedy
    this.codes = codes
    this.exact = exact
  }
  /** It may go away by itself: worth another try. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export interface AskOptions {
  token: string
  query?: Query
  accept?: string
  signal?: AbortSignal
}

export interface TellOptions {
  /** Empty: as nobody, to sign in. */
  token: string
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
}

/** The response of a GET, or a Problem thrown. Throws the abort reason when `signal` aborts. */
export async function ask(path: string, options: AskOptions): Promise<Response> {
  const { token, query = {}, accept = 'application/json', signal } = options
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value))
  const url = search.size > 0 ? `${path}?${search}` : path
  const response = await reach(
    url,
    {
      headers: { Authorization: `Bearer ${token}`, Accept: accept },
      ...(signal && { signal }),
    },
    signal,
  )
  if (!response.ok) throw await problemOf(response)
  return response
}

export async function askJson(path: string, options: AskOptions): Promise<unknown> {
  const response = await ask(path, options)
  try {
    return await response.json()
  } catch {
    throw new Problem(response.status, write('problem.notJson'), write('remedy.proxy'))
  }
}

/** The answer to a change as JSON, null without a body; a Problem thrown when it was refused. */
export async function tellJson(path: string, options: TellOptions): Promise<unknown> {
  const { token, method, body } = options
  const response = await reach(path, {
    method,
    headers: {
      Accept: 'application/json',
      ...(token !== '' && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw await problemOf(response)
  return response.json().catch(() => null)
}

/**
 * Fetches with the token and hands the bytes to the browser as a file: links cannot carry a token.
 * The file is called as the server says, else `fileName`.
 */
export async function download(path: string, fileName: string, options: AskOptions): Promise<void> {
  const response = await ask(path, options)
  const told = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')
  save(await response.blob(), told?.[1] ?? fileName)
}

/** Hands bytes to the browser as a file. */
export function save(bytes: Blob, fileName: string): void {
  const url = URL.createObjectURL(bytes)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The browser takes the blob when the click is done; a minute is more than enough to start.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export const toProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, String(error), write('remedy.other'))

export async function reach(
  url: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, cache: 'no-store' })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0, write('problem.unreachable'), write('remedy.unreachable'))
  }
}

function remedyOf(status: number): string {
  if (status === 401) return write('remedy.signIn')
  if (status === 403) return write('remedy.role')
  if (status === 404) return write('remedy.gone')
  if (status === 409 || status === 412) return write('remedy.conflict')
  if (status === 400 || status === 422) return write('remedy.correct')
  if (status === 429) return write('remedy.wait')
  if (status === 503) return write('remedy.store')
  return status >= 500 ? write('remedy.log') : write('remedy.other')
}

export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response
  const body = objectOf(await response.json().catch(() => null))
  const title = textOf(body.title) || response.statusText || write('problem.refused')
  const errors = Array.isArray(body.errors) ? body.errors.map(objectOf) : []
  const details = errors.map(({ path, detail }) => {
    const at = textOf(path).replace(/^(body|query|path)\//, '')
    return at && at !== 'body' ? `${at}: ${textOf(detail)}` : textOf(detail)
  })
  const detail = details.length > 1 ? details.join('; ') : textOf(body.detail)
  const codes = errors.map(({ code }) => textOf(code))
  const happened = happeningOf(codes, status) ?? `${status} ${title}`
  const remedy = remedyOfCode(codes) ?? remedyOf(status)
  if (detail === '') return new Problem(status, happened, remedy, codes)
  if (language.value !== 'en') return new Problem(status, happened, remedy, codes, detail)
  return new Problem(status, `${happened.replace(/\.$/, '')}: ${detail}.`, remedy, codes)
}
