// What people agreed on about being told: rules (of what, and whom first and next) and the terms of
// each way to somebody (language, unit, zone, quiet hours, digests). Pure: reads what was kept and
// says whether a rule is about something. Sends nothing.
import type { LocalMinute, LocalSpan } from '../../domain/local-time.ts'
import { type Phase, type Severity, severities } from '../../domain/profile/profile.ts'
import type { Endpoint } from '../../store/ledger/endpoints.ts'

export const channelKinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'mqtt'] as const
export type ChannelKind = (typeof channelKinds)[number]

export const languages = ['en', 'de', 'fr', 'es'] as const
export type Language = (typeof languages)[number]
export type Unit = 'C' | 'F'

/** How one way to somebody is used: the settings of an endpoint of kind `channel`. */
export interface ChannelTerms {
  via: ChannelKind
  name: string
  /** Of e-mail, unless a person is named. */
  address?: string
  /** Whose address, language, unit and zone count. */
  person?: string
  language: Language
  unit: Unit
  /** IANA. */
  zone: string
  quiet?: LocalSpan
  /** One message an hour, or a day at this local time. */
  digest?: { every: 'hour' } | { every: 'day'; at: LocalMinute }
  /** What is critical waits for no quiet hours and no digest. */
  criticalAtOnce: boolean
  /** Between two messages; 0: each change is a message of its own. */
  spacingMs: number
}

/** Every condition that is there has to hold; of a list, one of its entries. */
export interface RuleWhen {
  kinds?: readonly string[]
  /** At least so severe. */
  severity?: Severity
  phases?: readonly Phase[]
  gtins?: readonly string[]
  /** Digital Links of a GLN: where it is, came from or goes to; a site covers what is in it. */
  places?: readonly string[]
  /** Sites; an end that is not named may be any. */
  lanes?: readonly { from?: string; to?: string }[]
  devices?: readonly string[]
}

export interface RuleStep {
  /** After what happened, unless somebody has acknowledged it by then. */
  afterMs: number
  /** Ids of channels. */
  channels: readonly string[]
}

export interface NotificationRule {
  id: string
  name: string
  enabled: boolean
  when: RuleWhen
  /** Ascending by time. */
  steps: readonly RuleStep[]
}

/** What rules ask of something that happened. */
export interface Facts {
  kind: string
  ref: string
  /** Record time. */
  at: number
  severity: Severity
  /** Alert that it is about. */
  alert?: string
  gtin?: string
  device?: string
  phase?: Phase
  /** Where it is, came from, goes to. */
  places: readonly string[]
  lane?: { from?: string; to?: string }
}

export const termsOf = ({ settings }: Pick<Endpoint, 'settings'>): ChannelTerms =>
  settings as unknown as ChannelTerms

/** People are told now and then and in one message; programs of each change by itself. */
export const isForPeople = ({ via }: Pick<ChannelTerms, 'via'>): boolean =>
  via === 'email' || via === 'slack' || via === 'teams'

export const rankOf = (severity: Severity): number => severities.indexOf(severity)

/** What a rule may be about. */
export const ruleKinds = [
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

/** Kinds that a rule without kinds is about: those that ask something of people. */
export const usualKinds: readonly string[] = [
  'alert.raised',
  'alert.changed',
  'recall.started',
  'recall.changed',
  'case.opened',
  'case.changed',
]

/** Which conditions do not hold; empty: the rule is about it. */
export function failing(when: RuleWhen, facts: Facts): (keyof RuleWhen)[] {
  const { kinds = usualKinds, severity, phases, gtins, places, lanes, devices } = when
  const holds: Record<keyof RuleWhen, boolean> = {
    kinds: kinds.includes(facts.kind),
    severity: severity === undefined || rankOf(facts.severity) >= rankOf(severity),
    phases: phases === undefined || (facts.phase !== undefined && phases.includes(facts.phase)),
    gtins: gtins === undefined || (facts.gtin !== undefined && gtins.includes(facts.gtin)),
    places: places === undefined || facts.places.some((place) => places.some(covers(place))),
    lanes: lanes === undefined || lanes.some((lane) => fits(lane, facts.lane)),
    devices:
      devices === undefined || (facts.device !== undefined && devices.includes(facts.device)),
  }
  return (Object.keys(holds) as (keyof RuleWhen)[]).filter((name) => !holds[name])
}

/** Whether a rule asks for what only the events of the container tell. */
export const asksJourney = ({ when }: NotificationRule): boolean =>
  (when.phases ?? when.places ?? when.lanes) !== undefined

/** A site covers the places inside it (AI 254). */
const covers =
  (place: string) =>
  (asked: string): boolean =>
    place === asked || place.startsWith(`${asked}/254/`)

function fits(asked: { from?: string; to?: string }, lane: Facts['lane']): boolean {
  if (!lane) return false
  const end = (wanted: string | undefined, is: string | undefined): boolean =>
    wanted === undefined || (is !== undefined && covers(is)(wanted))
  return end(asked.from, lane.from) && end(asked.to, lane.to)
}
