// Keystrokes told apart: a scanner types a code faster than anybody could, and ends it by Enter or
// Tab or silence. Pure: who listens brings the strokes with their times. FNC1 comes as the control
// character GS, as Ctrl+] on whatever key that is, or as F8.

export interface Stroke {
  key: string
  ctrl: boolean
  alt: boolean
  /** Milliseconds of a clock that never goes back. */
  at: number
}

/** passing: no key of a scan, or perhaps its first. inside: within a burst. done: a whole code. */
export type Heard = { state: 'passing' } | { state: 'inside' } | { state: 'done'; code: string }

export interface Bursts {
  hear(stroke: Stroke): Heard
  /** What is there when no key came for a while. */
  silence(at: number): Heard
}

export const gs = '\u001d'
/** Between two keys of a scanner; people need 60 ms at their very best, and not for long. */
export const togetherMs = 45
/** Shorter ones may be two hands on one keyboard. */
const charsMin = 6
const charsMax = 4096

export function openBursts(): Bursts {
  let text = ''
  let last = Number.NEGATIVE_INFINITY
  const end = (): Heard => {
    const code = text
    text = ''
    return code.length >= charsMin ? { state: 'done', code } : { state: 'passing' }
  }
  return {
    hear(stroke) {
      const isNext = stroke.at - last <= togetherMs
      if (!isNext) text = ''
      if (stroke.key === 'Enter' || stroke.key === 'Tab') return isNext ? end() : passing
      const char = charOf(stroke)
      if (char === null) return isNext && text !== '' ? { state: 'inside' } : passing
      last = stroke.at
      text = (text + char).slice(0, charsMax)
      return text.length > 1 ? { state: 'inside' } : passing
    },
    silence: (at) => (at - last > togetherMs ? end() : { state: 'inside' }),
  }
}

const passing: Heard = { state: 'passing' }

/** Null for keys that write nothing: Shift and the like. */
function charOf({ key, ctrl, alt }: Stroke): string | null {
  if (key === 'F8') return gs
  if (key.length !== 1) return null
  // AltGr counts as both.
  return ctrl && !alt ? gs : key
}
