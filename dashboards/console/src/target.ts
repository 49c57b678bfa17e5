// What the board looks at: a logger and its newest mount. The address bar holds the choice, so that
// a link shows a colleague the same. Asks the server nothing.
import { computed, signal } from '@preact/signals'
import { shipments } from './lists.ts'
import type { Shipment } from './shapes.ts'

/** The logger that the address names. */
export const selection = signal<string | null>(null)

/** Its newest mount; null without one, and while nothing has come. */
export const mount = computed<Shipment | null>(() => {
  const mounts = (shipments.value.value ?? []).filter(({ device }) => device === selection.value)
  return mounts.reduce<Shipment | null>(
    (a, b) => (a === null || (b.mountedFrom ?? 0) > (a.mountedFrom ?? 0) ? b : a),
    null,
  )
})
