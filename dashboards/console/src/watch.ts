// Keeps the board of alerts up to date while it is open: loads what is looked at, turns events of
// the stream into reloads. The only place where the parts of the board's state meet.
import { effect, untracked } from '@preact/signals'
import { affected, loadAffected } from './affected.ts'
import { toProblem } from './client.ts'
import { alerts, clearLists, loadLists, seeReadings, shipments } from './lists.ts'
import { addressOf, goTo } from './router.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, parseAlert, parseTime, textOf } from './shapes.ts'
import { listen, live } from './stream.ts'
import { selection, strayAlert, target } from './target.ts'

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
    ...tryAgain(),
    ...followChoice(),
  ]
  return () => {
    for (const end of ends) end()
    clearLists()
    strayAlert.value = null
  }
}

function followChoice(): (() => void)[] {
  return [
    effect(() => {
      const alert = target.value?.alert ?? null
      const loaded = untracked(() => affected.value)
      if (loaded && alert && loaded.alertId === alert.id && loaded.revision === alert.revision)
        return
      untracked(() => void loadAffected(alert))
    }),
    effect(() => {
      const chosen = selection.value
      if (chosen?.kind !== 'alert') return
      // By itself at once: its serials do not wait for the list of all alerts.
      if (alerts.value.value?.some(({ id }) => id === chosen.id)) return
      untracked(() => void loadStray(chosen.id))
    }),
  ]
}

/** As remedies promise: what failed is asked for again until it comes. */
function tryAgain(): (() => void)[] {
  return [
    effect(() => {
      if (!alerts.value.problem && !shipments.value.problem) return
      const timer = setTimeout(() => void loadLists(), againMs)
      return () => clearTimeout(timer)
    }),
    effect(() => {
      const failed = affected.value?.problem
      if (!failed) return
      const timer = setTimeout(() => void loadAffected(target.value?.alert ?? null), againMs)
      return () => clearTimeout(timer)
    }),
  ]
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

/** An alert that is not in the list: not yet, superseded, retracted, or beyond its end. */
async function loadStray(id: string): Promise<void> {
  if (strayAlert.value?.id === id || asked === id) return
  asked = id
  try {
    const alert = parseAlert(objectOf(await read(apiPath('alerts', id))))
    if (selection.value?.id === id) strayAlert.value = alert
  } catch (error) {
    // A dead link: show what there is instead of an empty page. Else the lists try again.
    if (selection.value?.id === id && toProblem(error).status === 404) goTo(addressOf(['alerts']))
  } finally {
    if (asked === id) asked = ''
  }
}

let asked = ''

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
