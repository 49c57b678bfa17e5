// Keeps the lists of the board up to date while it is open: loads them, and again when the stream
// tells of a change.
import { effect } from '@preact/signals'
import { alerts, clearLists, loadLists, seeReadings, shipments } from './lists.ts'
import { numberOf, objectOf, parseTime, textOf } from './shapes.ts'
import { listen, live } from './stream.ts'

/** Many events in a short time become one reload. */
const listsWaitMs = 400
const againMs = 10_000

/** Until the returned function is called. */
export function watchBoard(): () => void {
  const reloadLists = soon(() => void loadLists(), listsWaitMs)
  void loadLists()
  let before = live.value
  const ends = [
    listen(['alert.raised', 'alert.changed', 'capture.applied'], reloadLists),
    listen(['device.readings'], seeLatest),
    live.subscribe((state) => {
      // What happened while nobody listened is not told again: ask for it.
      if (state === 'live' && before === 'reconnecting') reloadLists()
      before = state
    }),
    tryAgain(),
  ]
  return () => {
    for (const end of ends) end()
    clearLists()
  }
}

/** As remedies promise: what failed is asked for again until it comes. */
function tryAgain(): () => void {
  return effect(() => {
    if (!alerts.value.problem && !shipments.value.problem) return
    const timer = setTimeout(() => void loadLists(), againMs)
    return () => clearTimeout(timer)
  })
}

function seeLatest(json: Readonly<Record<string, unknown>>): void {
  const device = textOf(json.device)
  const entries = Array.isArray(json.latest) ? json.latest.map(objectOf) : []
  const latest = entries.flatMap((entry) => {
    const time = parseTime(entry.time)
    const value = numberOf(entry.value)
    return time === null || value === null ? [] : [{ channel: textOf(entry.channel), time, value }]
  })
  seeReadings(device, latest)
}

function soon(act: () => void, waitMs: number): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      act()
    }, waitMs)
  }
}
