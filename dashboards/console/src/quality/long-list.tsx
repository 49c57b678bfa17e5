// A list of any length that the page scrolls: only rows near the window stand in the document, the
// others are room of the height they had, or would have. Rows may be of any height. Loads nothing.
import type { ComponentChildren, Ref, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { indexAt, topsOf } from './row-tops.ts'

export interface LongListProps {
  label: string
  count: number
  keyOf(index: number): string
  render(index: number): ComponentChildren
  /** Kept in the document and in sight. */
  active?: number
  /** The last rows are near: more may be loaded. */
  onEnd?: (() => void) | undefined
}

/** Rows beyond the window, so that a wheel does not outrun the drawing. */
const aheadPx = 600
const guessPx = 72

export function LongList({ label, count, keyOf, render, active = -1, onEnd }: LongListProps) {
  const host = useRef<HTMLUListElement>(null)
  const heights = useRef(new Map<string, number>())
  const [, setMeasured] = useState(0)
  const view = useView(host)
  const tops = topsOf(count, (index) => heights.current.get(keyOf(index)) ?? guessPx)
  const first = Math.max(0, indexAt(tops, view.from))
  const last = Math.min(count, indexAt(tops, view.to) + 1)

  // Rows tell their height once they stand there.
  useLayoutEffect(() => {
    let changed = false
    for (const row of host.current?.children ?? []) {
      const key = (row as HTMLElement).dataset.key
      const height = row.getBoundingClientRect().height
      if (key === undefined || Math.abs((heights.current.get(key) ?? -1) - height) < 0.5) continue
      heights.current.set(key, height)
      changed = true
    }
    if (changed) setMeasured((round) => round + 1)
  })

  useEffect(() => {
    if (last >= count && count > 0) onEnd?.()
  }, [last, count])

  useEffect(() => {
    if (active < 0) return
    const top = (host.current?.getBoundingClientRect().top ?? 0) + (tops[active] ?? 0)
    const height = (tops[active + 1] ?? 0) - (tops[active] ?? 0)
    // Room for the top line and the bar of phones.
    if (top < 120) scrollBy({ top: top - 120 })
    else if (top + height > innerHeight - 80) scrollBy({ top: top + height - innerHeight + 80 })
  }, [active])

  const shown = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
  return (
    <ul class="long-list" aria-label={label} ref={host as Ref<HTMLUListElement>}>
      {first > 0 && <li aria-hidden="true" style={{ height: `${tops[first]}px` }} />}
      {shown.map((index) => (
        <li
          key={keyOf(index)}
          data-key={keyOf(index)}
          aria-setsize={count}
          aria-posinset={index + 1}
        >
          {render(index)}
        </li>
      ))}
      {last < count && (
        <li aria-hidden="true" style={{ height: `${(tops[count] ?? 0) - (tops[last] ?? 0)}px` }} />
      )}
    </ul>
  )
}

/** What of the list stands in the window, in px from its top, in steps. */
function useView(host: RefObject<HTMLUListElement | null>): { from: number; to: number } {
  const [view, setView] = useState({ from: 0, to: 1200 })
  useEffect(() => {
    const look = (): void => {
      const top = -(host.current?.getBoundingClientRect().top ?? 0)
      const step = 200
      const from = Math.floor((top - aheadPx) / step) * step
      const to = Math.ceil((top + innerHeight + aheadPx) / step) * step
      setView((old) => (old.from === from && old.to === to ? old : { from, to }))
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [])
  return view
}
