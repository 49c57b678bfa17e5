// Which sentence of words.ts a finding of a verdict gets, with its figures as the reader writes
// them. Pure: knows no language. What is not known here has no sentence.
import type { reasonWords } from './words.ts'

export type ReasonKey = keyof (typeof reasonWords)['en']
type Values = Readonly<Record<string, string | number>>

/** A finding with what is told beside its own sentence. */
export interface Told {
  step: string
  finding: string
  figures: Readonly<Record<string, unknown>>
}

/** How a reader writes. */
export interface Pen {
  write(key: ReasonKey, values?: Values): string
  minutes(minutes: number): string
  degrees(celsius: number | null): string
  /** Of RFC 3339. */
  day(time: string): string
  moment(time: string): string
  /** `above 8.0 °C`; `side` as in a profile. */
  limit(side: string, celsius: number): string
}

export function sentenceOf({ step, finding, figures: of }: Told, pen: Pen): string | undefined {
  switch (step) {
    case 'hard-limits':
      return finding === 'no-profile' ? pen.write('no-profile') : limitSentence(finding, of, pen)
    case 'excursion-limits':
      return finding === 'judged-by-alerts'
        ? pen.write('elsewhere', { condition: text(of.condition) })
        : (limitSentence(finding, of, pen) ?? budgetSentence(finding, of, pen))
    case 'evidence':
      return evidenceSentence(finding, of, pen)
    case 'window':
      return windowSentence(finding, of, pen) ?? unneeded(finding, pen)
    case 'mkt':
      return mktSentence(finding, of, pen) ?? unneeded(finding, pen)
    case 'repeats':
      return finding === 'none'
        ? pen.write('repeats.none')
        : pen.write('repeats', { count: number(of.times) ?? 0 })
    default:
      return undefined
  }
}

type Figures = Told['figures']

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function limitSentence(finding: string, of: Figures, pen: Pen): string | undefined {
  if (finding === 'none') return pen.write('limits.none')
  if (finding === 'within') return pen.write('limits.within', { limits: number(of.limits) ?? 0 })
  if (finding !== 'used-up' && finding !== 'perhaps-used-up') return undefined
  const minutes = (name: string): string => pen.minutes(number(of[name]) ?? 0)
  const beyond = {
    ...{ condition: text(of.condition), minutes: minutes('minutes') },
    ...{ allowed: minutes('allowedMinutes'), unknown: minutes('unknownMinutes') },
  }
  if (finding === 'perhaps-used-up') return pen.write('limits.perhaps-used-up', beyond)
  return pen.write('limits.used-up', { ...beyond, worst: pen.degrees(number(of.worstC)) })
}

const budgets = ['budget-overdrawn', 'budget-perhaps-overdrawn', 'budget-left']

function budgetSentence(finding: string, of: Figures, pen: Pen): string | undefined {
  const minutes = (name: string): string => pen.minutes(number(of[name]) ?? 0)
  const limit = budgetLimit(text(of.condition), pen)
  if (finding === 'budget-added' || finding === 'budget-addition-reversed') {
    // Servers before 0.5 told less of it.
    if (of.signedBy === undefined) return undefined
    return pen.write(finding, {
      ...{ limit, added: minutes('saidMinutes'), by: text(of.signedBy) },
      ...{ at: pen.moment(text(of.signedAt)), reason: text(of.reason) },
      document: text(of.document),
    })
  }
  if (!budgets.includes(finding)) return undefined
  return pen.write('budget', {
    ...{ limit, drawn: minutes('drawnMinutes'), allowed: minutes('allowedMinutes') },
    ...{ added: minutes('addedMinutes'), unknown: minutes('unknownMinutes') },
  })
}

/** `above 8.0 °C` of `budget above 8 °C`. */
function budgetLimit(name: string, pen: Pen): string {
  const [, side, degrees] = /^budget (\w+) (-?[\d.]+) °C$/.exec(name) ?? []
  return side === undefined ? name : pen.limit(side, Number(degrees))
}

function evidenceSentence(finding: string, of: Figures, pen: Pen): string | undefined {
  const unknown = pen.minutes(number(of.unknownMinutes) ?? 0)
  switch (finding) {
    case 'unknown-time':
      return pen.write('unknown-time', { unknown })
    case 'calibration-overdue':
      return pen.write('calibration-overdue', {
        ...{ device: text(of.device), due: pen.day(text(of.dueAt)) },
      })
    case 'calibration-untold':
      return pen.write('calibration-untold', { devices: text(of.devices) })
    case 'known':
      return pen.write('known', { unknown })
    default:
      return undefined
  }
}

function windowSentence(finding: string, of: Figures, pen: Pen): string | undefined {
  if (finding === 'known') return pen.write('window.known')
  if (finding === 'unknown-life')
    return pen.write('window.unknown-life', { budgets: number(of.budgets) ?? 0 })
  if (finding !== 'unknown-window') return undefined
  const minutes = (name: string): string => pen.minutes(number(of[name]) ?? 0)
  const span = { window: minutes('windowMinutes'), unknown: minutes('unknownMinutes') }
  return pen.write('window.unknown-window', span)
}

function mktSentence(finding: string, of: Figures, pen: Pen): string | undefined {
  if (finding === 'unknown-window') return pen.write('mkt.unknown-window')
  if (finding !== 'above' && finding !== 'within') return undefined
  const values = { mkt: pen.degrees(number(of.mktC)), limit: pen.degrees(number(of.limitC)) }
  return pen.write(`mkt.${finding}`, values)
}

const unneeded = (finding: string, pen: Pen): string | undefined =>
  finding === 'refused' || finding === 'not-allowed' || finding === 'not-needed'
    ? pen.write(`mkt.${finding}`)
    : undefined
