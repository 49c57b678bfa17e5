// Temperature limits that scanned labels arm: which container a label speaks of, and what holds for
// it when, whatever order its scans came in. Pure; knows no logger and judges no reading.
import type { Interval } from './breach.ts'
import { all, chainsOf, refuse } from './gs1/ai.ts'
import { formatDigitalLink, readElements } from './gs1/gs1.ts'
import { temperatureLimitsOf } from './gs1/limits.ts'
import type { Result } from './refusal.ts'

/** Inclusive, °C; null where the label says none. Never both null. */
export interface Limits {
  minC: number | null
  maxC: number | null
}

/** What one label says of one container (canonical Digital Link of its SSCC). */
export interface LimitsLabel extends Limits {
  container: string
}

/** Limits as scanned at an event time (epoch ms). */
export interface Arming extends Limits {
  armedAt: number
}

/**
 * Reads a label in any syntax of readElements. Refused, with the span in the text: without an SSCC
 * (gs1/key-unknown), without AI 4330 to 4333 (gs1/limits-missing), and what contradicts itself.
 */
export function readLimitsLabel(text: string): Result<LimitsLabel> {
  const elements = readElements(text)
  if (elements && !elements.ok) return elements
  const limits = temperatureLimitsOf(elements?.value ?? [])
  if (!limits.ok) return limits
  const container = elements?.value.find(({ ai }) => ai === '00')
  if (!container) {
    const key = elements?.value.find(({ ai }) => chainsOf(ai))
    return refuse('gs1/key-unknown', 'want an SSCC (AI 00) on the label', key ?? all(text))
  }
  const { minC = null, maxC = null } = limits.value
  if (minC === null && maxC === null) {
    const detail = 'the label says no temperature: want AI 4330 to 4333 beside AI 00'
    return refuse('gs1/limits-missing', detail, all(text))
  }
  const epc = formatDigitalLink({ key: 'sscc', sscc: container.value })
  return { ok: true, value: { container: epc, minC, maxC } }
}

/** Whether a label, of whatever text, says temperatures: then it wants to be armed. */
export function saysLimits(text: string): boolean {
  const elements = readElements(text)
  return elements?.ok === true && elements.value.some(({ ai }) => /^433[0-3]$/.test(ai))
}

/**
 * What holds when: ascending, disjoint, the last one open. Each scan holds until the next; of scans
 * at one moment the stricter limits, since both labels were there. Scans that say what held already
 * change nothing.
 */
export function limitsOver(armings: readonly Arming[]): (Interval & Limits)[] {
  const spans: (Interval & Limits)[] = []
  for (const { armedAt, minC, maxC } of [...armings].sort((a, b) => a.armedAt - b.armedAt)) {
    const last = spans.at(-1)
    if (last?.from === armedAt) {
      last.minC = stricter(Math.max, last.minC, minC)
      last.maxC = stricter(Math.min, last.maxC, maxC)
    } else {
      if (last) last.to = armedAt
      spans.push({ from: armedAt, to: Infinity, minC, maxC })
    }
  }
  return joined(spans)
}

/** The first moment at which two histories say different things; undefined when they never do. */
export function firstDifference(
  before: readonly (Interval & Limits)[],
  after: readonly (Interval & Limits)[],
): number | undefined {
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [a, b] = [before[index], after[index]]
    if (!a || !b) return (a ?? b)!.from
    if (a.from !== b.from) return Math.min(a.from, b.from)
    if (!sameLimits(a, b)) return a.from
  }
}

function joined(spans: readonly (Interval & Limits)[]): (Interval & Limits)[] {
  const whole: (Interval & Limits)[] = []
  for (const span of spans) {
    const last = whole.at(-1)
    if (last && sameLimits(last, span)) last.to = span.to
    else whole.push(span)
  }
  return whole
}

const sameLimits = (a: Limits, b: Limits): boolean => a.minC === b.minC && a.maxC === b.maxC

const stricter = (
  pick: (a: number, b: number) => number,
  a: number | null,
  b: number | null,
): number | null => (a === null || b === null ? (a ?? b) : pick(a, b))
