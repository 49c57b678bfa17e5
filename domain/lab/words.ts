// What the findings of a lab session say, and what to do about each, in the languages of the
// console. Words only. Counts stand apart from nouns, so that no language needs a plural.

import type { RefusalCode } from '../refusal.ts'
import { type RemedyLanguage, remedyOf } from '../remedies.ts'
import { typesetAll } from '../typography.ts'
import type { LabFinding } from './grades.ts'
import { labWordsDe, labWordsEs, labWordsFr } from './words-others.ts'

export type FindingName = keyof typeof en
/** A sentence with {values}, and what to do; null: it is well, or there is nothing to do. */
export type LabWords = Readonly<
  Record<FindingName, readonly [detail: string, remedy: string | null]>
>

/** The sentence of a finding and its remedy. */
export function sayFinding(
  { finding, values }: LabFinding,
  language: RemedyLanguage,
): { detail: string; remedy: string | null } {
  const [text, remedy] = words[language][finding]
  const detail = text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  const own = finding === 'refused' ? remedyOf(values.code as RefusalCode, language) : remedy
  return { detail, remedy: own }
}

/** Typed by these: a finding that is missing in a language does not compile. */
const en = {
  'nothing-came': ['Nothing came.', 'Let the logger send while the session runs.'],
  refused: ['Refused with {code}: {count}. The first at “{path}”: {detail}.', null],
  'all-readable': ['All {readings} values could be read.', null],
  'units-right': ['All values are in a known unit and possible: {channels}.', null],
  'interval-undeclared': [
    'The logger has no declared logging interval.',
    'Declare the logging interval with the logger.',
  ],
  'interval-unknown': [
    'Too few readings to tell an interval.',
    'Declare the logging interval, or run a longer session.',
  ],
  'few-steps': ['Only {steps} steps without a fault in between.', 'Run a longer session.'],
  regular: ['{regular} of {steps} steps are {seconds} s, within 10 %.', null],
  irregular: [
    '{regular} of {steps} steps are {seconds} s, within 10 %.',
    'Measure by a timer, not after each sending; or declare the interval that is meant.',
  ],
  holes: [
    'Holes without a fault of the session: {count}.',
    'Measure and keep readings while the logger is busy sending.',
  ],
  'on-time': ['At its quickest a reading came {seconds} s after it was taken.', null],
  ahead: ['The clock is {seconds} s ahead.', 'Set the clock (NTP) in UTC, and check the zone.'],
  behind: [
    'The clock is behind, or readings come {seconds} s late at the quickest.',
    'Set the clock (NTP) in UTC, and send without long waits.',
  ],
  'each-once': ['Each of {entries} readings came once, or again for a good reason.', null],
  renumbered: [
    'Sent again with a new seq: {count}. One reading looks like two.',
    'Keep seq with the reading when it is stored, and send the same bytes again.',
  ],
  rewritten: [
    'Sent again with another value for the same time: {count}.',
    'Send a reading again as it was; give a new measurement its own time.',
  ],
  needless: [
    'Sent again although acknowledged: {count}.',
    'Drop readings from the buffer once PUBACK or 202 has come.',
  ],
  'in-order': ['Readings came in the order of their times.', null],
  'out-of-order': [
    'Came after newer ones: {late} of {entries}. They are kept; alerts may come later.',
    'Send the oldest readings of the buffer first.',
  ],
  'nothing-lost': ['Of {expected} readings due during faults none is missing.', null],
  lost: [
    'Missing of those due during faults: {missing} of {expected}.',
    'Keep measuring while offline, store the readings, and send them afterwards.',
  ],
  'no-outage': ['No fault was long enough to tell.', 'Let a fault last several intervals.'],
  'no-cut': ['No connection was cut.', null],
  back: ['Came back after each of {count} cuts, at the latest {seconds} s after it could.', null],
  'not-back': [
    'Did not come back within a minute after a cut: {count}.',
    'Connect again by itself whenever the connection is lost, also when CONNECT is refused: some clients give up then unless told otherwise.',
  ],
  hammers: [
    'Tried again after only {seconds} s.',
    'Wait a second at least before the next try, and longer with each.',
  ],
  'no-backoff': [
    'Waits between tries do not grow.',
    'Double the wait after each failure, up to some minutes.',
  ],
  'no-jitter': [
    'The same waits after each of {count} cuts: no chance in them.',
    'Add a random part to each wait, so that a fleet does not come back at one moment.',
  ],
  'new-client-id': [
    'Different client ids: {count}. What waits for the old ones is lost.',
    'Use one client id, such as the id of the logger.',
  ],
  'clean-session': [
    'It connects with a clean session: commands sent while it is away do not wait for it.',
    'Connect with CleanSession 0 if the logger takes commands.',
  ],
  'qos-0': [
    'It publishes with QoS 0: what is lost on the way is lost.',
    'Publish with QoS 1, and keep readings until PUBACK.',
  ],
  'nothing-withheld': ['No acknowledgement was withheld.', null],
  resent: ['Packets without an acknowledgement came again: {count}.', null],
  'not-resent': [
    'Packets without an acknowledgement that never came again: {count}.',
    'Keep readings until PUBACK, and send them again after connecting.',
  ],
  'resent-without-dup': [
    'Came again without DUP: {count}.',
    'Set DUP and keep the packet id when a packet is sent again (MQTT 3.1.1 §4.4).',
  ],
  'no-refusals-met': ['No request met a 429 or 503.', null],
  retried: ['After each of {faults} refusals it waited; readings sent again: {readings}.', null],
  'too-early': [
    'Requests before Retry-After was over: {count}, the earliest {seconds} s too early.',
    'Wait for as many seconds as Retry-After says before any request.',
  ],
  'not-retried': [
    'Refused with 429 or 503 and never sent again: {count}.',
    'Keep readings until 202, and send them again after Retry-After.',
  ],
} as const satisfies Record<string, readonly [string, string | null]>

const words: Readonly<Record<RemedyLanguage, LabWords>> = {
  en,
  de: labWordsDe,
  fr: typesetAll(labWordsFr, 'fr'),
  es: labWordsEs,
}
