// Why a verdict is what it is: words that the server prints, too (domain/verdict/words.ts).
import { clauseWords, reasonWords } from '../../../../domain/verdict/words.ts'
import { catalogue, writerOf } from '../words.ts'

export const reasons = catalogue(reasonWords)
export const clauses = catalogue(clauseWords)

const writeClause = writerOf(clauses)
type Clause = keyof (typeof clauses)['en']

/** A clause of a newer server stays as it says it. */
export function clauseText(clause: string): string {
  const known = (Object.keys(clauses.en) as Clause[]).find((key) => clauses.en[key] === clause)
  return known ? writeClause(known) : clause
}
