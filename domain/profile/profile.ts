// Storage profiles of a product: limits and the rules that turn time beyond a limit into an
// excursion. Types, and the form in which they are given back; reading them is
// domain/profile/parse.ts. Judges nothing: that is domain/breach.ts.
import type { Budget } from '../budgets.ts'

export type RuleKind = 'instant' | 'single' | 'cumulative' | 'rate'
export type Side = 'above' | 'atOrAbove' | 'below' | 'atOrBelow'
/** outside: above limitC or below lowerC. rise, fall: by limitC or more within windowMs. */
export type RuleSide = Side | 'outside' | 'rise' | 'fall'
/** Of a container: before it was shipped, until it was received, after. */
export type Phase = 'origin' | 'transit' | 'destination'
export type Severity = 'info' | 'minor' | 'major' | 'critical'

export const severities: readonly Severity[] = ['info', 'minor', 'major', 'critical']

/**
 * instant: one reading is enough. single: uninterrupted time. cumulative: all time since the logger
 * was mounted, on each calendar day, or in any window. rate: a rise or fall between readings.
 */
export interface Rule {
  id: string
  kind: RuleKind
  side: RuleSide
  /** °C; of rise and fall a difference, of outside the upper limit. */
  limitC: number
  /** Of outside only: the lower limit. */
  lowerC?: number
  /** The allowance: used up when the time beyond the limit reaches it. 0 for instant and rate. */
  allowanceMs: number
  /** cumulative: the window that rolls; rate: within which the rise happens. */
  windowMs?: number
  /** cumulative: each calendar day (UTC) has the allowance anew. */
  per?: 'day'
  /** Judges only then. Not given: always. */
  phases?: Phase[]
  severity: Severity
}

export interface Profile {
  rangeC?: { min: number; max: number }
  rules: Rule[]
  ruleSet?: string
  /** How often loggers of this product log, when the device does not say. */
  loggingIntervalMs?: number
  /** So long a logger may say nothing before that is an alarm. Not given: it is never asked. */
  silenceMs?: number
  /** A reading stands at most gapFactor times the logging interval (domain facts §7: 2.5). */
  gapFactor: number
  /** A breach ends only when the reading is so far back inside the limit. */
  hysteresisC: number
  /** Limits are judged so far inwards (expanded uncertainty, domain facts §7). */
  guardBandC?: number
  /** After it was mounted a logger shows for a while where it came from: that time is unknown. */
  acclimatisation?: Acclimatisation
  /** Judged with a verdict, never by a rule. */
  mkt?: MktPolicy
  /** As MKT: what a unit may be beyond limits over its whole life. */
  budgets?: Budget[]
  /** How often a unit may leave the label range. Not given: its owner set no limit. */
  repeatsMax?: number
  /** Time of which nothing needs to be known: for rules it may have been beyond all the same. */
  unknownAllowedMs?: number
  /** What is decided of its units, two people decide. */
  fourEyes?: true
}

/** With a slope: until readings change by less than so many °C an hour, and no longer than ms. */
export interface Acclimatisation {
  ms: number
  slopeBelowCPerHour?: number
}

/** Mean kinetic temperature over a window that looks back; USP <1079.2>. */
export interface MktPolicy {
  limitC: number
  windowMs: number
  deltaHKjPerMol: number
  /** Whether it may speak for a unit after an excursion. */
  allowed: boolean
}

const minute = 60_000
const hour = 60 * minute

/**
 * A rule with its limits moved inwards by the guard band: what cannot be told from the limit is
 * beyond it. A rise is a difference of two readings of one sensor, whose error it does not hold.
 */
export function guarded(rule: Rule, guardBandC: number): Rule {
  if (guardBandC === 0 || rule.kind === 'rate') return rule
  const { side, limitC, lowerC } = rule
  const upper = side === 'above' || side === 'atOrAbove' || side === 'outside'
  return {
    ...rule,
    limitC: decimal(upper ? limitC - guardBandC : limitC + guardBandC),
    ...(lowerC !== undefined && { lowerC: decimal(lowerC + guardBandC) }),
  }
}

/** 8.1 - 0.3 is 7.8, not 7.799999999999999: a reading of 7.8 must not be above it. */
const decimal = (value: number): number => Math.round(value * 1e9) / 1e9

/**
 * The longest interval a standard allows (CDC Vaccine Storage and Handling Toolkit: at least every
 * 30 minutes), for devices and products that declare none.
 */
export const loggingIntervalMsDefault = 30 * minute
export const gapFactorDefault = 2.5

/** At most so long a reading stands for the time after it. */
export function gapMsOf(profile: Profile, deviceIntervalMs: number | undefined): number {
  const interval = deviceIntervalMs ?? profile.loggingIntervalMs ?? loggingIntervalMsDefault
  return Math.round(interval * profile.gapFactor)
}

/** The profile as the API gives it back: same shape as it takes. */
export function formatProfile(profile: Profile): Record<string, unknown> {
  const { acclimatisation, mkt, budgets, repeatsMax, unknownAllowedMs } = profile
  return {
    ...(profile.rangeC && { rangeC: profile.rangeC }),
    ...(profile.ruleSet && { ruleSet: profile.ruleSet }),
    rules: profile.rules.map(formatRule),
    ...(profile.loggingIntervalMs && { loggingIntervalSeconds: profile.loggingIntervalMs / 1000 }),
    ...(profile.silenceMs && { silenceMinutes: profile.silenceMs / minute }),
    gapFactor: profile.gapFactor,
    ...(profile.hysteresisC > 0 && { hysteresisC: profile.hysteresisC }),
    ...(profile.guardBandC && { guardBandC: profile.guardBandC }),
    ...(acclimatisation && formatAcclimatisation(acclimatisation)),
    ...(mkt && { mkt: formatMkt(mkt) }),
    ...(budgets && { budgets: budgets.map(formatBudget) }),
    ...(repeatsMax !== undefined && { repeatsMax }),
    ...(unknownAllowedMs && { unknownAllowedMinutes: unknownAllowedMs / minute }),
    ...(profile.fourEyes && { fourEyes: true }),
  }
}

export function formatRule(rule: Rule): Record<string, unknown> {
  const { side, kind, windowMs } = rule
  const limit = side === 'outside' ? { min: rule.lowerC, max: rule.limitC } : rule.limitC
  return {
    id: rule.id,
    kind,
    [side]: limit,
    ...(rule.allowanceMs > 0 && { forMinutes: rule.allowanceMs / minute }),
    ...(windowMs !== undefined && { withinMinutes: windowMs / minute }),
    ...(rule.per && { per: rule.per }),
    ...(rule.phases && { phases: rule.phases }),
    severity: rule.severity,
  }
}

export const formatMkt = ({ windowMs, ...mkt }: MktPolicy): Record<string, unknown> => ({
  ...mkt,
  windowHours: windowMs / hour,
})

const formatBudget = ({ limit, allowedMs }: Budget): Record<string, number> => ({
  [limit.side]: limit.limitC,
  minutes: allowedMs / minute,
})

const formatAcclimatisation = ({ ms, slopeBelowCPerHour }: Acclimatisation) =>
  slopeBelowCPerHour === undefined
    ? { acclimatisationMinutes: ms / minute }
    : {
        acclimatisation: {
          untilSlopeBelowCPerHour: slopeBelowCPerHour,
          atMostMinutes: ms / minute,
        },
      }
