// What a verdict says of stability budgets: they are of a whole life, so that one of which a part
// is not known cannot be said to be kept; and what was drawn is more than allowed, or may be.
import { correctionReasons } from '../budget-corrections.ts'
import { type Draw, leftMsOf } from '../budgets.ts'
import { type LifeDraws, minutesOf } from './runs.ts'
import type { Reason } from './verdict.ts'

const clause = 'stability budget: minutes of its whole life, from the stability report (ICH Q1A)'

/** Of the step `window`: none when nothing is asked of its life. */
export function lifeReasons(life: LifeDraws | undefined): Reason[] {
  if (!life || life.draws.length === 0 || life.whole) return []
  const detail =
    'no event commissioned it and no partner handed its budget over: what it drew before is unknown'
  const base = { step: 'window', outcome: 'indeterminate', finding: 'unknown-life' } as const
  return [{ ...base, detail, clause, figures: { budgets: life.draws.length } }]
}

/** Of the step `excursion-limits`, for each budget and each correction of one. */
export const budgetReasons = (life: LifeDraws | undefined): Reason[] => [
  ...(life?.draws ?? []).map(budgetReason),
  ...correctionReasons(life?.corrections ?? []),
]

function budgetReason(draw: Draw): Reason {
  const { limit, allowedMs, drawnMs, unknownMs, addedMs = 0 } = draw
  const [outcome, finding] = found(draw)
  const name = `budget ${limit.side} ${limit.limitC} °C`
  const more = addedMs > 0 ? ` + ${minutesOf(addedMs)}` : ''
  const perhaps = unknownMs > 0 ? `, ${minutesOf(unknownMs)} more unknown` : ''
  return {
    ...{ step: 'excursion-limits', outcome, finding, clause },
    detail: `${name}: ${minutesOf(drawnMs)} of ${minutesOf(allowedMs)}${more} minutes drawn${perhaps}`,
    figures: {
      condition: name,
      drawnMinutes: minutesOf(drawnMs),
      unknownMinutes: minutesOf(unknownMs),
      allowedMinutes: minutesOf(allowedMs),
      leftMinutes: minutesOf(leftMsOf(draw)),
      ...(addedMs > 0 && { addedMinutes: minutesOf(addedMs) }),
    },
  }
}

/** All of it may be drawn; what is below 0 is overdrawn. */
function found(draw: Draw): [Reason['outcome'], string] {
  const leftMs = leftMsOf(draw)
  if (leftMs < 0) return ['out', 'budget-overdrawn']
  return leftMs < draw.unknownMs
    ? ['indeterminate', 'budget-perhaps-overdrawn']
    : ['passed', 'budget-left']
}
