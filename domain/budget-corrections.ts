// Corrections of stability budgets: time given back to units because stability data allow it,
// signed, with a reason and the document that says so; taken back by another signed record. What is
// given back is a line of its own and never hides what was drawn.
import type { Draw } from './budgets.ts'
import type { Limit } from './exposure.ts'
import type { Reason } from './verdict/verdict.ts'

export interface BudgetCorrection {
  id: string
  /** Of the budget that it is for. */
  limit: Limit
  addedMs: number
  reason: string
  /** Where it is told that the product stands it. */
  document: string
  signedBy: string
  /** Epoch ms. */
  signedAt: number
  reversed: { signedBy: string; signedAt: number; reason: string } | null
}

const clause = 'stability budget: what stability data allow beyond it, signed (21 CFR 11.50)'

/** Draws with what stands of the corrections of their budgets; in any order the same. */
export const correctedDraws = (
  draws: readonly Draw[],
  corrections: readonly BudgetCorrection[],
): Draw[] =>
  draws.map((draw) => {
    const own = corrections.filter(({ limit, reversed }) => !reversed && isOf(draw, limit))
    const addedMs = own.reduce((sum, each) => sum + each.addedMs, 0)
    return addedMs > 0 ? { ...draw, addedMs } : draw
  })

/** A line for each, those taken back too: they decide nothing by themselves. */
export const correctionReasons = (corrections: readonly BudgetCorrection[]): Reason[] =>
  corrections.map(({ id, limit, addedMs, reason, document, signedBy, signedAt, reversed }) => {
    const minutes = Math.round(addedMs / 60) / 1000
    const name = `budget ${limit.side} ${limit.limitC} °C`
    const added = `${minutes} minutes added, signed by ${signedBy} at ${iso(signedAt)}: ${reason}`
    const back = reversed
      ? `; taken back by ${reversed.signedBy} at ${iso(reversed.signedAt)}: ${reversed.reason}`
      : ''
    return {
      ...{ step: 'excursion-limits', outcome: 'noted', clause },
      finding: reversed ? 'budget-addition-reversed' : 'budget-added',
      detail: `${name}: ${added} (${document})${back}`,
      figures: {
        ...{ condition: name, addedMinutes: reversed ? 0 : minutes, correction: id },
        ...{ saidMinutes: minutes, signedBy, signedAt: iso(signedAt), reason, document },
      },
    }
  })

const isOf = ({ limit }: Draw, other: Limit): boolean =>
  limit.side === other.side && limit.limitC === other.limitC

const iso = (time: number): string => new Date(time).toISOString()
