// Why a verdict is what it is, as a sentence in the language and unit of the reader, from the
// finding and figures that the server tells beside its own sentence. What is not known here stays as
// the server said it.
import * as say from '../say.ts'
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'
import { writeReason as write } from '../words/reasons.ts'
import { limitText } from './figures.ts'

export interface ToldReason {
  step: string
  finding: string
  detail: string
  figures: unknown
}

export function sentenceOfReason({ step, finding, detail, figures }: ToldReason): string {
  const of = objectOf(figures)
  return (finding === '' ? undefined : sentence(step, finding, of)) ?? detail
}

type Figures = Readonly<Record<string, unknown>>

const minutes = (of: Figures, name: string): string => say.minutes(numberOf(of[name]) ?? 0)
const degrees = (of: Figures, name: string): string => say.temperature(numberOf(of[name]))

function sentence(step: string, finding: string, of: Figures): string | undefined {
  switch (step) {
    case 'hard-limits':
      return finding === 'no-profile' ? write('no-profile') : limitSentence(finding, of)
    case 'excursion-limits':
      return finding === 'judged-by-alerts'
        ? write('elsewhere', { condition: textOf(of.condition) })
        : (limitSentence(finding, of) ?? budgetSentence(finding, of))
    case 'evidence':
      return evidenceSentence(finding, of)
    case 'window':
      return windowSentence(finding, of) ?? unneeded(finding)
    case 'mkt':
      return mktSentence(finding, of) ?? unneeded(finding)
    case 'repeats':
      return finding === 'none'
        ? write('repeats.none')
        : write('repeats', { count: numberOf(of.times) ?? 0 })
    default:
      return undefined
  }
}

function limitSentence(finding: string, of: Figures): string | undefined {
  if (finding === 'none') return write('limits.none')
  if (finding === 'within') return write('limits.within', { limits: numberOf(of.limits) ?? 0 })
  if (finding !== 'used-up' && finding !== 'perhaps-used-up') return undefined
  const beyond = {
    ...{ condition: textOf(of.condition), minutes: minutes(of, 'minutes') },
    ...{ allowed: minutes(of, 'allowedMinutes'), unknown: minutes(of, 'unknownMinutes') },
  }
  if (finding === 'perhaps-used-up') return write('limits.perhaps-used-up', beyond)
  return write('limits.used-up', { ...beyond, worst: degrees(of, 'worstC') })
}

function budgetSentence(finding: string, of: Figures): string | undefined {
  const limit = budgetLimit(textOf(of.condition))
  if (finding === 'budget-added' || finding === 'budget-addition-reversed') {
    if (of.signedBy === undefined) return undefined
    return write(finding, {
      ...{ limit, added: minutes(of, 'saidMinutes'), by: textOf(of.signedBy) },
      ...{ at: say.time(parseTime(of.signedAt)), reason: textOf(of.reason) },
      ...{ document: textOf(of.document) },
    })
  }
  if (!['budget-overdrawn', 'budget-perhaps-overdrawn', 'budget-left'].includes(finding))
    return undefined
  return write('budget', {
    ...{ limit, drawn: minutes(of, 'drawnMinutes') },
    ...{ allowed: minutes(of, 'allowedMinutes'), added: minutes(of, 'addedMinutes') },
    unknown: minutes(of, 'unknownMinutes'),
  })
}

/** `above 8.0 °C` of `budget above 8 °C`, as the server names it. */
function budgetLimit(name: string): string {
  const [, side, degrees] = /^budget (\w+) (-?[\d.]+) °C$/.exec(name) ?? []
  const known = (['above', 'atOrAbove', 'below', 'atOrBelow'] as const).find((one) => one === side)
  return known ? limitText({ side: known, limitC: Number(degrees) }) : name
}

function evidenceSentence(finding: string, of: Figures): string | undefined {
  switch (finding) {
    case 'unknown-time':
      return write('unknown-time', { unknown: minutes(of, 'unknownMinutes') })
    case 'calibration-overdue':
      return write('calibration-overdue', {
        ...{ device: textOf(of.device), due: say.day(parseTime(of.dueAt)) },
      })
    case 'calibration-untold':
      return write('calibration-untold', { devices: textOf(of.devices) })
    case 'known':
      return write('known', { unknown: minutes(of, 'unknownMinutes') })
    default:
      return undefined
  }
}

function windowSentence(finding: string, of: Figures): string | undefined {
  if (finding === 'known') return write('window.known')
  if (finding === 'unknown-life')
    return write('window.unknown-life', { budgets: numberOf(of.budgets) ?? 0 })
  if (finding !== 'unknown-window') return undefined
  const span = { window: minutes(of, 'windowMinutes'), unknown: minutes(of, 'unknownMinutes') }
  return write('window.unknown-window', span)
}

function mktSentence(finding: string, of: Figures): string | undefined {
  if (finding === 'unknown-window') return write('mkt.unknown-window')
  if (finding !== 'above' && finding !== 'within') return undefined
  return write(`mkt.${finding}`, { mkt: degrees(of, 'mktC'), limit: degrees(of, 'limitC') })
}

const unneeded = (finding: string): string | undefined =>
  finding === 'refused' || finding === 'not-allowed' || finding === 'not-needed'
    ? write(`mkt.${finding}`)
    : undefined
