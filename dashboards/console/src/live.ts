// Follows the server's event stream for as long as the page is signed in: reads, reconnects with
// back-off, says in which state it is. Interprets no event.
import { ask, Problem } from './client.ts'
import { newStreamParser, type StreamEvent, waitBefore } from './sse.ts'

export type LiveState = 'connecting' | 'live' | 'reconnecting'

export interface FollowOptions {
  token: string
  signal: AbortSignal
  onEvent(event: StreamEvent): void
  onState(state: LiveState): void
  /** The token no longer counts: following has ended. */
  onRefused(problem: Problem): void
}

/**
 * The server says something at least every 15 s (a comment when nothing happens); three missed are
 * too many.
 */
const silenceMaxMs = 50_000

export async function followStream(options: FollowOptions): Promise<void> {
  const { signal, onState, onRefused } = options
  let failures = 0
  onState('connecting')
  while (!signal.aborted) {
    const onOpen = (): void => {
      failures = 0
      onState('live')
    }
    try {
      await readOnce(options, onOpen)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && (error.status === 401 || error.status === 403))
        return onRefused(error)
    }
    if (signal.aborted) return
    failures++
    onState('reconnecting')
    await waitOrOnline(waitBefore(failures, Math.random), signal)
  }
}

/** One connection, until it ends or falls silent. */
async function readOnce(options: FollowOptions, onOpen: () => void): Promise<void> {
  const { token, signal, onEvent } = options
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), silenceMaxMs)
  try {
    const response = await ask('/api/v1/stream', {
      token,
      accept: 'text/event-stream',
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (!response.body) return
    onOpen()
    const parser = newStreamParser()
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMaxMs)
      for (const event of parser.push(decoder.decode(value, { stream: true }))) onEvent(event)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** A network that comes back ends the wait at once. */
function waitOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
