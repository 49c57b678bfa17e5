// How virtual time meets the wall clock. Nothing here decides what happens, only when it is said.
import { setTimeout as sleepMs } from 'node:timers/promises'

/** Time as an argument: tests bring their own. */
export interface Clock {
  /** Epoch ms. */
  now(): number
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const wallClock: Clock = {
  now: Date.now,
  // setTimeout takes 2^31 - 1 ms at most; longer waits are asked for again.
  sleep: (ms, signal) => sleepMs(Math.min(ms, 2 ** 31 - 1), undefined, { signal }),
}

/** How many ms of the clock remain until something at this virtual time is due; 0 or less: now. */
export type Pace = (at: number) => number

/**
 * speed 0: as fast as possible. 1: real time. 600: ten minutes a second. Starts at the first call.
 */
export function paceAt(speed: number, clock: Clock): Pace {
  if (!(speed >= 0)) throw new RangeError(`a speed of ${speed}`)
  if (speed === 0) return () => 0
  let start: { virtual: number; wall: number } | undefined
  return (at) => {
    start ??= { virtual: at, wall: clock.now() }
    return start.wall + (at - start.virtual) / speed - clock.now()
  }
}

/**
 * What lies before `liveFrom` at once, then at `speed` until virtual time has caught up with the
 * clock, then in real time: nothing is said before the clock has reached its time.
 */
export function paceLive(liveFrom: number, speed: number, clock: Clock): Pace {
  if (!(speed > 0)) throw new RangeError(`a speed of ${speed}`)
  let start: number | undefined
  return (at) => {
    const now = clock.now()
    if (at >= liveFrom) start ??= now
    const due = start === undefined ? at : Math.max(start + (at - liveFrom) / speed, at)
    return due - now
  }
}
