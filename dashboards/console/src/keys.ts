// Keys that work everywhere: `g` and a letter go to a page, single keys open things. Nothing is
// taken while somebody types, and nothing that browsers or screen readers use. Which key does what
// is said by the caller.

export interface KeyTable {
  /** False: single characters do nothing (WCAG 2.1.4), also after `g`; Escape and Ctrl K do. */
  characters: boolean
  /** By key as KeyboardEvent.key has it: `?`, `/`, `w`. */
  single: Readonly<Record<string, () => void>>
  /** After `g`. */
  go: Readonly<Record<string, () => void>>
  /** With Ctrl or ⌘. */
  command: Readonly<Record<string, () => void>>
}

/** After `g` the second key must come within so long. */
const togetherMs = 1200

export function followKeys(table: () => KeyTable): () => void {
  let wentAt = Number.NEGATIVE_INFINITY
  const onKey = (event: KeyboardEvent): void => {
    const { characters, single, go, command } = table()
    if (event.ctrlKey || event.metaKey) {
      if (!event.altKey && !event.shiftKey) act(command[event.key.toLowerCase()], event)
      return
    }
    if (event.altKey || event.repeat || isTyping(event.target)) return
    if (!characters && isCharacter(event.key)) return
    const followed = event.timeStamp - wentAt < togetherMs
    wentAt = Number.NEGATIVE_INFINITY
    if (followed) act(go[event.key], event)
    else if (event.key === 'g') wentAt = event.timeStamp
    else act(single[event.key], event)
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

/** A letter, digit or sign, as WCAG 2.1.4 counts them; not Enter, Escape, arrows. */
export const isCharacter = (key: string): boolean => [...key].length === 1

function act(action: (() => void) | undefined, event: KeyboardEvent): void {
  if (!action) return
  event.preventDefault()
  action()
}

/** Typing goes before shortcuts (WCAG 2.1.4), and so does an open dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest('input, textarea, select, [contenteditable], dialog') !== null
}

/**
 * Arrow keys within a list: the index to focus next, or null when the key is none of them.
 * Home and End go to the ends.
 */
export function roveBy(key: string, index: number, count: number): number | null {
  const last = count - 1
  const next: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(last, index + 1),
    ArrowUp: Math.max(0, index - 1),
    PageDown: Math.min(last, index + 10),
    PageUp: Math.max(0, index - 10),
    Home: 0,
    End: last,
  }
  return count > 0 ? (next[key] ?? null) : null
}
