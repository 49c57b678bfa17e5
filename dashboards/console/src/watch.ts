// Keeps the page up to date: loads when somebody signs in or looks at something else, follows the
// stream, turns its events into reloads. The only place where the parts of the page's state meet.
import { computed, effect, signal, untracked } from '@preact/signals'
import { affected, loadAffected } from './affected.ts'
import { askJson } from './client.ts'
import { addReading, clearDrawing, drawing, drawingProblem, loadDrawing } from './curve.ts'
import { alerts, clearLists, loadLists, seeReadings, shipments } from './lists.ts'
import { followStream, type LiveState } from './live.ts'
import { signOut, token } from './session.ts'
import { numberOf, objectOf, parseAlert, parseTime, textOf } from './shapes.ts'
import type { StreamEvent } from './sse.ts'
import { selection, strayAlert, target, targetKey, windowName, zoom } from './target.ts'

export const live = signal<LiveState>('connecting')
/** Said to screen readers when it changes. */
export const news = signal('')

/** Many events in a short time become one reload. */
const listsWaitMs = 400
const curveWaitMs = 10_000
const againMs = 10_000

/** The lists bring the mount, and with it the window and the limits: the chart waits for them. */
const mountsKnown = computed(
  () => shipments.value.value !== null || shipments.value.problem !== null,
)

/** For as long as the page lives. */
export function watch(): void {
  const reloadLists = soon(() => void loadLists(), listsWaitMs)
  const reloadCurve = soon(() => void loadDrawing(), curveWaitMs)

  effect(() => {
    const current = token.value
    if (current === null) {
      clearLists()
      clearDrawing()
      return
    }
    const controller = new AbortController()
    untracked(() => void loadLists())
    void followStream({
      token: current,
      signal: controller.signal,
      onEvent: (event) => see(event, { reloadLists, reloadCurve }),
      onState: (state) => {
        // What happened while nobody listened is not told again: ask for it.
        if (state === 'live' && live.value === 'reconnecting') {
          reloadLists()
          void loadDrawing()
        }
        live.value = state
      },
      onRefused: signOut,
    })
    return () => controller.abort()
  })

  tryAgain()
  effect(() => {
    const open = alerts.value.value?.length ?? 0
    document.title = open > 0 ? `(${open}) Isotherm` : 'Isotherm'
  })
  effect(() => {
    void [targetKey.value, windowName.value, zoom.value]
    if (!mountsKnown.value) return
    untracked(() => void loadDrawing())
  })
  effect(() => {
    const alert = target.value?.alert ?? null
    const loaded = untracked(() => affected.value)
    if (loaded && alert && loaded.alertId === alert.id && loaded.revision === alert.revision) return
    untracked(() => void loadAffected(alert))
  })
  effect(() => {
    const chosen = selection.value
    if (chosen?.kind !== 'alert' || alerts.value.value === null) return
    if (alerts.value.value.some(({ id }) => id === chosen.id)) return
    untracked(() => void loadStray(chosen.id))
  })
}

/** As remedies promise: what failed is asked for again until it comes. */
function tryAgain(): void {
  effect(() => {
    if (!alerts.value.problem && !shipments.value.problem) return
    const timer = setTimeout(() => void loadLists(), againMs)
    return () => clearTimeout(timer)
  })
  effect(() => {
    if (!drawingProblem.value) return
    const timer = setTimeout(() => void loadDrawing(), againMs)
    return () => clearTimeout(timer)
  })
  effect(() => {
    const failed = affected.value?.problem
    if (!failed) return
    const timer = setTimeout(() => void loadAffected(target.value?.alert ?? null), againMs)
    return () => clearTimeout(timer)
  })
}

interface Reloads {
  reloadLists(): void
  reloadCurve(): void
}

function see({ event, data }: StreamEvent, { reloadLists, reloadCurve }: Reloads): void {
  const json = objectOf(parseJson(data))
  if (event === 'alert.raised')
    news.value = `New alert: ${textOf(json.rule)} ${textOf(json.device)}`
  if (event === 'device.readings') seeLatest(json, reloadCurve)
  else if (['alert.raised', 'alert.changed', 'capture.applied'].includes(event)) reloadLists()
}

function seeLatest(json: Record<string, unknown>, reloadCurve: () => void): void {
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
  if (token.value === null || strayAlert.value?.id === id) return
  try {
    const json = await askJson(`/api/v1/alerts/${encodeURIComponent(id)}`, { token: token.value })
    strayAlert.value = parseAlert(objectOf(json))
  } catch {
    // A dead link: show what there is instead of an empty page.
    if (selection.value?.id === id) location.hash = ''
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
