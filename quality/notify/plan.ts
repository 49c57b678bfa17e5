// Who is told of what, when, and why not. Pure: rules, terms, what happened, what was told before
// and the moment are arguments, so that the same inputs always give the same plan. Two questions:
// what one thing that happened asks for (`planFor`), and what of all that waits goes out now
// (`release`). Sends nothing and remembers nothing.
import { isWithin, nextLocal, nextLocalHour } from '../../domain/local-time.ts'
import type { Severity } from '../../domain/profile/profile.ts'
import {
  type ChannelTerms,
  type Facts,
  failing,
  type NotificationRule,
  type RuleWhen,
  rankOf,
} from './terms.ts'

/** Why something is not told at all. Part of the format: docs/notifications.md lists them. */
export const suppressions = [
  'duplicate',
  'not-escalated',
  'rule-gone',
  'acknowledged',
  'over',
  'retracted',
] as const
export type Suppression = (typeof suppressions)[number]

/** Why something waits that has fallen due. */
export const holdReasons = ['quiet-hours', 'digest', 'spacing'] as const
export type HoldReason = (typeof holdReasons)[number]

/** What a channel has of a subject so far. */
export interface Known {
  /** The most severe alert of it that was planned as new; none: none was. */
  raised: Severity | undefined
  /** `rule/step` of what was planned of it. */
  steps: ReadonlySet<string>
  /** Something of it was told over the channel. */
  told: boolean
}

export const knowsNothing: Known = { raised: undefined, steps: new Set(), told: false }

/** What one rule asks of one channel at one step. */
export interface Planned {
  rule: string
  step: number
  dueAt: number
  /** It will not be told. */
  suppressed?: Suppression
}

/** What a thing that happened asks of a channel; once for each moment, however many rules ask. */
export function planFor(
  channel: string,
  of: { facts: Facts; rules: readonly NotificationRule[]; known: Known },
): Planned[] {
  const { facts, rules, known } = of
  const planned: Planned[] = []
  const taken = new Set<number>()
  for (const rule of rules) {
    if (!rule.enabled || failing(rule.when, facts).length > 0) continue
    for (const [step, { afterMs, channels }] of rule.steps.entries()) {
      if (!channels.includes(channel)) continue
      const one = stepOf({ rule: rule.id, step, afterMs }, facts, known)
      const twice = !one.suppressed && taken.has(one.dueAt)
      planned.push(twice ? { ...one, suppressed: 'duplicate' } : one)
      if (!one.suppressed) taken.add(one.dueAt)
    }
  }
  return planned
}

function stepOf(
  { rule, step, afterMs }: { rule: string; step: number; afterMs: number },
  { kind, at, severity }: Facts,
  known: Known,
): Planned {
  const later = { rule, step, dueAt: at + afterMs }
  if (kind === 'alert.raised') {
    const again = known.raised !== undefined && rankOf(known.raised) >= rankOf(severity)
    return again ? { ...later, suppressed: 'duplicate' } : later
  }
  if (kind !== 'alert.changed' && kind !== 'alert.workflow') return later
  // What a rule is about only since this change climbs its ladder from here.
  if (kind === 'alert.changed' && !known.steps.has(`${rule}/${step}`)) return later
  const now = { rule, step, dueAt: at }
  return afterMs > 0 && !known.told ? { ...now, suppressed: 'not-escalated' } : now
}

/** Something that is planned and has fallen due. */
export interface Waiting {
  id: string
  subject: string
  severity: Severity
  rule: string
  step: number
  /** When it happened. */
  at: number
  dueAt: number
  /** Its rule is still there, is not switched off and names the channel at this step. */
  asked: boolean
  /** Of an alert: how it stands now. */
  standing?: { status: 'open' | 'closed' | 'superseded' | 'retracted'; acknowledged: boolean }
  /** It ends something that is told by name: PagerDuty's incidents. */
  ends: boolean
}

export interface Release {
  tell: Waiting[]
  suppress: { waiting: Waiting; reason: Suppression }[]
  hold: { waiting: Waiting; reason: HoldReason; until: number }[]
}

/** `told`: subjects that the channel was told of before; `lastAt`: when it was last told. */
export function release(
  waiting: readonly Waiting[],
  of: { terms: ChannelTerms; told: ReadonlySet<string>; lastAt: number; now: number },
): Release {
  const released: Release = { tell: [], suppress: [], hold: [] }
  for (const one of waiting) {
    const reason = suppressionOf(one, of)
    const held = reason ? undefined : holdOf(one, of)
    if (reason) released.suppress.push({ waiting: one, reason })
    else if (held) released.hold.push({ waiting: one, ...held })
    else released.tell.push(one)
  }
  return released
}

function suppressionOf(
  { asked, at, dueAt, standing, subject }: Waiting,
  { terms, told }: { terms: ChannelTerms; told: ReadonlySet<string> },
): Suppression | undefined {
  if (!asked) return 'rule-gone'
  if (!standing) return undefined
  // An incident that would be opened only to be closed.
  const incident = terms.via === 'pagerduty' && !told.has(subject)
  if (incident && standing.status !== 'open') return 'over'
  if (incident && standing.acknowledged) return 'acknowledged'
  const gone = standing.status === 'retracted' || standing.status === 'superseded'
  // Who never heard of it need not hear that it is not there.
  if (gone && !told.has(subject)) return 'retracted'
  if (dueAt <= at) return undefined
  if (standing.status !== 'open') return 'over'
  return standing.acknowledged ? 'acknowledged' : undefined
}

function holdOf(
  { severity, dueAt, ends }: Waiting,
  of: { terms: ChannelTerms; lastAt: number; now: number },
): { reason: HoldReason; until: number } | undefined {
  const { terms, lastAt, now } = of
  const { quiet, digest, zone, spacingMs } = terms
  const urgent = severity === 'critical' && terms.criticalAtOnce
  if (quiet && !urgent && isWithin(now, quiet, zone))
    return { reason: 'quiet-hours', until: nextLocal(now, quiet.to, zone) }
  const digestAt = digest && !urgent ? digestAfter(dueAt, digest, zone) : now
  if (digestAt > now) return { reason: 'digest', until: digestAt }
  const spacedAt = ends ? now : lastAt + spacingMs
  return spacedAt > now ? { reason: 'spacing', until: spacedAt } : undefined
}

/** The first moment of a digest that is not before. */
const digestAfter = (
  at: number,
  digest: NonNullable<ChannelTerms['digest']>,
  zone: string,
): number =>
  digest.every === 'hour' ? nextLocalHour(at - 1, zone) : nextLocal(at - 1, digest.at, zone)

/** One line of a preview: what a rule makes of something, over one channel or over none. */
export interface Foreseen {
  rule: string
  ruleName: string
  /** Conditions that do not hold: then it says nothing to anybody. */
  failing: (keyof RuleWhen)[] | ['enabled']
  channel?: string
  step?: number
  dueAt?: number
  /** When it would go out, were nothing told meanwhile. */
  tellAt?: number
  held?: HoldReason
  suppressed?: Suppression
}

/** Who would be told of this, when, and why, or why not: every rule is answered for. */
export function foresee(
  facts: Facts,
  of: { rules: readonly NotificationRule[]; channels: ReadonlyMap<string, ChannelTerms> },
): Foreseen[] {
  const lines: Foreseen[] = []
  const taken = new Set<string>()
  for (const rule of of.rules) {
    const about = { rule: rule.id, ruleName: rule.name }
    const not = rule.enabled ? failing(rule.when, facts) : (['enabled'] as const)
    if (not.length > 0) {
      lines.push({ ...about, failing: [...not] as Foreseen['failing'] })
      continue
    }
    for (const [step, { channels }] of rule.steps.entries())
      for (const channel of channels) {
        const terms = of.channels.get(channel)
        const [planned] = planFor(channel, {
          ...{ facts, known: knowsNothing },
          rules: [{ ...rule, steps: rule.steps.map((one, i) => (i === step ? one : nobody(one))) }],
        })
        if (!terms || !planned) continue
        const key = `${channel} ${planned.dueAt}`
        const line = { ...about, failing: [], channel, step, dueAt: planned.dueAt }
        if (taken.has(key)) lines.push({ ...line, suppressed: 'duplicate' })
        else lines.push({ ...line, ...foreseeHold(planned.dueAt, facts, terms) })
        taken.add(key)
      }
  }
  return lines
}

const nobody = <T extends { channels: readonly string[] }>(step: T): T => ({
  ...step,
  channels: [],
})

function foreseeHold(
  dueAt: number,
  { severity }: Facts,
  terms: ChannelTerms,
): Pick<Foreseen, 'tellAt' | 'held'> {
  let now = dueAt
  let held: HoldReason | undefined
  // Quiet hours may end in a digest that is later: a few turns at most.
  for (let turn = 0; turn < 4; turn++) {
    const hold = holdOf({ severity, dueAt, ends: false } as Waiting, {
      terms,
      lastAt: Number.NEGATIVE_INFINITY,
      now,
    })
    if (!hold) break
    held ??= hold.reason
    now = hold.until
  }
  return { tellAt: now, ...(held && { held }) }
}
