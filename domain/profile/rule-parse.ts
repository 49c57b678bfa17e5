// Parses one rule of a profile. Says what is wrong with it by itself; what contradicts other rules
// is found in domain/profile/check.ts.

import type { Refusal } from '../refusal.ts'
import { type Phase, type Rule, type RuleKind, type RuleSide, severities } from './profile.ts'

/** `path` is a JSON pointer below the place at hand. */
export type Refuse = (path: string, detail: string, code?: Refusal['code']) => void

export const temperatureC = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= -273.15 && value <= 1000

const minute = 60_000
const minutesMax = 5_256_000
const sides: readonly RuleSide[] = [
  ...(['above', 'atOrAbove', 'below', 'atOrBelow', 'outside', 'rise', 'fall'] as const),
]
const kinds: readonly RuleKind[] = ['instant', 'single', 'cumulative', 'rate']
const phases: readonly Phase[] = ['origin', 'transit', 'destination']
const ruleKeys = [
  ...['id', 'kind', 'forMinutes', 'withinMinutes', 'per', 'phases', 'severity'],
  ...sides,
]

export function parseRule(input: unknown, refuse: Refuse): Rule | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    refuse('', 'must be an object')
    return undefined
  }
  const body = input as Record<string, unknown>
  let fine = true
  const need: Need = (condition, path, detail, code) => {
    if (condition) return
    fine = false
    refuse(path, detail, code)
  }
  for (const key of Object.keys(body))
    need(ruleKeys.includes(key), `/${key}`, 'is not known in a rule')
  needWords(body, need)
  const given = sides.filter((side) => body[side] !== undefined)
  need(given.length === 1, '', `must have exactly one of ${sides.join(', ')}`)
  const side = given[0] ?? 'above'
  const kind = kindOf(body, side)
  if (given.length === 1) needLimit(body[side], side, need)
  needTimes(body, kind, need)
  return fine ? ruleOf(body, kind, side) : undefined
}

type Need = (condition: boolean, path: string, detail: string, code?: Refusal['code']) => void

/** A rise or fall says by itself what kind it is. */
const kindOf = (body: Record<string, unknown>, side: RuleSide): RuleKind =>
  body.kind === undefined && isRate(side) ? 'rate' : (body.kind as RuleKind)

const isRate = (side: RuleSide): boolean => side === 'rise' || side === 'fall'

function needWords(body: Record<string, unknown>, need: Need): void {
  const { id, severity = 'major' } = body
  need(
    typeof id === 'string' && /^[\w.:-]{1,64}$/.test(id),
    '/id',
    'must be 1-64 of A-Z a-z 0-9 _ . : -',
  )
  const side = sides.find((name) => body[name] !== undefined) ?? 'above'
  const kind = kindOf(body, side)
  need(kinds.includes(kind), '/kind', 'must be instant, single, cumulative or rate')
  need(
    !kinds.includes(kind) || (kind === 'rate') === isRate(side),
    '/kind',
    'rate goes with rise or fall, and these with rate',
  )
  need(
    (severities as readonly unknown[]).includes(severity),
    '/severity',
    `must be one of ${severities.join(', ')}`,
  )
  if (body.phases === undefined) return
  const told = Array.isArray(body.phases) ? body.phases : []
  need(
    told.length > 0 && told.every((one) => phases.includes(one)),
    '/phases',
    `must be a list of one or more of ${phases.join(', ')}`,
  )
}

function needLimit(limit: unknown, side: RuleSide, need: Need): void {
  if (isRate(side)) {
    const fine = typeof limit === 'number' && limit > 0 && limit <= 1000
    need(fine, `/${side}`, 'must be a difference in °C above 0')
    return
  }
  if (side !== 'outside') {
    need(temperatureC(limit), `/${side}`, 'must be a temperature in °C')
    return
  }
  const { min, max, ...others } = (
    typeof limit === 'object' && limit !== null ? limit : {}
  ) as Record<string, unknown>
  need(temperatureC(min), '/outside/min', 'must be a temperature in °C')
  need(temperatureC(max), '/outside/max', 'must be a temperature in °C')
  for (const key of Object.keys(others)) need(false, `/outside/${key}`, 'is not known: min and max')
  if (temperatureC(min) && temperatureC(max))
    need(min < max, '/outside', `min ${min} must be below max ${max}`, 'profile/limits')
}

const isMinutes = (value: unknown): value is number =>
  typeof value === 'number' && value > 0 && value <= minutesMax

function needTimes(body: Record<string, unknown>, kind: RuleKind, need: Need): void {
  const { forMinutes, withinMinutes, per } = body
  if (kind === 'instant' || kind === 'rate')
    need(
      forMinutes === undefined || forMinutes === 0,
      '/forMinutes',
      kind === 'rate'
        ? 'has no meaning for a rate: "withinMinutes" says how quick the change is'
        : 'has no meaning for an instant rule',
    )
  else need(isMinutes(forMinutes), '/forMinutes', 'must be a number of minutes above 0')
  if (kind === 'rate')
    need(
      isMinutes(withinMinutes) && withinMinutes <= 1440,
      '/withinMinutes',
      'must be minutes above 0, at most 1440: a rise within them',
    )
  else if (kind !== 'cumulative')
    need(withinMinutes === undefined, '/withinMinutes', 'is for cumulative rules and rates')
  else if (withinMinutes !== undefined)
    need(isMinutes(withinMinutes), '/withinMinutes', 'must be a number of minutes above 0')
  if (per !== undefined) {
    need(per === 'day', '/per', 'must be "day": each calendar day (UTC) has the allowance anew')
    need(kind === 'cumulative', '/per', 'is for cumulative rules')
    need(withinMinutes === undefined, '/per', 'give either "per" or "withinMinutes", not both')
  }
  if (kind !== 'cumulative' || !isMinutes(forMinutes)) return
  const windowMinutes = per === 'day' ? 1440 : withinMinutes
  need(
    !isMinutes(windowMinutes) || forMinutes <= windowMinutes,
    '/forMinutes',
    `${forMinutes} never come together in ${windowMinutes} minutes: shorten the allowance or lengthen the window`,
    'profile/allowance',
  )
}

function ruleOf(body: Record<string, unknown>, kind: RuleKind, side: RuleSide): Rule {
  const { id, forMinutes, withinMinutes, per, severity = 'major' } = body
  const limit = body[side] as number | { min: number; max: number }
  const told = body.phases as Phase[] | undefined
  return {
    id: id as string,
    kind,
    side,
    ...(typeof limit === 'number' ? { limitC: limit } : { limitC: limit.max, lowerC: limit.min }),
    allowanceMs: forMinutes === undefined ? 0 : Math.round((forMinutes as number) * minute),
    severity: severity as Rule['severity'],
    ...(withinMinutes !== undefined && {
      windowMs: Math.round((withinMinutes as number) * minute),
    }),
    ...(per === 'day' && { per }),
    ...(told && { phases: phases.filter((phase) => told.includes(phase)) }),
  }
}
