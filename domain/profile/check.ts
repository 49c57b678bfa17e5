// What the parts of a profile say about each other: contradictions, which are refused, and what
// will never tell anything new, which is a warning. Each names its place and a remedy. Knows no
// single rule's shape: that is domain/profile/rule-parse.ts.
import { budgetFaults } from '../budgets.ts'
import type { Refusal } from '../refusal.ts'
import type { Phase, Profile, Rule } from './profile.ts'
import { severities } from './profile.ts'

export type WarningCode =
  | 'profile/rule-unreachable'
  | 'profile/rule-inside-range'
  | 'profile/unit-doubtful'

export interface Warning {
  code: WarningCode
  /** JSON pointer within the body. */
  path: string
  detail: string
}

/** `path` below the profile. */
export function contradictionsOf(profile: Profile): Refusal[] {
  const wrongUnits = unitsOf(profile)
  // Limits in another unit contradict the others too: one answer says it better than many.
  if (wrongUnits.length > 0) return wrongUnits
  return [
    ...rangeFaults(profile),
    ...oppositeFaults(profile),
    ...verdictFaults(profile),
    ...silenceFaults(profile),
  ]
}

/** Of a profile that was taken. */
export function warningsOf(profile: Profile, base = '/profile'): Warning[] {
  if (profile.ruleSet !== undefined) return []
  return profile.rules.flatMap((rule, index) => {
    const path = `${base}/rules/${index}`
    const before = profile.rules.find((other) => other !== rule && makesUnreachable(other, rule))
    const found: Warning[] = []
    if (before)
      found.push({
        code: 'profile/rule-unreachable',
        path,
        detail: `"${before.id}" is out before "${rule.id}" can be, and no less severe: remove "${rule.id}", or make it more severe`,
      })
    found.push(...slowLogging(rule, profile, path), ...insideRange(rule, profile, path))
    if (!profile.rangeC) found.push(...doubtfulUnits(rule, path))
    return found
  })
}

const upperOf = ({ side, limitC }: Rule): number | undefined =>
  side === 'above' || side === 'atOrAbove' || side === 'outside' ? limitC : undefined
const lowerOf = ({ side, limitC, lowerC }: Rule): number | undefined =>
  side === 'below' || side === 'atOrBelow' ? limitC : side === 'outside' ? lowerC : undefined

const always: readonly Phase[] = ['origin', 'transit', 'destination']
const meet = (a: Rule, b: Rule): boolean =>
  (a.phases ?? always).some((phase) => (b.phases ?? always).includes(phase))

const celsiusOf = (fahrenheit: number): number => Math.round(((fahrenheit - 32) / 1.8) * 10) / 10
/** As people round: 46 °F is called 8 °C, 36 °F 2 °C. */
const nearly = (a: number, b: number): boolean => Math.abs(a - b) <= 0.5

/**
 * Limits that are none in °C but make sense in another unit: hotter than water boils at any
 * altitude (kelvin), a range no goods are stored in, or, of a rule, the range's own limit in °F.
 */
function unitsOf({ rangeC, rules, mkt, budgets = [] }: Profile): Refusal[] {
  const found: Refusal[] = []
  const refuse = (path: string, detail: string): void => {
    found.push({ code: 'profile/unit', path, detail: `${detail}; limits are in °C` })
  }
  const kelvin = (value: number | undefined, path: string): boolean => {
    const hot = value !== undefined && value > 150
    if (hot) refuse(path, `${value} is no storage limit; as K it is ${celsius(value - 273.15)}`)
    return hot
  }
  if (rangeC && !kelvin(rangeC.max, '/rangeC/max') && isFahrenheit(rangeC)) {
    const { min, max } = rangeC
    const asC = `${celsiusOf(min)} to ${celsiusOf(max)} °C`
    refuse('/rangeC', `${min} to ${max} looks like °F: that is ${asC}`)
    return found
  }
  kelvin(mkt?.limitC, '/mkt/limitC')
  for (const [index, { limit }] of budgets.entries())
    kelvin(limit.limitC, `/budgets/${index}/${limit.side}`)
  for (const [index, rule] of rules.entries()) {
    for (const limit of [upperOf(rule), lowerOf(rule)]) {
      const path = `/rules/${index}/${rule.side}`
      if (limit === undefined || kelvin(limit, path) || !rangeC) continue
      const own = limit === upperOf(rule) ? rangeC.max : rangeC.min
      if (limit > rangeC.max && !nearly(limit, own) && nearly(celsiusOf(limit), own))
        refuse(path, `${limit} looks like °F: that is ${celsiusOf(limit)} °C, the range's limit`)
    }
  }
  return found
}

const celsius = (value: number): string => `${Math.round(value * 100) / 100} °C`

/** 36 to 46 (2-8 °C), 68 to 77 (20-25 °C), -58 to 5 (-50 to -15 °C). */
function isFahrenheit({ min, max }: { min: number; max: number }): boolean {
  if (min >= 32) return true
  return nearly(celsiusOf(min), -50) && nearly(celsiusOf(max), -15)
}

function rangeFaults({ rangeC, rules, guardBandC = 0, hysteresisC }: Profile): Refusal[] {
  const found: Refusal[] = []
  const refuse = (path: string, detail: string): void => {
    found.push({ code: 'profile/contradiction', path, detail })
  }
  if (rangeC && 2 * guardBandC >= rangeC.max - rangeC.min)
    refuse(
      '/guardBandC',
      `${guardBandC} on both sides leaves nothing of the range: make it smaller`,
    )
  for (const [index, rule] of rules.entries()) {
    const path = `/rules/${index}/${rule.side}`
    const [upper, lower] = [upperOf(rule), lowerOf(rule)]
    if (upper !== undefined && rangeC && upper < rangeC.min)
      refuse(path, `all of the range ${rangeC.min} to ${rangeC.max} °C is beyond ${upper} °C`)
    if (lower !== undefined && rangeC && lower > rangeC.max)
      refuse(path, `all of the range ${rangeC.min} to ${rangeC.max} °C is beyond ${lower} °C`)
    if (upper === undefined || lower === undefined) continue
    if (upper - lower <= 2 * guardBandC)
      refuse(path, `a guard band of ${guardBandC} on both sides leaves nothing between the limits`)
    else if (upper - lower <= 2 * (guardBandC + hysteresisC))
      refuse(
        path,
        `with hysteresisC ${hysteresisC} a breach of it could never end: make it smaller`,
      )
  }
  return found
}

/** An upper limit at or below a lower one: every temperature is out by one of the two. */
function oppositeFaults({ rules, guardBandC = 0 }: Profile): Refusal[] {
  const found: Refusal[] = []
  for (const [index, one] of rules.entries())
    for (const other of rules.slice(0, index))
      for (const [above, below] of [
        [one, other],
        [other, one],
      ] as const) {
        const [upper, lower] = [upperOf(above), lowerOf(below)]
        if (upper === undefined || lower === undefined || !meet(one, other)) continue
        if (upper - guardBandC >= lower + guardBandC) continue
        const banded = guardBandC > 0 ? ` with a guard band of ${guardBandC}` : ''
        found.push({
          code: 'profile/contradiction',
          path: `/rules/${index}/${one.side}`,
          detail: `"${above.id}" is out above ${upper} °C and "${below.id}" below ${lower} °C${banded}: no temperature is in; change one limit, or give them different phases`,
        })
      }
  return found
}

/** Of what verdicts alone ask. */
const verdictFaults = (profile: Profile): Refusal[] => [
  ...mktFaults(profile),
  ...budgetFaults(profile),
  ...repeatFaults(profile),
]

/** How often a unit left its label range can only be told where there is one. */
function repeatFaults({ repeatsMax, rangeC }: Profile): Refusal[] {
  if (repeatsMax === undefined || rangeC) return []
  const detail = 'counts how often a unit leaves its label range: give "rangeC" too'
  return [{ code: 'profile/contradiction', path: '/repeatsMax', detail }]
}

/** A logger that is in order would be silent all the time. */
function silenceFaults({ silenceMs, loggingIntervalMs }: Profile): Refusal[] {
  if (silenceMs === undefined || !loggingIntervalMs || silenceMs >= loggingIntervalMs) return []
  const every = loggingIntervalMs / 1000
  const detail = `readings come every ${every} s: allow at least that, better some times as long`
  return [{ code: 'profile/contradiction', path: '/silenceMinutes', detail }]
}

/** USP <1079.2>: mean kinetic temperature is not for frozen goods. */
function mktFaults({ mkt, rangeC }: Profile): Refusal[] {
  if (!mkt || !rangeC) return []
  const path = '/mkt'
  if (rangeC.max <= 0)
    return [
      {
        code: 'profile/contradiction',
        path,
        detail: 'mean kinetic temperature is not for frozen goods (USP <1079.2>): leave it out',
      },
    ]
  if (mkt.limitC >= rangeC.min) return []
  const detail = `${mkt.limitC} °C is below the range: an MKT within it would be out`
  return [{ code: 'profile/contradiction', path: `${path}/limitC`, detail }]
}

/** Whenever `rule` is out, `other` was out before, or is at the same moment. */
function makesUnreachable(other: Rule, rule: Rule): boolean {
  if (severities.indexOf(other.severity) < severities.indexOf(rule.severity)) return false
  if (!(rule.phases ?? always).every((phase) => (other.phases ?? always).includes(phase)))
    return false
  return isBeyondToo(other, rule) && isUsedUpToo(other, rule) && !isSame(other, rule)
}

/** Of two that say the same only the later is told of, and both need not be. */
const isSame = (a: Rule, b: Rule): boolean =>
  isBeyondToo(b, a) && isUsedUpToo(b, a) && a.severity === b.severity && a.id > b.id

/** What is beyond the limit of `rule` is beyond that of `other`. */
function isBeyondToo(other: Rule, rule: Rule): boolean {
  if (other.kind === 'rate' || rule.kind === 'rate')
    return (
      other.side === rule.side &&
      other.limitC <= rule.limitC &&
      (other.windowMs ?? 0) >= (rule.windowMs ?? 0)
    )
  const inclusive = (side: Rule['side']): boolean => side === 'atOrAbove' || side === 'atOrBelow'
  const reaches = (limit: number, own: number): boolean =>
    limit === own ? inclusive(other.side) || !inclusive(rule.side) : limit < own
  const [upper, lower] = [upperOf(rule), lowerOf(rule)]
  const [otherUpper, otherLower] = [upperOf(other), lowerOf(other)]
  const above = upper === undefined || (otherUpper !== undefined && reaches(otherUpper, upper))
  const below = lower === undefined || (otherLower !== undefined && reaches(-otherLower, -lower))
  return above && below
}

/** What uses up the allowance of `rule` uses up that of `other`. */
function isUsedUpToo(other: Rule, rule: Rule): boolean {
  if (other.kind === 'rate' || rule.kind === 'rate') return other.kind === rule.kind
  if (other.kind === 'instant') return true
  if (rule.kind === 'instant' || other.allowanceMs > rule.allowanceMs) return false
  if (other.kind === 'single') return rule.kind === 'single'
  if (other.per === 'day') return rule.per === 'day'
  return windowOf(other) >= (rule.kind === 'single' ? 0 : windowOf(rule))
}

const windowOf = ({ per, windowMs }: Rule): number =>
  (per === 'day' ? 86_400_000 : windowMs) ?? Infinity

function slowLogging(rule: Rule, { loggingIntervalMs }: Profile, path: string): Warning[] {
  const { kind, windowMs } = rule
  if (kind !== 'rate' || !loggingIntervalMs || (windowMs ?? 0) >= loggingIntervalMs) return []
  const detail = `readings come every ${loggingIntervalMs / 1000} s, so that no two are within "withinMinutes": lengthen it`
  return [{ code: 'profile/rule-unreachable', path: `${path}/withinMinutes`, detail }]
}

function insideRange(rule: Rule, { rangeC }: Profile, path: string): Warning[] {
  const [upper, lower] = [upperOf(rule), lowerOf(rule)]
  if (!rangeC || rule.severity === 'info' || rule.severity === 'minor') return []
  const inside =
    (upper !== undefined && upper < rangeC.max) || (lower !== undefined && lower > rangeC.min)
  if (!inside) return []
  const detail = `is out within the range ${rangeC.min} to ${rangeC.max} °C of the label: meant as a warning, it wants severity info or minor`
  return [{ code: 'profile/rule-inside-range', path: `${path}/${rule.side}`, detail }]
}

/** Ends of the usual label ranges: their °F are suspicious when no range says otherwise. */
const usual = [2, 8, 15, 20, 25, 30]

function doubtfulUnits(rule: Rule, path: string): Warning[] {
  return [upperOf(rule), lowerOf(rule)].flatMap((limit): Warning[] => {
    if (limit === undefined || limit < 35.5) return []
    if (!usual.some((end) => nearly(celsiusOf(limit), end))) return []
    const detail = `${limit} °C; if it is meant in °F, it is ${celsiusOf(limit)} °C`
    return [{ code: 'profile/unit-doubtful', path: `${path}/${rule.side}`, detail }]
  })
}
