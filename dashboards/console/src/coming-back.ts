// Where the reader was on a page that is left: who comes back by the browser's own way finds the
// same row with the focus, at the same height. Kept for as long as the window is open.

interface Left {
  top: number
  /** Address of the link that had the focus: most pages are left by one. */
  href: string | null
}

const left = new Map<string, Left>()
const keptMax = 100
/** So long a page may take to show the row again. */
const waitMs = 4000
let here = location.hash

/** Call at each change of the address. True: the reader came back to where they had been. */
export function comeAndGo(): boolean {
  const href = document.activeElement?.closest('main a')?.getAttribute('href') ?? null
  left.delete(here)
  left.set(here, { top: scrollY, href })
  for (const oldest of left.keys()) if (left.size > keptMax) left.delete(oldest)
  here = location.hash
  // An entry of the history that was seen before bears a mark; a new one has none.
  const back = Boolean((history.state as { seen?: boolean } | null)?.seen)
  history.replaceState({ seen: true }, '')
  return back
}

/** Looks for the row until it is there, or until the reader does something else. */
export function findAgain(): void {
  const was = left.get(here)
  if (!was) return
  const until = performance.now() + waitMs
  const stop = new AbortController()
  for (const name of ['keydown', 'pointerdown', 'wheel'])
    addEventListener(name, () => stop.abort(), { once: true, signal: stop.signal, passive: true })
  const look = (): void => {
    if (stop.signal.aborted) return
    if (document.documentElement.scrollHeight - innerHeight >= was.top) scrollTo({ top: was.top })
    const link = was.href && document.querySelector(`main a[href="${CSS.escape(was.href)}"]`)
    if (link instanceof HTMLElement) link.focus({ preventScroll: true })
    const found = (link || !was.href) && Math.abs(scrollY - was.top) < 2
    if (found || performance.now() > until) stop.abort()
    else setTimeout(look, 50)
  }
  // The page is drawn first.
  setTimeout(look)
}
