// Single keys of a page (`j`, `k`, `a`), beside those of the whole console in keys.ts: taken only
// when nobody types, no dialog is open, the console has not taken the key itself, and the reader
// has not switched single keys off.
import { useEffect, useRef } from 'preact/hooks'
import { isCharacter } from '../keys.ts'
import { singleKeys } from '../session.ts'

export type PageKeys = Readonly<Record<string, (() => void) | undefined>>

/** After `g` the next key goes to a page. */
const togetherMs = 1200

export function usePageKeys(table: PageKeys): void {
  const now = useRef(table)
  now.current = table
  useEffect(() => {
    let wentAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent): void => {
      const { ctrlKey, metaKey, altKey, key, target, timeStamp } = event
      const going = timeStamp - wentAt < togetherMs
      wentAt = key === 'g' ? timeStamp : Number.NEGATIVE_INFINITY
      if (event.defaultPrevented || ctrlKey || metaKey || altKey || going) return
      if (!singleKeys.value && isCharacter(key)) return
      if (target instanceof Element && target.closest('input, textarea, select, dialog')) return
      // Enter and space belong to what has the focus.
      if (key === 'Enter' && target instanceof Element && target.closest('a, button, summary'))
        return
      const action = now.current[key]
      if (!action) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
