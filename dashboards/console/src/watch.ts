// Keeps the board of alerts up to date while it is open: loads what is looked at, turns events of
// the stream into reloads. The only place where the parts of the board's state meet.
import { computed, effect, untracked } from '@preact/signals'
import { affected, loadAffected } from './affected.ts'
import { addReading, clearDrawing, drawing, drawingProblem, loadDrawing } from './curve.ts'
import { alerts, clearLists, loadLists, seeReadings, shipments } from './lists.ts'
import { addressOf, goTo } from './router.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, parseAlert, parseTime, textOf } from './shapes.ts'
import { listen, live } from './stream.ts'
import { selection, strayAlert, target, targetKey, windowName, zoom } from './target.ts'

/** Many events in a short time become one reload. */
const listsWaitMs = 400
const curveWaitMs = 10_000
const againMs = 10_000

/** The lists bring the mount, and with it the window and the limits: the chart waits for them. */
const mountsKnown = computed(
  () => shipments.value.value !== null || shipments.value.problem !== null,
)

/** Until the returned function is called. */
export function watchBoard(): () => void {
  const reloadLists = soon(() => void loadLists(), listsWaitMs)
  const reloadCurve = soon(() => void loadDrawing(), curveWaitMs)
  void loadLists()
  let before = live.value
  const ends = [
    listen(['alert.raised', 'alert.changed', 'capture.applied'], reloadLists),
    listen(['device.readings'], (event) => seeLatest(event, reloadCurve)),
    live.subscribe((state) => {
      // What happened while nobody listened is not told again: ask for it.
      if (state === 'live' && before === 'reconnecting') {
        reloadLists()
        void loadDrawing()
      }
      before = state
    }),
    ...tryAgain(),
    ...followChoice(),
  ]
  return () => {
    for (const end of ends) end()
    clearLists()
    clearDrawing()
  }
}

function followChoice(): (() => void)[] {
  return [
    effect(() => {
      void [targetKey.value, windowName.value, zoom.value]
      if (!mountsKnown.value) return
      untracked(() => void loadDrawing())
    }),
    effect(() => {
      const alert = target.value?.alert ?? null
      const loaded = untracked(() => affected.value)
      if (loaded && alert && loaded.alertId === alert.id && loaded.revision === alert.revision)
        return
      untracked(() => void loadAffected(alert))
    }),
    effect(() => {
      const chosen = selection.value
      if (chosen?.kind !== 'alert' || alerts.value.value === null) return
      if (alerts.value.value.some(({ id }) => id === chosen.id)) return
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
      if (!drawingProblem.value) return
      const timer = setTimeout(() => void loadDrawing(), againMs)
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

function seeLatest(json: Readonly<Record<string, unknown>>, reloadCurve: () => void): void {
  const device = textOf(json.device)
  const entries = Array.isArray(json.latest) ? json.latest.map(objectOf) : []
  const latest = entries.flatMap((entry) => {
    const time = parseTime(entry.time)
    const value = numberOf(entry.value)
    return time === null || value === null ? [] : [{ channel: textOf(entry.channel), time, value }]
  })
  seeReadings(device, latest)
  const drawn = latest.map((reading) => addReading(device, reading))
  // Readings may also have come late, into the past: fetch them, but not for each packet.
  const first = drawing.value === null && target.value?.device === device
  if (drawn.includes(true) || first) reloadCurve()
}

/** An alert that is not in the list: superseded, retracted, or beyond its end. */
async function loadStray(id: string): Promise<void> {
  if (strayAlert.value?.id === id) return
  try {
    strayAlert.value = parseAlert(objectOf(await read(apiPath('alerts', id))))
  } catch {
    // A dead link: show what there is instead of an empty page.
    if (selection.value?.id === id) goTo(addressOf(['alerts']))
  }
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
