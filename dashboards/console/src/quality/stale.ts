// What changed since the reader looked, in the page's words; what the server says of it in English
// stands behind, except where it would say the same once more, unit by unit.
import type { Problem } from '../client.ts'
import type { ToldProblem } from '../marks.tsx'

/** `changed`: what came of it, such as that nothing was signed. */
export function staleOf(problem: Problem, changed: string): ToldProblem {
  const { codes, remedy, message, exact } = problem
  if (codes[0] === 'quality/recommended') return { message: changed, remedy }
  return { message: changed, remedy: message, exact }
}
