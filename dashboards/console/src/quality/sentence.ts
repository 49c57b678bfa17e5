// What an alert means, as sentences, in the unit, zone and language of the reader. Says what the
// server judged; judges nothing.
import * as say from '../say.ts'
import type { Alert } from '../shapes.ts'
import { writeAlertPage as write } from '../words/alert-page.ts'

/** `above 8.0 °C for 1 h 35 min, at most 11.3 °C` */
export function sentenceOfRule(alert: Alert): string {
  const { kind, limitC, peakC, ruleKind, rule, device } = alert
  const minutes = say.minutes(alert.minutes)
  if (kind === 'silence')
    return write('short.silence', { device, minutes: say.minutes(alert.unknownMinutes) })
  const peak = say.temperature(peakC)
  if (ruleKind === 'rate') return write('short.rate', { peak })
  if (limitC === null || peakC === null) return write('short.other', { rule, minutes })
  const degrees = say.temperature(limitC)
  return write(peakC < limitC ? 'short.below' : 'short.above', { degrees, minutes, peak })
}

/** What happened, where, when, to how many; each a sentence. */
export function storyOf(alert: Alert, dataUpTo: number | null): string[] {
  const { kind, container, from, to, rule, serialCount, unknownMinutes, limitC } = alert
  const { ruleKind, peakC } = alert
  const what = sentenceOfRule(alert)
  const place = { container: say.key(container), what, from: say.time(from) }
  const story: string[] = []
  if (kind === 'silence') story.push(write('silent', place))
  else if (ruleKind === 'rate' || limitC === null || peakC === null)
    story.push(write('where.other', { ...place, what: `${what}, ${say.span(from, to)}` }))
  else if (to === null) story.push(write('where.ongoing', place))
  else story.push(write('where.ended', { ...place, to: say.time(to) }))
  if (kind !== 'silence' && limitC !== null)
    story.push(write('rule', { rule, limit: say.rule(alert) }))
  story.push(serialCount > 0 ? write('inside', { count: serialCount }) : write('inside.none'))
  if (unknownMinutes > 0 && kind !== 'silence')
    story.push(write('unknown', { minutes: say.minutes(unknownMinutes) }))
  if (dataUpTo !== null) story.push(write('upTo', { time: say.time(dataUpTo) }))
  return story
}
