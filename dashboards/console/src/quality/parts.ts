// How a reader cuts a set of units into parts, and how a proposal says it to the server. Pure. The
// server decides which units these are: containers are opened and passports are asked there.
import type { Verdict } from '../shapes.ts'
import type { Decision } from './shapes.ts'

export type ChooseBy = 'verdict' | 'containers' | 'list' | 'rest'

export interface PartDraft {
  decision: Decision | ''
  by: ChooseBy
  verdict: Verdict
  /** Names, one on a line. */
  text: string
  /** Names of a file, instead of the text. */
  file: NamesFile | null
}

export interface NamesFile {
  name: string
  names: readonly string[]
}

/** How many units passports recommend each verdict for; `none`: nothing is known of them. */
export type VerdictCounts = Readonly<Record<Verdict | 'none', number>>

/**
 * What is known of the set here: `counts` null while the server still counts, or when it cannot.
 */
export interface Counted {
  counts: VerdictCounts | null
  total: number
  parts: readonly PartDraft[]
}

/** As the API bounds it. */
export const namesMax = 100_000

export const newPart = (by: ChooseBy): PartDraft => ({
  ...{ decision: '', by, verdict: 'in', text: '', file: null },
})

export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\r\n;]+/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
]

export const namesOf = ({ file, text }: PartDraft): readonly string[] =>
  file ? file.names : namesIn(text)

/** Units that a part stands for as far as the page knows; null: only the server can count. */
export function countOf(part: PartDraft, { counts, total, parts }: Counted): number | null {
  if (part.by === 'list') return namesOf(part).length
  if (part.by === 'containers') return null
  if (part.by === 'verdict') return counts ? counts[part.verdict] : null
  const others = parts.filter((other) => other !== part)
  const named = others.map((other) => countOf(other, { counts, total, parts: [] }))
  if (named.includes(null)) return null
  return total - named.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** What no part takes; null: only the server can count. */
export function leftOf(parts: readonly PartDraft[], of: Omit<Counted, 'parts'>): number | null {
  if (parts.some(({ by }) => by === 'rest')) return 0
  const counts = parts.map((part) => countOf(part, { ...of, parts }))
  if (counts.includes(null)) return null
  return Math.max(0, of.total - counts.reduce<number>((sum, count) => sum + (count ?? 0), 0))
}

export const isByVerdict = (parts: readonly PartDraft[]): boolean =>
  parts.some(({ by }) => by === 'verdict')

/** The parts of a proposal. Too many names of one part: it is said so. */
export function partsAsked(parts: readonly PartDraft[]): Record<string, unknown>[] | 'too-many' {
  if (parts.some((part) => namesOf(part).length > namesMax)) return 'too-many'
  return parts.map((part) => {
    const { by, decision, verdict } = part
    if (by === 'rest') return { decision, rest: true }
    if (by === 'verdict') return { decision, verdict }
    return { decision, [by === 'list' ? 'epcs' : 'containers']: namesOf(part) }
  })
}

/** Whether it can be sent: each part has a decision and names something. */
export const isWhole = (parts: readonly PartDraft[], reason: string): boolean =>
  parts.length > 0 &&
  reason.trim().length >= 3 &&
  parts.every(
    (part) =>
      part.decision !== '' &&
      (part.by === 'rest' || part.by === 'verdict' || namesOf(part).length > 0),
  )
