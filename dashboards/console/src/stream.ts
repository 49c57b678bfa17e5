// The server's event stream for the whole console: who is signed in follows it, pages listen to it
// by name. Knows how far the data reach. Reads no list.
import { computed, effect, signal } from '@preact/signals'
import { followStream, type LiveState } from './live.ts'
import { active, signOut } from './session.ts'
import { objectOf, parseTime, textOf } from './shapes.ts'

export type Event = Readonly<Record<string, unknown>>
export type Listener = (event: Event, name: string) => void

export const live = signal<LiveState>('connecting')

const newest = signal<number | null>(null)

/** Event time of the newest reading known to the console, epoch ms: later ones may still come. */
export const dataUpTo = computed(() => newest.value)

const listeners = new Set<{ names: readonly string[]; listener: Listener }>()

/**
 * Calls for each event of these names until the returned function is called. `changed:devices`:
 * that somebody changed what stands below /api/v1/devices.
 */
export function listen(names: readonly string[], listener: Listener): () => void {
  const entry = { names, listener }
  listeners.add(entry)
  return () => listeners.delete(entry)
}

/** Tells of a reading's time that came by another way. */
export function seeTime(time: number | null): void {
  if (time !== null && (newest.value === null || time > newest.value)) newest.value = time
}

/** Follows for as long as the page lives, from sign-in to sign-out. */
export function openStream(): void {
  effect(() => {
    const current = active.value
    if (current === null) {
      newest.value = null
      return
    }
    const controller = new AbortController()
    void followStream({
      token: current,
      signal: controller.signal,
      onEvent: ({ event, data }) => hear(event, objectOf(parseJson(data))),
      onState: (state) => {
        live.value = state
      },
      onRefused: (problem) => {
        // Who may not follow may still read; 401 ends the session.
        if (problem.status === 401) signOut(problem)
      },
    })
    return () => controller.abort()
  })
}

function hear(name: string, event: Event): void {
  if (name === 'device.readings' && Array.isArray(event.latest))
    for (const entry of event.latest) seeTime(parseTime(objectOf(entry).time))
  const told = name === 'record.changed' ? `changed:${textOf(event.of)}` : name
  for (const { names, listener } of listeners)
    if (names.includes(told) || names.includes(name)) listener(event, told)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
