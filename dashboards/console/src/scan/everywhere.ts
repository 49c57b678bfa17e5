// Scanners that type like keyboards, on every page: their bursts are taken out of the keys, and go
// to the page that waits for scans, else to the page of scanning. Leaves fields alone: what is
// scanned into a form belongs there.
import { addressOf, goTo } from '../router.ts'
import { type Heard, openBursts, togetherMs } from './burst.ts'

type Taker = (code: string) => void

const takers: Taker[] = []

/** The page on top takes what is scanned until the returned function is called. */
export function takeScans(taker: Taker): () => void {
  takers.push(taker)
  return () => {
    takers.splice(takers.indexOf(taker), 1)
  }
}

/** Once, before anybody else listens for keys. */
export function listenForScans(): void {
  const bursts = openBursts()
  let waiting: ReturnType<typeof setTimeout> | undefined
  const take = (heard: Heard): void => {
    if (heard.state !== 'done') return
    const taker = takers.at(-1)
    if (taker) taker(heard.code)
    else goTo(addressOf(['scan'], { code: heard.code }))
  }
  const onKey = (event: KeyboardEvent): void => {
    const { key, ctrlKey: ctrl, altKey: alt, timeStamp: at, target } = event
    if (target instanceof Element && target.closest('input, textarea, select')) return
    const heard = bursts.hear({ key, ctrl, alt, at })
    clearTimeout(waiting)
    if (heard.state === 'passing') return
    event.preventDefault()
    event.stopImmediatePropagation()
    take(heard)
    // Some scanners end their codes by nothing.
    if (heard.state === 'inside')
      waiting = setTimeout(() => take(bursts.silence(performance.now())), 4 * togetherMs)
  }
  addEventListener('keydown', onKey, { capture: true })
}
