// Stability budgets: how long a unit may be beyond a limit over its whole life, from the stability
// report of its product. None is invented. What was drawn follows the unit, whoever had it: draws
// of parts of a life add up to those of the whole, in any order. Recommends nothing.
import { inwards, type Limit } from './exposure.ts'
import type { Profile } from './profile/profile.ts'
import { type Refuse, temperatureC } from './profile/rule-parse.ts'
import type { Refusal } from './refusal.ts'
import { type Evidence, runOf } from './verdict/runs.ts'

export interface Budget {
  limit: Limit
  allowedMs: number
}

/** Time drawn: certainly, and perhaps besides, for nobody knows where it was then. */
export interface Draw extends Budget {
  drawnMs: number
  unknownMs: number
  /** What signed corrections gave back: see domain/budget-corrections.ts. */
  addedMs?: number
}

/** Zones nest: time above 15 °C draws on the budget above 8 °C too. */
export function drawsOf(
  budgets: readonly Budget[],
  evidence: Evidence,
  guardBandC: number,
): Draw[] {
  return budgets.map((budget) => {
    const limits = [inwards(budget.limit, guardBandC)]
    const run = runOf(evidence, { kind: 'cumulative', limits, allowanceMs: budget.allowedMs })
    return { ...budget, drawnMs: run.outMs, unknownMs: run.unknownMs }
  })
}

/** Of the same budgets, in the same order. */
export const addDraws = (one: readonly Draw[], other: readonly Draw[]): Draw[] =>
  one.map((draw, i) => ({
    ...draw,
    drawnMs: draw.drawnMs + other[i]!.drawnMs,
    unknownMs: draw.unknownMs + other[i]!.unknownMs,
  }))

export const leftMsOf = ({ allowedMs, drawnMs, addedMs = 0 }: Draw): number =>
  allowedMs - drawnMs + addedMs

const minute = 60_000
const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const
const keys = ['minutes', ...sides]
/** Ten years, as of allowances. */
const minutesMax = 5_256_000
const budgetsMax = 10

/** `[{"above": 8, "minutes": 720}]`. */
export function parseBudgets(input: unknown, refuse: Refuse): Budget[] {
  if (!Array.isArray(input) || input.length > budgetsMax) {
    refuse('/budgets', `must be a list of at most ${budgetsMax}, each with a limit and "minutes"`)
    return []
  }
  return input.flatMap((entry: unknown, index): Budget[] => {
    const path = `/budgets/${index}`
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      refuse(path, 'must be an object with a limit and "minutes"')
      return []
    }
    const body = entry as Record<string, unknown>
    for (const key of Object.keys(body))
      if (!keys.includes(key)) refuse(`${path}/${key}`, `is not known; use ${keys.join(', ')}`)
    const [side, second] = sides.filter((name) => body[name] !== undefined)
    if (side === undefined || second !== undefined) {
      refuse(path, `must have exactly one of ${sides.join(', ')}`)
      return []
    }
    const { minutes, [side]: limitC } = body
    if (!temperatureC(limitC)) refuse(`${path}/${side}`, 'must be a temperature in °C')
    const fine = typeof minutes === 'number' && minutes >= 0 && minutes <= minutesMax
    if (!fine) refuse(`${path}/minutes`, `must be minutes from 0 to ${minutesMax}`)
    if (!fine || !temperatureC(limitC)) return []
    return [{ limit: { side, limitC }, allowedMs: Math.round(minutes * minute) }]
  })
}

/** Two of one limit, one that its wider zone cannot hold, one that the label itself draws on. */
export function budgetFaults({ budgets = [], rangeC }: Profile): Refusal[] {
  const found: Refusal[] = []
  for (const [index, { limit, allowedMs }] of budgets.entries()) {
    const refuse = (detail: string): unknown =>
      found.push({
        code: 'profile/contradiction',
        path: `/budgets/${index}/${limit.side}`,
        detail,
      })
    const upper = isUpper(limit)
    if (rangeC && (upper ? limit.limitC < rangeC.max : limit.limitC > rangeC.min))
      refuse(
        `${limit.limitC} °C is within the range ${rangeC.min} to ${rangeC.max} °C: kept as its label says, a unit would draw on it`,
      )
    for (const other of budgets.slice(0, index)) {
      if (isUpper(other.limit) !== upper) continue
      const apart = (limit.limitC - other.limit.limitC) * (upper ? 1 : -1)
      if (apart === 0 && limit.side === other.limit.side)
        refuse('has a budget already: one limit has one')
      else if (apart > 0 ? allowedMs > other.allowedMs : apart < 0 && allowedMs < other.allowedMs)
        refuse(
          'zones nest: of the two limits the further one cannot allow more minutes than the nearer',
        )
    }
  }
  return found
}

const isUpper = ({ side }: Limit): boolean => side === 'above' || side === 'atOrAbove'
