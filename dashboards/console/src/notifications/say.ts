// Channels, rules and what becomes of them, in words of the reader. A word of a newer server stands
// as it came.
import { languageNames } from '../palette.tsx'
import * as say from '../say.ts'
import { type NotificationKey, notifications, write } from '../words/notifications.ts'
import { write as writeShell } from '../words/shell.ts'
import { type Channel, type Foreseen, isForPeople, type Rule, type When } from './shapes.ts'

/** `reason.spacing`, `kind.alert.raised`: messages without values. */
export function wordOf(group: 'kind' | 'reason' | 'phase' | 'condition', name: string): string {
  const key = `${group}.${name}`
  return isPlain(key) ? write(key) : name
}

type PlainKey = Extract<NotificationKey, `${'kind' | 'reason' | 'phase' | 'condition'}.${string}`>
const isPlain = (key: string): key is PlainKey => key in notifications.en

/** How it is told: language and zone, quiet hours, digest, spacing. */
export function pausesOf(channel: Channel): string[] {
  const { via, person, language, unit, zone, quietHours, digest, spacingMinutes } = channel
  const lines = person === null ? [`${languageNames[language]}, °${unit}, ${zone}`] : []
  if (isForPeople(via)) {
    if (quietHours) lines.push(write('quiet.of', quietHours))
    if (digest === 'hourly') lines.push(write('digest.ofHour'))
    else if (digest) lines.push(write('digest.ofDay', { time: digest.dailyAt }))
    if ((quietHours ?? digest) !== null && channel.criticalAtOnce) lines.push(write('atOnce'))
  }
  if (spacingMinutes > 0) lines.push(write('channel.spaced', { count: spacingMinutes }))
  return lines
}

/** What a rule is about: every part has to hold. */
export function aboutOf(when: When, placeOf: (id: string) => string): string[] {
  const { kinds, severity, phases, gtins, places, lanes, devices } = when
  const end = (id: string): string => (id === '' ? '…' : placeOf(id))
  const parts = [
    kinds.length > 0 ? kinds.map((name) => wordOf('kind', name)).join(', ') : write('rule.usual'),
  ]
  if (severity !== null)
    parts.push(write('rule.atLeast', { severity: writeShell(`severity.${severity}`) }))
  if (phases.length > 0) parts.push(phases.map((name) => wordOf('phase', name)).join(', '))
  if (gtins.length > 0) parts.push(`${write('condition.gtins')} ${gtins.join(', ')}`)
  if (places.length > 0)
    parts.push(`${write('condition.places')} ${places.map(placeOf).join(', ')}`)
  for (const { from, to } of lanes)
    parts.push(write('rule.laneOf', { from: end(from), to: end(to) }))
  if (devices.length > 0) parts.push(`${write('condition.devices')} ${devices.join(', ')}`)
  return parts
}

/** `at once: Quality on call`, a line for each rung. */
export const ladderOf = ({ steps }: Rule, channels: readonly Channel[]): string[] =>
  steps.map(({ afterMinutes, channels: ids }) => {
    const names = ids.map((id) => channels.find((one) => one.id === id)?.name ?? write('rule.gone'))
    const after =
      afterMinutes === 0
        ? write('rule.atOnce')
        : write('rule.afterOf', { span: say.minutes(afterMinutes) })
    return `${after}: ${names.join(', ')}`
  })

export interface ForeseenRule {
  rule: string
  name: string
  /** Somebody would be told. */
  told: boolean
  lines: string[]
}

/** A rule each, in the order of the answer: whom it would tell and when, or what does not hold. */
export function linesOfForeseen(answer: readonly Foreseen[]): ForeseenRule[] {
  const rules = new Map<string, ForeseenRule>()
  for (const one of answer) {
    const { rule, ruleName: name, failing, suppressed } = one
    const known = rules.get(rule) ?? { rule, name, told: false, lines: [] }
    const conditions = failing.map((word) => wordOf('condition', word)).join(', ')
    known.lines.push(failing.length > 0 ? write('preview.not', { conditions }) : lineOf(one))
    known.told ||= failing.length === 0 && suppressed === null
    rules.set(rule, known)
  }
  return [...rules.values()]
}

function lineOf({ channelName, tellAt, dueAt, held, suppressed }: Foreseen): string {
  const channel = channelName ?? write('rule.gone')
  const time = say.time(tellAt ?? dueAt)
  if (suppressed !== null)
    return write('preview.once', { channel, reason: wordOf('reason', suppressed) })
  return held === null
    ? write('preview.told', { channel, time })
    : write('preview.held', { channel, time, reason: wordOf('reason', held) })
}
