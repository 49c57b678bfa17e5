// When will a limit be reached if nobody steps in? Newton's law since the last change, corrected by
// a small model of what such rises became in simulated worlds, with an interval that held nine
// times in ten there. Advises people and changes no verdict (I10); says "no forecast" with a reason
// where it knows too little. Depends on readings alone: not on the clock, the day or the unit.
import type { Point } from './breach.ts'
import type { NewtonFit } from './forecast-fit.ts'
import { type Look, lookAhead, type NoLook } from './forecast-look.ts'
import { type Guess, guess } from './forecast-model.ts'

/** Which way a limit is reached. */
export type ForecastSide = 'above' | 'below'

export interface ForecastTarget {
  limit: number
  side: ForecastSide
}

export interface Forecast {
  /** Time of the newest reading; the others count from it, ms. */
  at: number
  expectedMs: number
  /** Nine in ten limits are reached between these. */
  lowMs: number
  highMs: number
  /** That the limit is reached within four hours. */
  probability: number
  newton: NewtonFit
  /** The fitted curve alone; Infinity when it would settle before the limit. */
  newtonMs: number
}

/**
 * holes: no reading for too long before the newest ones. beyond: the limit is passed. steady: it
 * does not rise towards it. unlikely: it may turn or settle before. poor-fit: no curve explains it.
 */
export const noForecastReasons = [
  'too-few-readings',
  'holes',
  'beyond',
  'steady',
  'unlikely',
  'poor-fit',
] as const satisfies readonly (NoLook | 'unlikely' | 'poor-fit')[]
export type NoForecastReason = (typeof noForecastReasons)[number]

export interface NoForecast {
  reason: NoForecastReason
  /** Of unlikely. */
  probability?: number
}

/** Below this nothing is said of when … */
export const probabilityMin = 0.65
/** … and it must have been as likely for so long, looked at every few minutes: noise passes. */
const lastingMs = 16 * 60_000
const lookEveryMs = 4.5 * 60_000
/** Residuals beyond this part of the way still to go are no curve. */
const poorFit = 0.5

/** `points` ascending by time, unique; the last two days of them count. */
export function forecastAt(
  points: readonly Point[],
  { limit, side }: ForecastTarget,
): Forecast | NoForecast {
  const sign = side === 'above' ? 1 : -1
  const turned = sign === 1 ? points : points.map(({ time, value }) => ({ time, value: -value }))
  const look = lookAhead(turned, sign * limit)
  if (typeof look === 'string') return { reason: look }
  const { probability, ...when } = guess(look.features)
  const lasting = Math.min(probability, likelyBefore(turned, sign * limit, probability))
  if (lasting < probabilityMin) return { reason: 'unlikely', probability: lasting }
  if (look.fitError > poorFit) return { reason: 'poor-fit' }
  return foretold(look, { at: points.at(-1)!.time, probability: lasting, ...when }, sign)
}

/** The least probability of the looks before the newest; 0 when one of them saw nothing. */
function likelyBefore(points: readonly Point[], limit: number, probability: number): number {
  if (probability < probabilityMin) return probability
  const end = points.at(-1)!.time
  let [least, last] = [probability, end]
  for (let i = points.length - 2; i >= 0; i--) {
    const { time } = points[i]!
    if (time < end - lastingMs) break
    if (last - time < lookEveryMs) continue
    last = time
    const look = lookAhead(points.slice(0, i + 1), limit)
    least = typeof look === 'string' ? 0 : Math.min(least, guess(look.features).probability)
    if (least < probabilityMin) break
  }
  // A single look is never enough.
  return last === end ? 0 : least
}

function foretold(
  look: Look,
  { middleMs, ...said }: Guess & { at: number },
  sign: 1 | -1,
): Forecast {
  const { now, slope, ambient, ...fit } = look.fit
  return {
    ...said,
    expectedMs: middleMs,
    newton: { ...fit, now: sign * now, slope: sign * slope, ambient: sign * ambient },
    newtonMs: look.newtonMs,
  }
}

/** What was said of one channel and limit, and whether it stands. */
export interface Announcing {
  /** The forecast as it was announced, while it stands. */
  standing?: Forecast
  /** Since when nothing speaks for it any more, event time. */
  doubtSince?: number
  /** When a reading was last beyond the limit. */
  beyondAt?: number
}

export type Announced = 'announced' | 'withdrawn' | 'reached'

/** It is said while it is not longer off than so much … */
const sayAheadMs = 3 * 3_600_000
/** … and taken back when for so long it is less probable than this. */
const doubtProbability = 0.4
const doubtMs = 20 * 60_000
/** Somebody who saw the limit passed is not told that it will be, for so long. */
const restMs = 3_600_000

/**
 * What is new when the newest reading, at `time`, says this of a limit. Once announced it stands
 * until it is reached, or doubted for a while; `state` is changed.
 */
export function announce(
  state: Announcing,
  said: Forecast | NoForecast,
  time: number,
): Announced | undefined {
  const isForecast = 'expectedMs' in said
  const probability = said.probability ?? 0
  if (!isForecast && said.reason === 'beyond') {
    const was = state.standing
    state.beyondAt = time
    delete state.standing
    delete state.doubtSince
    return was && 'reached'
  }
  if (state.standing) {
    if (probability >= doubtProbability) delete state.doubtSince
    else state.doubtSince ??= time
    if (state.doubtSince === undefined || time - state.doubtSince < doubtMs) return undefined
    delete state.standing
    delete state.doubtSince
    return 'withdrawn'
  }
  if (!isForecast || said.expectedMs > sayAheadMs) return undefined
  if (state.beyondAt !== undefined && time - state.beyondAt < restMs) return undefined
  state.standing = said
  return 'announced'
}
