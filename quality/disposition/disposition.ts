// Decisions on units: which there are, which may follow which, how a proposal is cut into parts,
// and the record that a person signs. One decision in force on each unit. Recommends nothing (I10)
// and asks nobody who they are.
import { createHash } from 'node:crypto'
import { bounds } from '../../config.ts'
import {
  type RecommendedSeen,
  type RecommendedUnit,
  type RecommendedVerdict,
  recommendedAnew,
  recommendedVerdicts,
} from '../../domain/recommended.ts'
import type { Refusal } from '../../domain/refusal.ts'

export const decisions = ['release', 'quarantine', 'reject', 'destroy', 'return'] as const
export type Decision = (typeof decisions)[number]

/** What may be decided of a unit on which this is in force. */
export const decisionsAfter: Readonly<Record<Decision | 'none', readonly Decision[]>> = {
  none: decisions,
  quarantine: ['release', 'reject', 'destroy', 'return'],
  release: ['quarantine', 'reject', 'destroy', 'return'],
  // What was rejected or came back is released by way of a quarantine only.
  reject: ['quarantine', 'destroy', 'return'],
  return: ['quarantine', 'reject', 'destroy'],
  destroy: [],
}

/** How an event says it (CBV 2.0 §7.1, §7.2). The first disposition, unless another is asked. */
export const wordsOf: Readonly<
  Record<Decision, { action: string; bizStep: string; dispositions: readonly string[] }>
> = {
  release: {
    ...{ action: 'OBSERVE', bizStep: 'inspecting' },
    dispositions: ['sellable_accessible', 'sellable_not_accessible', 'in_transit', 'in_progress'],
  },
  quarantine: {
    ...{ action: 'OBSERVE', bizStep: 'holding' },
    dispositions: ['non_sellable_other', 'unavailable', 'recalled', 'damaged', 'expired'],
  },
  reject: {
    ...{ action: 'OBSERVE', bizStep: 'holding' },
    dispositions: ['non_conformant', 'disposed', 'damaged', 'expired'],
  },
  destroy: { action: 'DELETE', bizStep: 'destroying', dispositions: ['destroyed'] },
  return: { action: 'OBSERVE', bizStep: 'inspecting', dispositions: ['returned'] },
}

/** What it is about, as it stood when it was proposed. */
export type Subject =
  | { kind: 'alert' | 'recall'; id: string; revision: number; serialSetHash: string }
  | { kind: 'list'; serialSetHash: string }

export interface Part {
  decision: Decision
  /** A word of the CBV. */
  disposition: string
  count: number
  /** SHA-256 of the sorted Digital Links, each ended by a line feed. */
  serialSetHash: string
  /** What passports recommended for all of them; none: they were chosen otherwise. */
  verdict?: ChosenVerdict
}

/** Units that are chosen by what their passports recommend. */
export type ChosenVerdict = Exclude<RecommendedVerdict, 'none'>

/** What is signed. */
export interface DispositionRecord {
  kind: 'disposition'
  tenant: string
  id: string
  subject: Subject
  parts: Part[]
  /** All of its units; how many of the subject stay undecided. */
  serialSetHash: string
  serialCount: number
  left: number
  /** Containers were opened as of then. RFC 3339. */
  asOf: string
  /** Of what was in force on its units: see inForceHash. */
  inForceHash: string
  /** Of all units in question, where a part was chosen by it: what its signer saw. */
  recommended?: RecommendedSeen
  control: DispositionControl
  reason: string
  proposedBy: string
  proposedAt: string
}

/** four-eyes: who proposed does not approve. */
export type DispositionControl = 'signed' | 'four-eyes'
export const dispositionControls: readonly DispositionControl[] = ['signed', 'four-eyes']

/** What a proposal asks of one part; `units` are those that its names stand for. */
export interface PartAsked {
  decision: Decision
  disposition?: string | undefined
  units: readonly string[]
  rest: boolean
  verdict?: ChosenVerdict | undefined
}

/**
 * Units with the number of their part, ascending by EPC; `among` are those in question, undefined:
 * whatever is named.
 */
export function cutParts(
  asked: readonly PartAsked[],
  among: ReadonlySet<string> | undefined,
): { units: [epc: string, part: number][] } | { refusals: Refusal[] } {
  const parts = new Map<string, number>()
  const refusals: Refusal[] = []
  const refuse = (part: number, detail: string): void => {
    refusals.push({ code: 'quality/units', path: `/parts/${part}`, detail })
  }
  for (const [part, { units, rest, verdict }] of asked.entries()) {
    const named = among ? units.filter((epc) => among.has(epc)) : units
    const twice = named.filter((epc) => parts.has(epc) && parts.get(epc) !== part)
    if (twice.length > 0) refuse(part, `${some(twice)}: in another part already`)
    for (const epc of named) if (!parts.has(epc)) parts.set(epc, part)
    if (!rest && named.length === 0)
      refuse(part, verdict ? `no unit is ${verdict}` : 'names no unit that is in question')
  }
  const rest = asked.findIndex((part) => part.rest)
  if (asked.some((part, i) => part.rest && i !== rest)) refuse(rest, 'the rest goes to one part')
  if (rest >= 0 && !among) refuse(rest, 'of a list there is no rest: name the units')
  if (rest >= 0 && among) {
    const left = [...among].filter((epc) => !parts.has(epc))
    if (left.length === 0) refuse(rest, 'nothing is left for it')
    for (const epc of left) parts.set(epc, rest)
  }
  if (refusals.length > 0) return { refusals }
  return { units: [...parts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) }
}

/** Units on which what is in force does not let this decision follow, by part. */
export function forbidden(
  units: readonly (readonly [epc: string, part: number])[],
  { parts, inForce }: { parts: readonly Pick<Part, 'decision'>[]; inForce: Standing },
): Refusal[] {
  const refusals: Refusal[] = []
  for (const [number, { decision }] of parts.entries()) {
    const wrong = new Map<string, string[]>()
    for (const [epc, part] of units) {
      if (part !== number) continue
      const now = inForce.get(epc)?.decision ?? 'none'
      if (decisionsAfter[now].includes(decision)) continue
      const same = wrong.get(now)
      if (same) same.push(epc)
      else wrong.set(now, [epc])
    }
    for (const [now, epcs] of wrong) {
      const verb = now === decision ? 'already' : `and ${decision} cannot follow`
      const detail = `${now} is in force on ${some(epcs)}, ${verb}`
      refusals.push({ code: 'quality/decided', path: `/parts/${number}`, detail })
    }
  }
  return refusals
}

/** What passports recommend anew of units, in words; `before`: when it is still known of each. */
export function recommendedOtherwise(
  now: RecommendedSeen & { units: readonly RecommendedUnit[] },
  { seen, before }: { seen: RecommendedSeen; before: readonly RecommendedUnit[] | undefined },
): Refusal[] {
  const changes = before ? recommendedAnew(before, now.units) : []
  const counts = recommendedVerdicts
    .filter((verdict) => seen[verdict] !== now[verdict])
    .map((verdict) => `${verdict} ${seen[verdict]} -> ${now[verdict]}`)
  const units = changes.length > 0 ? [`of ${changes.length} units`] : []
  const what = [...units, ...counts].join(', ') || 'of some units, as many of each verdict'
  const more = changes.length - bounds.dispositionChangedShown
  const refuse = (path: string, detail: string): Refusal => ({
    ...{ code: 'quality/recommended', path, detail },
  })
  return [
    refuse('/about/recommended', `what passports recommend changed since it was seen: ${what}`),
    ...changes
      .slice(0, bounds.dispositionChangedShown)
      .map((each) => refuse(each.epc, `${each.before} -> ${each.now}`)),
    ...(more > 0 ? [refuse('', `and ${more} more units`)] : []),
  ]
}

/** By EPC what is in force. */
export type Standing = ReadonlyMap<string, { disposition: string; decision: Decision; at: number }>

/** The same as long as nobody decided on any of the units. */
export function inForceHash(units: readonly (readonly [string, number])[], inForce: Standing) {
  const hash = createHash('sha256')
  for (const [epc] of units) hash.update(`${epc} ${inForce.get(epc)?.disposition ?? '-'}\n`)
  return hash.digest('hex')
}

/** SHA-256 of EPCs in order, one a line. */
export function serialSetHashOf(epcs: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const epc of epcs) hash.update(`${epc}\n`)
  return hash.digest('hex')
}

const shown = 5

/** The first of them, and how many more there are. */
export function some(epcs: readonly string[]): string {
  const more = epcs.length > shown ? ` and ${epcs.length - shown} more` : ''
  return `${epcs.slice(0, shown).join(', ')}${more}`
}

/** What a tenant asks of dispositions; a signature always. */
export function dispositionControlOf(settings: string | undefined): DispositionControl {
  const told = settings === undefined ? undefined : (JSON.parse(settings) as unknown)
  const asked = told as { dispositionControl?: DispositionControl } | undefined
  return asked?.dispositionControl ?? 'signed'
}

/** Why this person may not sign it; undefined when nothing speaks against it. */
export function refusesSigner(
  { control, proposedBy }: Pick<DispositionRecord, 'control' | 'proposedBy'>,
  { signer, meaning }: { signer: string; meaning: 'approval' | 'rejection' },
): string | undefined {
  // Who proposed may take it back alone.
  if (control !== 'four-eyes' || meaning === 'rejection' || signer !== proposedBy) return undefined
  return 'who proposed a disposition does not approve it: a second person signs'
}
