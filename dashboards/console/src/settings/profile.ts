// A storage profile as a form holds it: the rules that a form can say, and all else untouched.
// Pure.
// What a rule may say is the server's to judge.
import { fromUnit, toUnit, type Unit } from '../format.ts'
import { numberOf, objectOf, textOf } from '../shapes.ts'

type Json = Readonly<Record<string, unknown>>

export const kinds = ['single', 'cumulative', 'instant'] as const
export const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const
export const severities = ['critical', 'major', 'minor', 'info'] as const

export interface RuleDraft {
  id: string
  kind: (typeof kinds)[number]
  side: (typeof sides)[number]
  /** In the unit of the reader, as typed. */
  degrees: string
  minutes: string
  severity: (typeof severities)[number]
  /** What else the rule says. */
  rest: Json
}

export interface ProfileDraft {
  /** A ready rule set, or empty: own rules. */
  ruleSet: string
  min: string
  max: string
  intervalMinutes: string
  rules: RuleDraft[]
  /** Rules that the form cannot say, as they are. */
  kept: Json[]
  rest: Json
}

const own = ['id', 'kind', 'above', 'atOrAbove', 'below', 'atOrBelow', 'forMinutes', 'severity']

export function draftOf(profile: unknown, unit: Unit): ProfileDraft {
  const { ruleSet, rangeC, rules, loggingIntervalSeconds, ...rest } = objectOf(profile)
  const range = objectOf(rangeC)
  const list = Array.isArray(rules) ? rules.map(objectOf) : []
  const read = list.map((rule) => ruleOf(rule, unit))
  const seconds = numberOf(loggingIntervalSeconds)
  return {
    ruleSet: textOf(ruleSet),
    min: typed(range.min, unit),
    max: typed(range.max, unit),
    intervalMinutes: seconds === null ? '' : String(seconds / 60),
    rules: read.filter((rule) => rule !== null),
    kept: list.filter((_, index) => read[index] === null),
    rest,
  }
}

/** What is sent: with a ready rule set its name instead of its rules and range. */
export function profileOf(draft: ProfileDraft, unit: Unit): Json {
  const { ruleSet, min, max, intervalMinutes, rules, kept, rest } = draft
  const interval =
    intervalMinutes.trim() === '' ? {} : { loggingIntervalSeconds: 60 * numberIn(intervalMinutes) }
  if (ruleSet !== '') return { ...rest, ...interval, ruleSet }
  const range =
    min.trim() === '' || max.trim() === ''
      ? {}
      : { rangeC: { min: celsius(min, unit), max: celsius(max, unit) } }
  return {
    ...rest,
    ...interval,
    ...range,
    rules: [...rules.map((rule) => sent(rule, unit)), ...kept],
  }
}

export const newRule = (rules: readonly RuleDraft[]): RuleDraft => {
  let number = rules.length + 1
  while (rules.some(({ id }) => id === `rule-${number}`)) number++
  return {
    ...{ id: `rule-${number}`, kind: 'single', side: 'above', degrees: '', minutes: '30' },
    ...{ severity: 'major', rest: {} },
  }
}

/** Null when the rule says what the form has no field for. */
function ruleOf(rule: Json, unit: Unit): RuleDraft | null {
  const kind = kinds.find((name) => name === rule.kind)
  const given = sides.filter((name) => numberOf(rule[name]) !== null)
  const severity = severities.find((name) => name === rule.severity) ?? 'major'
  const [side] = given
  if (!kind || !side || given.length !== 1) return null
  const rest = Object.fromEntries(Object.entries(rule).filter(([name]) => !own.includes(name)))
  const minutes = numberOf(rule.forMinutes)
  return {
    ...{ id: textOf(rule.id), kind, side, severity, rest },
    degrees: typed(rule[side], unit),
    minutes: minutes === null ? '' : String(minutes),
  }
}

function sent({ id, kind, side, degrees, minutes, severity, rest }: RuleDraft, unit: Unit): Json {
  const allowance =
    kind === 'instant' || minutes.trim() === '' ? {} : { forMinutes: numberIn(minutes) }
  return { ...rest, id, kind, [side]: celsius(degrees, unit), ...allowance, severity }
}

/** A thousandth of a degree: what is shown and sent back unchanged is the same number. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000

const typed = (value: unknown, unit: Unit): string => {
  const degreesC = numberOf(value)
  return degreesC === null ? '' : String(rounded(toUnit(degreesC, unit)))
}

const celsius = (text: string, unit: Unit): number => rounded(fromUnit(numberIn(text), unit))

/** With a comma or a point. */
export const numberIn = (text: string): number =>
  Number(text.trim().replace(',', '.').replace('\u2212', '-'))
