// Channels and rules as their forms hold them, and what the forms send. Secrets are typed, never
// shown: an empty field leaves them as they are. Pure; the server refuses what does not fit.
import { numberIn } from '../settings/profile.ts'
import type { Language } from '../words.ts'
import { type Channel, isForPeople, type Rule, type Via, type When } from './shapes.ts'

export interface ChannelDraft {
  name: string
  via: Via
  to: 'address' | 'person'
  address: string
  person: string
  url: string
  routingKey: string
  language: Language
  unit: 'C' | 'F'
  zone: string
  quiet: boolean
  quietFrom: string
  quietTo: string
  digest: 'none' | 'hourly' | 'daily'
  dailyAt: string
  criticalAtOnce: boolean
  /** Empty: as the way has it. */
  spacing: string
}

export interface Liking {
  language: Language
  unit: 'C' | 'F'
  zone: string
}

export const newChannel = (liking: Liking): ChannelDraft => ({
  ...{ name: '', via: 'email', to: 'address', address: '', person: '', url: '', routingKey: '' },
  ...liking,
  ...{ quiet: false, quietFrom: '22:00', quietTo: '06:00', digest: 'none', dailyAt: '07:30' },
  ...{ criticalAtOnce: true, spacing: '' },
})

export function channelDraft(channel: Channel): ChannelDraft {
  const { name, via, address, person, url, language, unit, zone, quietHours, digest } = channel
  const plain = newChannel({ language, unit, zone })
  return {
    ...{ ...plain, name, via, to: person === null ? 'address' : 'person' },
    ...{ address: address ?? '', person: person ?? '', url: via === 'webhook' ? (url ?? '') : '' },
    ...{ quiet: quietHours !== null, criticalAtOnce: channel.criticalAtOnce },
    ...(quietHours && { quietFrom: quietHours.from, quietTo: quietHours.to }),
    digest: digest === null ? 'none' : digest === 'hourly' ? 'hourly' : 'daily',
    ...(digest !== null && digest !== 'hourly' && { dailyAt: digest.dailyAt }),
    spacing: String(channel.spacingMinutes),
  }
}

/** `isNew`: the way is named once and never changed. */
export function channelBody(draft: ChannelDraft, isNew: boolean): Record<string, unknown> {
  const { via, to, name, url, routingKey, language, unit, zone, spacing } = draft
  const mail = via === 'email'
  const given = (text: string, name: string) => (text.trim() === '' ? {} : { [name]: text.trim() })
  return {
    name: name.trim(),
    ...(isNew && { via }),
    ...(mail && { [to]: draft[to].trim() }),
    ...(!mail && via !== 'mqtt' && given(url, 'url')),
    ...(via === 'pagerduty' && given(routingKey, 'routingKey')),
    // Those of a person are told in that person's words.
    ...(!(mail && to === 'person') && { language, unit, zone }),
    ...(isForPeople(via) && pauses(draft)),
    ...(spacing.trim() !== '' && { spacingMinutes: numberIn(spacing) }),
  }
}

const pauses = (draft: ChannelDraft) => ({
  quietHours: draft.quiet ? { from: draft.quietFrom, to: draft.quietTo } : null,
  digest:
    draft.digest === 'none'
      ? null
      : draft.digest === 'hourly'
        ? 'hourly'
        : { dailyAt: draft.dailyAt },
  criticalAtOnce: draft.criticalAtOnce,
})

export interface StepDraft {
  afterMinutes: string
  channels: string[]
}

export interface RuleDraft {
  name: string
  enabled: boolean
  /** None: those that ask something of people. */
  kinds: string[]
  severity: NonNullable<When['severity']> | ''
  phases: string[]
  /** One a line. */
  gtins: string
  places: string
  devices: string
  lanes: { from: string; to: string }[]
  steps: StepDraft[]
}

export const newRule = (): RuleDraft => ({
  ...{ name: '', enabled: true, kinds: [], severity: 'major', phases: [] },
  ...{ gtins: '', places: '', devices: '', lanes: [] },
  steps: [{ afterMinutes: '0', channels: [] }],
})

/** A quarter of an hour after the last rung. */
export const nextStep = (steps: readonly StepDraft[]): StepDraft => {
  const last = numberIn(steps.at(-1)?.afterMinutes ?? '0')
  return { afterMinutes: String((Number.isFinite(last) ? last : 0) + 15), channels: [] }
}

export const ruleDraft = ({ name, enabled, when, steps }: Rule): RuleDraft => ({
  ...{ name, enabled, kinds: [...when.kinds], severity: when.severity ?? '' },
  ...{ phases: [...when.phases], lanes: when.lanes.map((lane) => ({ ...lane })) },
  gtins: when.gtins.join('\n'),
  places: when.places.join('\n'),
  devices: when.devices.join('\n'),
  steps: steps.map(({ afterMinutes, channels }) => ({
    afterMinutes: String(afterMinutes),
    channels: [...channels],
  })),
})

export function ruleBody(draft: RuleDraft): Record<string, unknown> {
  const some = (name: string, entries: readonly unknown[]) =>
    entries.length > 0 ? { [name]: entries } : {}
  const end = (name: string, text: string) => (text.trim() === '' ? {} : { [name]: text.trim() })
  const lanes = draft.lanes.map(({ from, to }) => ({ ...end('from', from), ...end('to', to) }))
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    when: {
      ...some('kinds', draft.kinds),
      ...(draft.severity !== '' && { severity: draft.severity }),
      ...some('phases', draft.phases),
      ...some('gtins', linesOf(draft.gtins)),
      ...some('places', linesOf(draft.places)),
      ...some('devices', linesOf(draft.devices)),
      // A lane without ends is any lane: no condition.
      ...some(
        'lanes',
        lanes.filter((lane) => Object.keys(lane).length > 0),
      ),
    },
    steps: draft.steps.map(({ afterMinutes, channels }) => ({
      afterMinutes: numberIn(afterMinutes),
      channels,
    })),
  }
}

/** Each once; a line, a comma or a space ends an entry: neither stands in a key of GS1. */
export const linesOf = (text: string): string[] => [
  ...new Set(text.split(/[\s,;]+/).filter((entry) => entry !== '')),
]

/** Added at the end, or taken away when it is there. */
export const toggled = (entries: readonly string[], entry: string): string[] =>
  entries.includes(entry) ? entries.filter((one) => one !== entry) : [...entries, entry]
