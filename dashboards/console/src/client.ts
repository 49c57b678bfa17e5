// Speaks HTTP with the API: bearer token, JSON, problems. Every failure leaves as a Problem that
// names the remedy. Keeps no state and knows no page.
import { objectOf, textOf } from './shapes.ts'

export type Query = Readonly<Record<string, string | number | undefined>>

/** Why an answer did not come, and what to do about it. status 0: the server was not reached. */
export class Problem extends Error {
  readonly status: number
  readonly remedy: string
  constructor(status: number, message: string, remedy: string) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.remedy = remedy
  }
}

export interface AskOptions {
  token: string
  query?: Query
  accept?: string
  signal?: AbortSignal
}

/** The response of a GET, or a Problem thrown. Throws the abort reason when `signal` aborts. */
export async function ask(path: string, options: AskOptions): Promise<Response> {
  const { token, query = {}, accept = 'application/json', signal } = options
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value))
  const url = search.size > 0 ? `${path}?${search}` : path
  let response: Response
  try {
    response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: accept },
      cache: 'no-store',
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(
      0,
      'The server does not answer.',
      'Check the network and that Isotherm runs (npm start).',
    )
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

export async function askJson(path: string, options: AskOptions): Promise<unknown> {
  const response = await ask(path, options)
  try {
    return await response.json()
  } catch {
    throw new Problem(
      response.status,
      'The answer is not JSON.',
      'Check that no proxy rewrites /api.',
    )
  }
}

/**
 * Fetches with the token and hands the bytes to the browser as a file: links cannot carry a token.
 */
export async function download(path: string, fileName: string, options: AskOptions): Promise<void> {
  const response = await ask(path, options)
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The browser takes the blob when the click is done; a minute is more than enough to start.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export const toProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(0, String(error), 'Reload the page; if it stays, look at the server log.')

const remedies: Readonly<Record<number, string>> = {
  401: 'Sign in again with a token that is in force.',
  403: 'Ask an administrator for a role that allows it.',
  404: 'It may have been removed, or this server is older than the console.',
  429: 'Wait a moment; the console tries again by itself.',
  500: 'Look at the server log; the console tries again by itself.',
  503: 'A store is not available; see /readyz. The console tries again by itself.',
}

async function problemOf(response: Response): Promise<Problem> {
  const body = objectOf(await response.json().catch(() => null))
  const title = textOf(body.title) || response.statusText || 'The server refused'
  const detail = textOf(body.detail)
  const remedy =
    remedies[response.status] ?? 'Reload the page; if it stays, look at the server log.'
  return new Problem(
    response.status,
    `${response.status} ${title}${detail ? `: ${detail}` : ''}`,
    remedy,
  )
}
