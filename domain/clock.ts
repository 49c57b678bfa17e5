// How far a device's clock is from ours, as its messages tell: none can arrive before it was
// measured, so the least time between a reading and its arrival bounds the clock. An estimate for
// people: no reading is moved by it (I4).
import type { HealthFinding } from './health.ts'
import { medianOf } from './trend.ts'

/**
 * The least time from the newest reading of a message to its arrival, within a stretch of arrivals.
 */
export interface ClockLook {
  /** Begin of the stretch, epoch ms. */
  at: number
  /** Negative: the reading came from the future. */
  leastMs: number
}

export type Confidence = 'high' | 'low' | 'none'

export interface ClockEstimate {
  /**
   * Positive: the device is behind, or sends so late at its quickest. Negative: it is ahead, for
   * certain.
   */
  behindMs: number
  /**
   * high: at least four stretches, and three of four of them, say the same; low: at least two;
   * none: what one stretch says may be chance.
   */
  confidence: Confidence
  looks: number
  /** Where the present clock begins: a jump before it is over. */
  since: number
}

/** Arrivals are gathered so long: within it, some message of a live device is quick. */
export const clockStretchMs = 6 * 3_600_000

/** Networks and gateways take that long on ordinary days. */
const alikeMs = 60_000
/** Less is the way of the message, or a clock set by hand. */
const jumpMs = 10 * 60_000
const aheadMs = 2 * 60_000
const behindMs = 15 * 60_000

/** `looks`: ascending. Undefined of none. */
export function estimateClock(looks: readonly ClockLook[]): ClockEstimate | undefined {
  const era = erasOf(looks).at(-1)
  if (!era) return undefined
  const least = Math.min(...era.map(({ leastMs }) => leastMs))
  const alike = era.filter(({ leastMs }) => leastMs - least <= alikeMs).length
  const high = alike >= 4 && alike >= 0.75 * era.length
  return {
    behindMs: least,
    confidence: high ? 'high' : alike >= 2 ? 'low' : 'none',
    looks: era.length,
    since: era[0]!.at,
  }
}

/** What a person should look after: a clock that is wrong, and when it was set. */
export function clockFindings(looks: readonly ClockLook[]): HealthFinding[] {
  const found: HealthFinding[] = []
  const eras = erasOf(looks)
  for (const [index, era] of eras.entries()) {
    const before = eras[index - 1]
    if (!before) continue
    const change = levelOf(before) - levelOf(era)
    const [from, to] = [before.at(-1)!.at, era[0]!.at + clockStretchMs]
    const way = change > 0 ? 'forward' : 'back'
    const detail = `went ${way} by ${told(Math.abs(change))}`
    found.push({
      ...{ kind: 'clock', channel: 'clock', severity: 'major', from, to },
      ...{ code: `clock-${way}`, figures: figuresOf(change), detail },
    })
  }
  const now = estimateClock(looks)
  if (!now) return found
  const span = { from: now.since, to: looks.at(-1)!.at + clockStretchMs }
  const at = { kind: 'clock', channel: 'clock', ...span } as const
  if (now.behindMs < -aheadMs) {
    const detail = `is ahead by ${told(-now.behindMs)}: its readings come from the future`
    const figures = figuresOf(now.behindMs)
    found.push({ ...at, severity: 'major', code: 'clock-ahead', figures, detail })
  } else if (now.behindMs > behindMs && now.confidence === 'high') {
    const detail = `is behind by ${told(now.behindMs)}, or sends everything so late`
    const figures = figuresOf(now.behindMs)
    found.push({ ...at, severity: 'minor', code: 'clock-behind', figures, detail })
  }
  return found
}

/**
 * Stretches of one clock. A jump is a change of level by more than 10 minutes that at least two
 * stretches on both sides bear out: one stretch with late uploads only is none.
 */
function erasOf(looks: readonly ClockLook[]): ClockLook[][] {
  const eras: ClockLook[][] = []
  let era: ClockLook[] = []
  for (let i = 0; i < looks.length; i++) {
    const [here, next] = [looks[i]!, looks[i + 1]]
    if (era.length >= 2 && next) {
      const level = levelOf(era)
      const [one, other] = [here.leastMs - level, next.leastMs - level]
      const alike = Math.abs(here.leastMs - next.leastMs) <= alikeMs
      if (alike && Math.abs(one) > jumpMs && Math.abs(other) > jumpMs) {
        eras.push(era)
        era = []
      }
    }
    era.push(here)
  }
  return era.length > 0 ? [...eras, era] : eras
}

/** Of the last eight stretches the lower half: late uploads lie above, nothing lies below. */
function levelOf(era: readonly ClockLook[]): number {
  const recent = era.slice(-8).map(({ leastMs }) => leastMs)
  recent.sort((a, b) => a - b)
  return medianOf(recent.slice(0, Math.ceil(recent.length / 2)))
}

const figuresOf = (ms: number) => ({ minutes: Math.round(Math.abs(ms) / 60_000) })

function told(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 180 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`
}
