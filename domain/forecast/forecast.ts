// When will a limit be reached if nobody steps in? Newton's law since the last change, corrected by
// a small model of what such rises became in simulated worlds, with an interval that held nine
// times in ten there. Advises people and changes no verdict (I10); says "no forecast" with a reason
// where it knows too little. Depends on readings alone: not on the clock, the day or the unit.
import type { Point } from '../breach.ts'
import type { NewtonFit } from './fit.ts'
import { type Look, lookAhead, type NoLook } from './look.ts'
import { type Guess, guess } from './model.ts'

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
  /** Of unlikely and poor-fit. */
  probability?: number
}

/** What speaks for a limit must add up to so much: see isEvident. */
const evidenceMin = 2.5
/** Evidence is what was seen in so long, looked at every few minutes … */
const evidenceMs = 30 * 60_000
const lookEveryMs = 4.5 * 60_000
/** … a look counts for the time since the one before it, up to so much, in parts of … */
const lookCountsMs = 10 * 60_000
const evidencePerMs = 5 * 60_000
/** … and by its logit, within these, less the neutral one: what is less sure speaks against. */
const logitMin = -3
const logitMax = 3
const logitNeutral = 1
/** Loggers that round stand still between two steps of a slow rise: that says little against it. */
const logitSteady = -1
/** The newest look must be for it too: the neutral logit. */
export const probabilityMin = 0.731
/**
 * Residuals beyond so many times the way still to go are no curve. Near the limit that way is less
 * than the noise, and what was evident from afar is so there.
 */
const poorFit = 2

/** `points` ascending by time, unique; the last two days of them count. */
export function forecastAt(
  points: readonly Point[],
  { limit, side }: ForecastTarget,
): Forecast | NoForecast {
  const sign = side === 'above' ? 1 : -1
  const turned = sign === 1 ? points : points.map(({ time, value }) => ({ time, value: -value }))
  const look = lookAhead(turned, sign * limit)
  if (typeof look === 'string') return { reason: look }
  const said = guess(look.features)
  if (said.probability < probabilityMin || !isEvident(turned, sign * limit, said))
    return { reason: 'unlikely', probability: said.probability }
  // As likely as ever, though no curve says when: near the limit noise is all there is to see.
  if (look.fitError > poorFit) return { reason: 'poor-fit', probability: said.probability }
  return foretold(look, { at: points.at(-1)!.time, ...said }, sign)
}

/**
 * Whether the looks of the last while, from any one of them on, add up to enough (E. S. Page 1954):
 * a very clear rise is believed at once, a doubtful one when it outlasts what turns back, and noise
 * cancels itself.
 */
function isEvident(points: readonly Point[], limit: number, newest: Guess): boolean {
  const end = points.at(-1)!.time
  let [evidence, logit, at] = [0, logitOf(newest), end]
  for (let i = points.length - 2; i >= 0; i--) {
    const { time } = points[i]!
    if (at - time < lookEveryMs) continue
    evidence += ((logit - logitNeutral) * Math.min(at - time, lookCountsMs)) / evidencePerMs
    if (evidence >= evidenceMin) return true
    if (time <= end - evidenceMs) return false
    const look = lookAhead(points.slice(0, i + 1), limit)
    if (typeof look !== 'string') logit = logitOf(guess(look.features))
    else logit = look === 'steady' ? logitSteady : logitMin
    at = time
  }
  return false
}

const logitOf = ({ probability }: Guess): number =>
  Math.max(logitMin, Math.min(logitMax, Math.log(probability / (1 - probability))))

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
const doubtProbability = 0.2
const doubtMs = 30 * 60_000
/** Somebody who saw the limit passed is not told that it will be, for so long. */
const restMs = 30 * 60_000

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
