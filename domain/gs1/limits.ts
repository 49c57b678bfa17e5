// The temperatures a logistic label asks for: AI 4330 to 4333 on an SSCC (GenSpecs §3.8.14), six
// digits for hundredths of a degree and a hyphen behind them for minus. Arms nothing: says what the
// label says, or why that cannot be meant.

import type { Result } from '../refusal.ts'
import { type Element, refuse } from './ai.ts'

/** Inclusive limits in °C, to a hundredth; none where the label says none. */
export interface LabelLimits {
  minC?: number
  maxC?: number
}

const sides: Readonly<Record<string, readonly [side: keyof LabelLimits, unit: 'F' | 'C']>> = {
  '4330': ['maxC', 'F'],
  '4331': ['maxC', 'C'],
  '4332': ['minC', 'F'],
  '4333': ['minC', 'C'],
}

/** Elements whose values are judged already. Without AI 00 they say nothing about any container. */
export function temperatureLimitsOf(elements: readonly Element[]): Result<LabelLimits> {
  const limits: LabelLimits = {}
  const from: Partial<Record<keyof LabelLimits, string>> = {}
  for (const element of elements) {
    const side = sides[element.ai]
    if (!side) continue
    const [name, unit] = side
    if (!elements.some(({ ai }) => ai === '00'))
      return refuse('gs1/ai-combination', `AI ${element.ai} needs AI 00`, element)
    if ((from[name] ?? element.ai) !== element.ai) {
      const detail = `AI ${element.ai} cannot stand beside AI ${from[name]}: °F or °C`
      return refuse('gs1/ai-combination', detail, element)
    }
    from[name] = element.ai
    const degrees = degreesOf(element.value)
    limits[name] = unit === 'C' ? degrees : Math.round((degrees - 32) * (500 / 9)) / 100 || 0
  }
  const { minC, maxC } = limits
  if (minC === undefined || maxC === undefined || minC <= maxC) return { ok: true, value: limits }
  const maximum = elements.find(({ ai }) => ai === from.maxC)!
  return refuse('gs1/content', `at least ${minC} °C and at most ${maxC} °C cannot be`, maximum)
}

/** `002000-` is -20, in whatever degrees. */
export function degreesOf(value: string): number {
  const degrees = Number(value.slice(0, 6)) / 100
  return value.endsWith('-') && degrees !== 0 ? -degrees : degrees
}
