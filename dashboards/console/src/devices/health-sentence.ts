// What is found about a logger and how well it sends, as sentences in the language and unit of the
// reader, from the codes and figures that the server tells beside its own. What is not known here
// stays as the server said it.
import * as say from '../say.ts'
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'
import { healthWords } from '../words/health.ts'
import { formatMessage, language, type Message } from '../words.ts'
import { valueOfChannel } from './channels.ts'

export interface ToldCode {
  code: string
  figures: unknown
  detail: string
}

/** Of health: what `channel` is says in which unit its values are. */
export function sentenceOfFinding(finding: ToldCode & { channel: string }): string {
  const of = objectOf(finding.figures)
  const number = (name: string): number => numberOf(of[name]) ?? 0
  const degrees = (name: string): string => say.temperature(numberOf(of[name]))
  const span = (): string => say.minutes(number('minutes'))
  const day = (): string => say.day(parseTime(of.dueAt))
  const values = {
    ...{ value: valueOfChannel(finding.channel, numberOf(of.value)), worst: degrees('worstC') },
    ...{ before: degrees('fromC'), after: degrees('toC'), span: span(), day: day() },
    ...{ by: signed(number('byC')), perDay: signed(number('perDayC'), 3) },
    count: countOf(finding.code, number),
  }
  return worded(finding, values)
}

/** Of the conformance of a sender. Two checks have codes that findings of health have, too. */
export function sentenceOfCheck(check: ToldCode): string {
  const of = objectOf(check.figures)
  const number = (name: string): number => numberOf(of[name]) ?? 0
  const other: Readonly<Record<string, string>> = {
    ...{ holes: 'conformance-holes', 'clock-ahead': 'sends-ahead', 'clock-behind': 'sends-behind' },
  }
  const counted: Readonly<Record<string, string>> = { holes: 'holes', 'messages-missing': 'gaps' }
  const count = number(counted[check.code] ?? 'kept')
  return worded({ ...check, code: other[check.code] ?? check.code }, { count })
}

/** Figures that need no unit of the reader go in as they are. */
function worded(
  { code, figures, detail }: ToldCode,
  values: Readonly<Record<string, string | number>>,
): string {
  const known: Readonly<Record<string, Message>> = healthWords[language.value]
  const message = Object.hasOwn(known, code) ? known[code] : undefined
  if (message === undefined) return detail
  const plain = Object.entries(objectOf(figures)).map(
    ([name, value]): [string, string | number] => [name, numberOf(value) ?? textOf(value)],
  )
  return formatMessage(message, language.value, { ...Object.fromEntries(plain), ...values })
}

function countOf(code: string, number: (name: string) => number): number {
  if (code === 'drift') return number('loggers')
  if (code === 'door-open') return number('periods')
  if (code === 'messages-missing') return number('gaps')
  return code === 'spikes' ? number('count') : number('days')
}

const signed = (celsius: number, digits = 1): string =>
  `${celsius > 0 ? '+' : ''}${say.difference(celsius, digits)}`
