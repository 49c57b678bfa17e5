// How a reader cuts a set of units into parts, and how a proposal says it to the server. Pure. The
// server decides which units these are: containers are opened there.
import type { Verdict } from '../shapes.ts'
import type { Decision } from './shapes.ts'

export type ChooseBy = 'verdict' | 'containers' | 'list' | 'rest'

export interface PartDraft {
  decision: Decision | ''
  by: ChooseBy
  verdict: Verdict
  /** Names, one on a line. */
  text: string
}

export interface UnitShown {
  epc: string
  verdict: Verdict
}

/** As the API bounds it. */
export const namesMax = 5000

export const newPart = (by: ChooseBy): PartDraft => ({ decision: '', by, verdict: 'in', text: '' })

export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\r\n;]+/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
]

/** Units that a part stands for as far as the page knows; null: only the server can count. */
export function countOf(
  part: PartDraft,
  { units, total, parts }: { units: readonly UnitShown[]; total: number; parts: PartDraft[] },
): number | null {
  if (part.by === 'list') return namesIn(part.text).length
  if (part.by === 'containers') return null
  if (part.by === 'verdict') return units.filter(({ verdict }) => verdict === part.verdict).length
  const others = parts.filter((other) => other !== part)
  const named = others.map((other) => countOf(other, { units, total, parts: [] }))
  if (named.includes(null)) return null
  return total - named.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** What no part takes; null: only the server can count. */
export function leftOf(
  parts: PartDraft[],
  { units, total }: { units: readonly UnitShown[]; total: number },
): number | null {
  if (parts.some(({ by }) => by === 'rest')) return 0
  const counts = parts.map((part) => countOf(part, { units, total, parts }))
  if (counts.includes(null)) return null
  return Math.max(0, total - counts.reduce<number>((sum, count) => sum + (count ?? 0), 0))
}

/** The parts of a proposal. Too many names of one part: it is said so. */
export function partsAsked(
  parts: readonly PartDraft[],
  units: readonly UnitShown[],
): Record<string, unknown>[] | 'too-many' {
  const asked: Record<string, unknown>[] = []
  for (const { by, decision, text, verdict } of parts) {
    if (by === 'rest') asked.push({ decision, rest: true })
    else if (by === 'containers') asked.push({ decision, containers: namesIn(text) })
    else {
      const mine = units.filter((unit) => unit.verdict === verdict)
      const epcs = by === 'list' ? namesIn(text) : mine.map(({ epc }) => epc)
      if (epcs.length > namesMax) return 'too-many'
      asked.push({ decision, epcs })
    }
  }
  return asked
}

/** Whether it can be sent: each part has a decision and names something. */
export const isWhole = (parts: readonly PartDraft[], reason: string): boolean =>
  parts.length > 0 &&
  reason.trim().length >= 3 &&
  parts.every(
    ({ decision, by, text }) =>
      decision !== '' && (by === 'rest' || by === 'verdict' || namesIn(text).length > 0),
  )
