// What did not come out of a container with the rest of its content. What was taken out to be
// looked at and put back is not missing. Computes from stays on paper; whether it matters is for
// the detectors.
import type { Inside } from '../../domain/suspicion.ts'

/** Of one container: stays that ended by name, the last of these, what did not come out. */
export interface Missing {
  /** Of those that could have been missing. */
  of: number
  out: number
  lastOutAt: number
  epcs: readonly string[]
}

/** A receiver writes down what came out within so long. */
export const countingMs = 6 * 3_600_000

/** `since`: what was in it at that time; without one, all that ever was. */
export function missingFrom(
  inside: readonly Inside[],
  container: string,
  since?: number,
): Missing | undefined {
  const all = inside.filter(({ parent }) => parent === container)
  const isBack = ({ epc, to }: Inside): boolean =>
    all.some((row) => row.epc === epc && row.from >= to)
  const rows = all.filter(
    (row) => since === undefined || (row.from <= since && row.to > since && !isBack(row)),
  )
  const out = rows.filter((row) => row.endedBy === 'removed' && !isBack(row))
  if (out.length === 0) return undefined
  const lastOutAt = Math.max(...out.map(({ to }) => to))
  const wentAt = Math.max(lastOutAt, goneFrom(inside, container))
  // Who writes that a shipper is empty names nobody: on its next trip that is no coming out.
  const isStillIn = ({ to, endedBy }: Inside): boolean =>
    to === Infinity || (endedBy === 'emptied' && to > wentAt + countingMs)
  const epcs = rows.flatMap((row) => (isStillIn(row) ? [row.epc] : []))
  return { of: rows.length, out: out.length, lastOutAt, epcs }
}

/** When what is used again left the shipment; Infinity when it did not, or is the shipment. */
const goneFrom = (inside: readonly Inside[], container: string): number => {
  const own = inside.flatMap(({ epc, to }) => (epc === container ? [to] : []))
  return own.length === 0 ? Infinity : Math.max(...own)
}
