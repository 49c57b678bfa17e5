// Server-sent events from text that arrives in any pieces (WHATWG HTML §9.2.6). Pure; opens no
// connection, but knows how long to wait before the next try. EventSource cannot send an
// Authorization header, so the console reads the stream itself.

export interface StreamEvent {
  event: string
  data: string
  id: string
}

/** An event that grows beyond it is not ours: the parser drops it rather than grow for ever. */
export const eventCharsMax = 1_048_576

export interface StreamParser {
  /** The events that this piece of text completed, in order. */
  push(text: string): StreamEvent[]
}

export function newStreamParser(): StreamParser {
  let rest = ''
  let first = true
  let event = ''
  let data: string[] = []
  let chars = 0
  let id = ''

  const readLine = (line: string, events: StreamEvent[]): void => {
    if (line === '') {
      // "If the data buffer is an empty string, set the event type buffer to empty and return."
      if (data.length > 0 && chars <= eventCharsMax)
        events.push({ event: event || 'message', data: data.join('\n'), id })
      event = ''
      data = []
      chars = 0
      return
    }
    if (line.startsWith(':')) return
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    let value = colon < 0 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'data') {
      chars += value.length + 1
      if (chars <= eventCharsMax) data.push(value)
    }
  }

  return {
    push(text) {
      if (first && text !== '') {
        first = false
        if (text.startsWith('\uFEFF')) text = text.slice(1)
      }
      rest += text
      const events: StreamEvent[] = []
      let start = 0
      for (;;) {
        const end = lineEnd(rest, start)
        if (!end) break
        readLine(rest.slice(start, end.at), events)
        start = end.next
      }
      rest = rest.slice(start)
      if (rest.length > eventCharsMax) rest = ''
      return events
    },
  }
}

const waitMs = { first: 1000, most: 30_000 }

/**
 * Wait before the nth try (from 1): doubling, at most 30 s, with jitter so that consoles do not
 * come as one.
 */
export function waitBefore(attempt: number, random: () => number): number {
  const most = Math.min(waitMs.most, waitMs.first * 2 ** (attempt - 1))
  return Math.round(most * (0.5 + random() / 2))
}

/**
 * Lines end in \n, \r or \r\n. A \r at the end of the text may still become \r\n: wait for more.
 */
function lineEnd(text: string, from: number): { at: number; next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '\n') return { at, next: at + 1 }
    if (char !== '\r') continue
    if (at + 1 === text.length) return undefined
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 }
  }
  return undefined
}
