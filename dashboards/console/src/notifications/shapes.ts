// Channels, rules, what rules would make of an alert, and the log, as docs/notifications.md has
// them. What a newer server names otherwise gets a plain value. Judges nothing.
import * as d from '../quality/decode.ts'

export const vias = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'mqtt'] as const
export type Via = (typeof vias)[number]

/** Quiet hours and digests are for people; programs hear of each change by itself. */
export const isForPeople = (via: Via): boolean => ['email', 'slack', 'teams'].includes(via)

export const kinds = [
  'alert.raised',
  'alert.changed',
  'alert.workflow',
  'recall.started',
  'recall.changed',
  'case.opened',
  'case.changed',
  'disposition.signed',
  'conflict.opened',
  'capture.applied',
] as const
export const phases = ['origin', 'transit', 'destination'] as const
export const severities = ['critical', 'major', 'minor', 'info'] as const
export const states = [
  'waiting',
  'sending',
  'delivered',
  'failed',
  'suppressed',
  'skipped',
] as const
export type State = (typeof states)[number]

const hours = d.shape({ from: d.text, to: d.text })
const digest: d.Decode<'hourly' | { dailyAt: string } | null> = (json) =>
  json === 'hourly' ? 'hourly' : d.orNull(d.shape({ dailyAt: d.text }))(json)

export const channel = d.shape({
  id: d.text,
  name: d.text,
  via: d.oneOf(vias, 'webhook'),
  address: d.textOrNull,
  person: d.textOrNull,
  /** Of Slack, Teams and PagerDuty the host only. */
  url: d.textOrNull,
  language: d.oneOf(['en', 'de', 'fr', 'es'], 'en'),
  unit: d.oneOf(['C', 'F'], 'C'),
  zone: d.text,
  quietHours: d.orNull(hours),
  digest,
  criticalAtOnce: d.flag,
  spacingMinutes: d.number,
  status: d.oneOf(['active', 'paused', 'failing', 'disabled'], 'active'),
  reason: d.textOrNull,
  toldAt: d.time,
  failingSince: d.time,
  nextAttemptAt: d.time,
})
export type Channel = ReturnType<typeof channel>

const severityOrNull: d.Decode<(typeof severities)[number] | null> = (json) =>
  severities.find((name) => name === json) ?? null
const lane = d.shape({ from: d.text, to: d.text })
const when = d.shape({
  kinds: d.list(d.text),
  severity: severityOrNull,
  phases: d.list(d.text),
  gtins: d.list(d.text),
  places: d.list(d.text),
  lanes: d.list(lane),
  devices: d.list(d.text),
})
export type When = ReturnType<typeof when>

export const rule = d.shape({
  id: d.text,
  name: d.text,
  enabled: d.flag,
  when,
  steps: d.list(d.shape({ afterMinutes: d.number, channels: d.list(d.text) })),
})
export type Rule = ReturnType<typeof rule>

/** A rule with conditions that fail, or one channel of one rung. */
export const foreseen = d.shape({
  rule: d.text,
  ruleName: d.text,
  failing: d.list(d.text),
  channelName: d.textOrNull,
  step: d.number,
  dueAt: d.time,
  tellAt: d.time,
  held: d.textOrNull,
  suppressed: d.textOrNull,
})
export type Foreseen = ReturnType<typeof foreseen>

const attempt = d.shape({
  at: d.time,
  durationMs: d.number,
  status: d.numberOrNull,
  error: d.textOrNull,
})
export const logged = d.shape({
  id: d.text,
  state: d.oneOf(states, 'skipped'),
  reason: d.textOrNull,
  channel: d.text,
  channelName: d.textOrNull,
  kind: d.text,
  subject: d.text,
  alert: d.textOrNull,
  severity: d.oneOf(severities, 'major'),
  rule: d.text,
  step: d.number,
  at: d.time,
  dueAt: d.time,
  heldUntil: d.time,
  message: d.textOrNull,
  tries: d.number,
  attempts: d.list(attempt),
  endedAt: d.time,
})
export type Logged = ReturnType<typeof logged>

export const rhythms = ['day', 'week', 'month'] as const
const timing = d.shape({
  every: d.oneOf(rhythms, 'day'),
  weekday: d.numberOrNull,
  day: d.numberOrNull,
  at: d.text,
  zone: d.text,
})
const params: d.Decode<Readonly<Record<string, string>>> = (json) =>
  Object.fromEntries(Object.entries(d.raw(json)).map(([name, value]) => [name, d.text(value)]))

/** A report that is sent again and again. */
export const schedule = d.shape({
  id: d.text,
  name: d.text,
  report: d.text,
  query: params,
  media: d.text,
  schedule: timing,
  channels: d.list(d.text),
  reason: d.textOrNull,
  toldAt: d.time,
  failingSince: d.time,
  nextRunAt: d.time,
})
export type Schedule = ReturnType<typeof schedule>

/** A mail of a report, with every attempt. */
export const mail = d.shape({
  id: d.text,
  status: d.text,
  createdAt: d.time,
  endedAt: d.time,
  attempts: d.list(attempt),
})
export type Mail = ReturnType<typeof mail>

export type Tried = { is: 'arrived' } | { is: 'failed'; reason: string }

/** What became of a message by how its channel stood before and stands now; null: not known yet. */
export function triedOf(before: Channel, now: Channel): Tried | null {
  if (now.toldAt !== null && now.toldAt !== before.toldAt) return { is: 'arrived' }
  const again =
    now.reason !== before.reason ||
    now.nextAttemptAt !== before.nextAttemptAt ||
    now.failingSince !== before.failingSince
  return now.reason !== null && again ? { is: 'failed', reason: now.reason } : null
}
