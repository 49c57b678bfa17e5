// The verdict on what a unit went through: in, out or indeterminate, with every reason in the order
// of USP <1079.2> and GDP practice (domain facts §2). A recommendation: a person signs. Pure, so
// that the same code judges live, in a back-test and offline.
//
// hard limits -> evidence -> window -> excursion limits -> mean kinetic temperature -> repeats. A
// mean kinetic temperature closes nothing by itself, and is refused for what is kept frozen.
import type { Interval, Verdict } from '../breach.ts'
import type { Kinetics, Limit } from '../exposure.ts'
import { ageingOf, breachesBeyond, mktBetween } from './ageing.ts'
import { budgetReasons, lifeReasons } from './budgets.ts'
import { type Evidence, type LimitRun, minutesOf, runOf } from './runs.ts'

/** One limit and how long beyond it is allowed. */
export interface Condition {
  name: string
  /** instant: not at all. single: uninterrupted. cumulative: added up. */
  kind: 'instant' | 'single' | 'cumulative'
  /** Two: beyond either side counts, together. */
  limits: readonly Limit[]
  allowanceMs: number
  /** cumulative: in any window so long, or on each day (UTC); without, in all. */
  windowMs?: number
  per?: 'day'
  /** Freeze and ceiling: nothing excuses it. */
  hard: boolean
}

export interface MktPolicy {
  limitC: number
  /** Looked back from and including each excursion: 24 h for 2-8 °C, 30 days for 20-25 °C. */
  windowMs: number
}

/** What a product stands, and what its owner lets be considered. */
export interface Terms {
  labelC?: { min: number; max: number }
  conditions: readonly Condition[]
  /** Names of rules that only alerts judge. */
  elsewhere: readonly string[]
  kinetics: Kinetics
  /** Kept below 0 °C: a mean kinetic temperature says nothing of it (USP <1079.2>). */
  frozen: boolean
  /** Undefined: not allowed by policy, shown only. */
  mkt?: MktPolicy
  /** How often it may leave the label range; undefined: the owner set no limit of his own. */
  repeatsMax?: number
  /** Time of which nothing needs to be known; 0 unless the owner says otherwise (I6). */
  unknownAllowedMs: number
}

export const steps = [
  'hard-limits',
  'evidence',
  'window',
  'excursion-limits',
  'mkt',
  'repeats',
] as const
export type Step = (typeof steps)[number]

/** `noted` and `skipped` decide nothing. */
export type Outcome = 'passed' | 'out' | 'indeterminate' | 'noted' | 'skipped'

export interface Reason {
  step: Step
  outcome: Outcome
  /** What was found, as one word: the same for the same finding, whatever its figures. */
  finding: string
  detail: string
  clause: string
  figures: Readonly<Record<string, number | string>>
}

export interface Recommendation {
  verdict: Verdict
  reasons: Reason[]
}

/** Undefined terms: nobody told what the product stands, so that nothing can be said of it. */
export function judge(evidence: Evidence, terms: Terms | undefined): Recommendation {
  if (!terms) return { verdict: 'indeterminate', reasons: [withoutTerms] }
  const runs = terms.conditions.map((condition) => ({
    condition,
    run: runOf(evidence, condition),
  }))
  const reasons = [
    ...limitReasons('hard-limits', runs.filter(isHard)),
    ...evidenceReasons(evidence, terms),
    ...excursionReasons(
      evidence,
      terms,
      runs.filter((each) => !isHard(each)),
    ),
    ...repeatReasons(evidence, terms),
  ]
  return { verdict: verdictOf(reasons), reasons }
}

function verdictOf(reasons: readonly Reason[]): Verdict {
  if (reasons.some(({ outcome }) => outcome === 'out')) return 'out'
  return reasons.some(({ outcome }) => outcome === 'indeterminate') ? 'indeterminate' : 'in'
}

interface Judged {
  condition: Condition
  run: LimitRun
}

const isHard = ({ condition }: Judged): boolean => condition.hard

const withoutTerms: Reason = {
  ...{ step: 'hard-limits', outcome: 'indeterminate', finding: 'no-profile' },
  detail: 'the product has no profile, so that nobody knows what it stands',
  ...{ clause: 'USP <1079>: storage as its label says', figures: {} },
}

const clauses = {
  hard: 'USP <1079.2>: freezing and ceilings are limits of their own',
  excursion: 'USP <1079.2>: excursions stay within what stability data allow',
  gap: 'USP <1079.2>: all available data are used; what is unknown is not good',
  mkt: 'USP <1079.2>: looked back from and including the excursion; closes none by itself',
  frozen: 'USP <1079.2>: not for frozen products',
  repeats: 'USP <1079.2>: repeated excursions are loss of control; the owner limits them',
} as const

/** Those that decide, each; when none does, one that says so. */
function limitReasons(
  step: 'hard-limits' | 'excursion-limits',
  judged: readonly Judged[],
): Reason[] {
  const clause = step === 'hard-limits' ? clauses.hard : clauses.excursion
  if (judged.length === 0) {
    const detail = 'the profile has none'
    return [{ step, outcome: 'skipped', finding: 'none', detail, clause, figures: {} }]
  }
  const broken = judged.filter(({ run }) => run.verdict !== 'in')
  if (broken.length === 0) {
    const figures = { limits: judged.length }
    const detail = 'within all of them'
    return [{ step, outcome: 'passed', finding: 'within', detail, clause, figures }]
  }
  return broken.map(({ condition, run }) => {
    const out = run.verdict === 'out'
    return {
      ...{ step, outcome: out ? ('out' as const) : ('indeterminate' as const), clause },
      finding: out ? 'used-up' : 'perhaps-used-up',
      detail: `${condition.name}: ${wordsOf(condition)}, ${figureOf(condition, run)}`,
      figures: {
        condition: condition.name,
        minutes: minutesOf(run.outMs),
        longestMinutes: minutesOf(run.longestMs),
        unknownMinutes: minutesOf(run.unknownMs),
        allowedMinutes: minutesOf(condition.allowanceMs),
        ...(run.worstC !== null && { worstC: run.worstC }),
      },
    }
  })
}

function evidenceReasons(evidence: Evidence, terms: Terms): Reason[] {
  const { knownMs } = evidence
  const { settlingMs, unknownMs } = unknownOf(evidence)
  const step = 'evidence' as const
  const reasons: Reason[] = []
  const base = { step, clause: clauses.gap }
  const figures = {
    ...{ unknownMinutes: minutesOf(unknownMs), knownMinutes: minutesOf(knownMs) },
    ...(settlingMs > 0 && { settlingMinutes: minutesOf(settlingMs) }),
  }
  const much = unknownMs > terms.unknownAllowedMs && unknownMs >= clocksApartMs
  if (much || knownMs === 0) {
    const detail = `nothing is known of ${minutesOf(unknownMs)} minutes`
    reasons.push({ ...base, outcome: 'indeterminate', finding: 'unknown-time', detail, figures })
  }
  for (const { device, dueAt, usedTo } of evidence.calibrations) {
    if (dueAt === null || dueAt >= usedTo) continue
    const detail = `the calibration of ${device} was due before it was relied on`
    const due = { device, dueAt: new Date(dueAt).toISOString() }
    reasons.push({
      ...{ ...base, outcome: 'indeterminate', finding: 'calibration-overdue', detail },
      ...{ figures: due, clause: 'EU GDP 2013/C 343/01 §3.3: calibrated at least yearly' },
    })
  }
  const untold = evidence.calibrations.filter(({ dueAt }) => dueAt === null)
  const noted: Reason[] =
    untold.length === 0 ? [] : [{ ...base, ...untoldCalibrations, figures: namesOf(untold) }]
  if (reasons.length > 0) return [...reasons, ...noted]
  const some = unknownMs >= clocksApartMs ? ', but for what the profile allows for' : ''
  const detail = `all of the time is known${some}`
  return [{ ...base, outcome: 'passed', finding: 'known', detail, figures }, ...noted]
}

const untoldCalibrations = {
  outcome: 'noted',
  finding: 'calibration-untold',
  detail: 'nobody told when they were calibrated',
} as const

const namesOf = (calibrations: Evidence['calibrations']): Reason['figures'] => ({
  devices: calibrations.map(({ device }) => device).join(', '),
})

/** Clocks of loggers do not agree to the second. */
const clocksApartMs = 1000

function unknownOf({ window, knownMs, excused }: Evidence): {
  settlingMs: number
  unknownMs: number
} {
  const settlingMs = excused.reduce((sum, { from, to }) => sum + to - from, 0)
  return { settlingMs, unknownMs: window.to - window.from - knownMs - settlingMs }
}

/** Steps 3 to 5: window and mean speak of the same excursions, their limits stand between. */
function excursionReasons(evidence: Evidence, terms: Terms, judged: readonly Judged[]): Reason[] {
  const { window, mkt } = mktReasons(evidence, terms)
  return [
    window,
    ...lifeReasons(evidence.life),
    ...limitReasons('excursion-limits', judged),
    ...budgetReasons(evidence.life),
    ...terms.elsewhere.map(
      (name): Reason => ({
        ...{ step: 'excursion-limits', outcome: 'noted', finding: 'judged-by-alerts' },
        detail: `${name} is judged by alerts only`,
        ...{ clause: clauses.excursion, figures: { condition: name } },
      }),
    ),
    ...mkt,
  ]
}

function mktReasons(evidence: Evidence, terms: Terms): { window: Reason; mkt: Reason[] } {
  const told = (step: 'window' | 'mkt', outcome: Outcome, finding: string, detail: string) => ({
    ...{ step, outcome, finding, detail, figures: {} },
    clause: terms.frozen ? clauses.frozen : clauses.mkt,
  })
  const both = (outcome: Outcome, finding: string, detail: string) => ({
    window: told('window', 'skipped', finding, detail),
    mkt: [told('mkt', outcome, finding, detail)],
  })
  if (terms.frozen) return both('skipped', 'refused', 'it is kept frozen: refused')
  const policy = terms.mkt
  if (!policy) return both('noted', 'not-allowed', 'the profile does not let it be considered')
  const warm = terms.labelC
    ? breachesBeyond(evidence, { side: 'above', limitC: terms.labelC.max })
    : []
  if (warm.length === 0) return both('skipped', 'not-needed', 'it was never above its label range')
  const ageing = ageingOf(evidence, terms.kinetics)
  const spans = warm.map(({ to }): Interval => ({ from: to - policy.windowMs, to }))
  const means = spans.map((span) => mktBetween(ageing, span))
  const short = means.filter(({ unknownMs }) => unknownMs >= 1000)
  const window: Reason =
    short.length === 0
      ? told('window', 'passed', 'known', 'the window before each excursion is known')
      : {
          ...told('window', 'indeterminate', 'unknown-window', ''),
          detail: `of the window before ${short.length} excursions not all is known`,
          figures: {
            windowMinutes: minutesOf(policy.windowMs),
            unknownMinutes: minutesOf(Math.max(...short.map(({ unknownMs }) => unknownMs))),
          },
        }
  const worst = Math.max(...means.map(({ mktC }) => mktC ?? Number.NEGATIVE_INFINITY))
  const figures = {
    ...{ mktC: worst, limitC: policy.limitC, windowMinutes: minutesOf(policy.windowMs) },
    ...{ deltaHKjPerMol: terms.kinetics.deltaHKjPerMol, excursions: warm.length },
  }
  const mkt: Reason =
    worst > policy.limitC
      ? { ...told('mkt', 'out', 'above', 'the mean kinetic temperature is too high'), figures }
      : short.length > 0
        ? { ...told('mkt', 'indeterminate', 'unknown-window', 'it cannot be formed'), figures }
        : { ...told('mkt', 'passed', 'within', 'it holds, and closes nothing by itself'), figures }
  return { window, mkt: [mkt] }
}

function repeatReasons(evidence: Evidence, { labelC, repeatsMax }: Terms): Reason[] {
  const step = 'repeats' as const
  const base = { step, clause: clauses.repeats }
  if (!labelC) {
    const detail = 'the profile has no label range'
    return [{ ...base, outcome: 'skipped', finding: 'none', detail, figures: {} }]
  }
  const times =
    breachesBeyond(evidence, { side: 'above', limitC: labelC.max }).length +
    breachesBeyond(evidence, { side: 'below', limitC: labelC.min }).length
  const figures = { times, ...(repeatsMax !== undefined && { allowedTimes: repeatsMax }) }
  const detail = `it left its label range ${times} times`
  if (repeatsMax !== undefined && times > repeatsMax)
    return [{ ...base, outcome: 'out', finding: 'too-often', detail, figures }]
  const noted = repeatsMax === undefined && times > 1
  return [
    noted
      ? { ...base, outcome: 'noted', finding: 'repeated-without-limit', detail, figures }
      : { ...base, outcome: 'passed', finding: 'within', detail, figures },
  ]
}

const words = {
  above: 'above',
  atOrAbove: 'at or above',
  below: 'below',
  atOrBelow: 'at or below',
} as const

const wordsOf = ({ limits, kind, allowanceMs }: Condition): string => {
  const beyond = limits.map(({ side, limitC }) => `${words[side]} ${limitC} °C`).join(' or ')
  if (kind === 'instant') return `never ${beyond}`
  const how = kind === 'single' ? 'at once' : 'in all'
  return `${beyond} less than ${minutesOf(allowanceMs)} minutes ${how}`
}

const figureOf = ({ kind }: Condition, run: LimitRun): string => {
  const ms = kind === 'cumulative' ? run.outMs : run.longestMs
  const unknown = run.unknownMs > 0 ? `, ${minutesOf(run.unknownMs)} more unknown` : ''
  const worst = run.worstC === null ? '' : `, ${run.worstC} °C`
  return `it was so for ${minutesOf(ms)} minutes${worst}${unknown}`
}
