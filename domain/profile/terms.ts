// What a product's profile says, in the words of verdicts: which limits are hard, what the label
// range is, whether it is kept frozen. Judges nothing.
import type { Budget } from '../budgets.ts'
import { inwards, type Kinetics, type Limit, uspKinetics } from '../exposure.ts'
import type { Condition, MktPolicy, Terms } from '../verdict/verdict.ts'

/** What is read of a profile (domain/profile), its own or one that is only proposed. */
export interface TermsSource {
  rangeC?: { min: number; max: number }
  rules: readonly RuleSource[]
  guardBandC?: number
  mkt?: MktPolicy & { deltaHKjPerMol: number; allowed: boolean }
  budgets?: readonly Budget[]
  repeatsMax?: number
  unknownAllowedMs?: number
}

interface RuleSource {
  id: string
  kind: string
  side: string
  limitC: number
  lowerC?: number
  allowanceMs: number
  windowMs?: number
  per?: 'day'
  phases?: readonly string[]
  severity: string
}

/** Zones of a product: every limit that its label, a rule or a budget names, the warmest first. */
export function zonesOf({ rangeC, rules, budgets = [] }: TermsSource): Limit[] {
  const zones = new Map<string, Limit>()
  const add = (limit: Limit): unknown => zones.set(`${limit.side} ${limit.limitC}`, limit)
  for (const rule of rules) for (const limit of limitsOf(rule, 0)) add(limit)
  for (const { limit } of budgets) add(limit)
  if (rangeC) {
    add({ side: 'above', limitC: rangeC.max })
    add({ side: 'below', limitC: rangeC.min })
  }
  return [...zones.values()].sort((a, b) => b.limitC - a.limitC || (a.side < b.side ? -1 : 1))
}

export const kineticsOf = ({ mkt }: TermsSource): Kinetics =>
  mkt ? { ...uspKinetics, deltaHKjPerMol: mkt.deltaHKjPerMol } : uspKinetics

export function termsOf(profile: TermsSource): Terms {
  const { rangeC, rules, mkt, guardBandC = 0, repeatsMax, unknownAllowedMs = 0 } = profile
  // What is only told, for somebody to look at it, decides nothing.
  const deciding = rules.filter(({ severity }) => severity !== 'info')
  const judged = deciding.filter(isOfTemperature)
  return {
    ...(rangeC && { labelC: rangeC }),
    conditions: judged.map((rule) => conditionOf(rule, guardBandC)),
    elsewhere: deciding.filter((rule) => !isOfTemperature(rule)).map(({ id }) => id),
    kinetics: kineticsOf(profile),
    frozen: rangeC !== undefined && rangeC.max <= 0,
    ...(mkt?.allowed && { mkt: { limitC: mkt.limitC, windowMs: mkt.windowMs } }),
    ...(repeatsMax !== undefined && { repeatsMax }),
    unknownAllowedMs,
  }
}

/** Not of its change, and not of a phase of its journey: those are for alerts to judge. */
const isOfTemperature = ({ kind, phases }: RuleSource): boolean => kind in kinds && !phases

const kinds = { instant: 'instant', single: 'single', cumulative: 'cumulative' } as const

/** Critical is what no allowance elsewhere excuses: freezing, and a ceiling. */
function conditionOf(rule: RuleSource, guardBandC: number): Condition {
  const { id, allowanceMs, windowMs, per, severity } = rule
  return {
    name: id,
    kind: kinds[rule.kind as keyof typeof kinds],
    limits: limitsOf(rule, guardBandC),
    allowanceMs,
    ...(windowMs !== undefined && { windowMs }),
    ...(per && { per }),
    hard: severity === 'critical',
  }
}

/** None of a rise or fall. */
function limitsOf({ side, limitC, lowerC }: RuleSource, guardBandC: number): Limit[] {
  if (isSide(side)) return [inwards({ side, limitC }, guardBandC)]
  if (side !== 'outside') return []
  return [
    inwards({ side: 'above', limitC }, guardBandC),
    inwards({ side: 'below', limitC: lowerC ?? limitC }, guardBandC),
  ]
}

const isSide = (side: string): side is Limit['side'] =>
  ['above', 'atOrAbove', 'below', 'atOrBelow'].includes(side)
