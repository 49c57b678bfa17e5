// Why a proposal can no longer be signed, and what passports recommend anew: units and counts, in
// the reader's language as far as they are codes and figures.
import * as say from '../say.ts'
import { writeDecide as write } from '../words/decide.ts'
import { write as writeShell } from '../words/shell.ts'
import type { Disposition } from './shapes.ts'

const staleShown = 6

/** The units of which passports recommend something else, the first of them. */
export function recommendedAnew(stale: Disposition['stale']): string {
  const told = stale.flatMap(({ code, path, detail }) => {
    const [, before, now] = /^(\w+) -> (\w+)$/.exec(detail) ?? []
    if (code !== 'quality/recommended' || !isVerdict(before) || !isVerdict(now)) return []
    return [`${say.key(path)}: ${verdictWord(before)} → ${verdictWord(now)}`]
  })
  return told.length > staleShown ? `${told.slice(0, staleShown).join('; ')}; …` : told.join('; ')
}

/** What else, as the server says it, each with its unit. */
export function exactOf(stale: Disposition['stale']): string {
  const others = stale.filter(({ code }) => code !== 'quality/recommended')
  const told = others.slice(0, staleShown).map(({ path, detail }) => {
    const isUnit = path.startsWith('https:')
    return isUnit ? `${say.key(path)}: ${detail}` : detail
  })
  return others.length > staleShown ? `${told.join('; ')}; …` : told.join('; ')
}

const verdicts = ['in', 'indeterminate', 'out', 'none'] as const
type Verdict = (typeof verdicts)[number]

/** How many of each verdict there were, and are; those that are as many are left out. */
export const countsAnew = (before: VerdictCounts, now: VerdictCounts): string =>
  verdicts
    .filter((verdict) => before[verdict] !== now[verdict])
    .map(
      (verdict) =>
        `${verdictWord(verdict)} ${say.count(before[verdict])} → ${say.count(now[verdict])}`,
    )
    .join('; ')

type VerdictCounts = Readonly<Record<Verdict, number>>

const isVerdict = (word: string | undefined): word is Verdict =>
  verdicts.some((verdict) => verdict === word)

const verdictWord = (verdict: Verdict): string =>
  verdict === 'none' ? write('recommended.noPassport') : writeShell(`verdict.${verdict}`)
