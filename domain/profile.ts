// Storage profiles of a product: limits and the rules that turn time beyond a limit into an
// excursion. Parses the body of PUT /products and the named rule sets. Judges nothing: that is
// domain/breach.ts.
import type { Refusal, Result } from './refusal.ts'

export type RuleKind = 'instant' | 'single' | 'cumulative'
export type Side = 'above' | 'atOrAbove' | 'below' | 'atOrBelow'
export type Severity = 'info' | 'minor' | 'major' | 'critical'

export const severities: readonly Severity[] = ['info', 'minor', 'major', 'critical']

/**
 * instant: one reading is enough. single: uninterrupted time. cumulative: all time since the logger
 * was mounted.
 */
export interface Rule {
  id: string
  kind: RuleKind
  side: Side
  limitC: number
  /** The allowance: used up when the time beyond the limit reaches it. 0 for instant. */
  allowanceMs: number
  severity: Severity
}

export interface Profile {
  rangeC?: { min: number; max: number }
  rules: Rule[]
  ruleSet?: string
  /** How often loggers of this product log, when the device does not say. */
  loggingIntervalMs?: number
  /** A reading stands at most gapFactor times the logging interval (domain facts §7: 2.5). */
  gapFactor: number
  /** A breach ends only when the reading is so far back inside the limit. */
  hysteresisC: number
}

const minute = 60_000
const hour = 60 * minute

/**
 * The longest interval a standard allows (CDC Vaccine Storage and Handling Toolkit: at least every
 * 30 minutes), for devices and products that declare none.
 */
export const loggingIntervalMsDefault = 30 * minute
export const gapFactorDefault = 2.5

/** At most so long a reading stands for the time after it. */
export function gapMsOf(profile: Profile, deviceIntervalMs: number | undefined): number {
  const interval = deviceIntervalMs ?? profile.loggingIntervalMs ?? loggingIntervalMsDefault
  return Math.round(interval * profile.gapFactor)
}

const rule = (
  id: string,
  [kind, side, limitC, allowanceMs]: [RuleKind, Side, number, number],
  severity: Severity,
): Rule => ({ id, kind, side, limitC, allowanceMs, severity })

/**
 * Ready rule sets. WHO fridge: EMS reference conditions HEAT and FRZE. WHO shipping: PQS E006/IN05
 * type 1 and 2, limits inclusive (30.0 trips 30.0). CDC: storage ranges. pharma-2-8: this project's
 * proposal.
 */
export const ruleSets: Readonly<Record<string, { rangeC: Profile['rangeC']; rules: Rule[] }>> = {
  'who-fridge': {
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('HEAT', ['single', 'above', 8, 10 * hour], 'major'),
      rule('FRZE', ['single', 'atOrBelow', -0.5, hour], 'critical'),
    ],
  },
  'who-shipping-1': {
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-45', ['single', 'atOrAbove', 45, hour], 'critical'),
      rule('heat-30', ['cumulative', 'atOrAbove', 30, 10 * hour], 'major'),
      rule('freeze', ['single', 'atOrBelow', -0.5, hour], 'critical'),
    ],
  },
  'who-shipping-2': {
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-45', ['single', 'atOrAbove', 45, hour], 'critical'),
      rule('heat-30', ['cumulative', 'atOrAbove', 30, 10 * hour], 'major'),
      rule('heat-10', ['cumulative', 'atOrAbove', 10, 20 * hour], 'minor'),
    ],
  },
  'cdc-fridge': {
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat', ['instant', 'above', 8, 0], 'major'),
      rule('cold', ['instant', 'below', 2, 0], 'major'),
    ],
  },
  'cdc-freezer': {
    rangeC: { min: -50, max: -15 },
    rules: [
      rule('heat', ['instant', 'above', -15, 0], 'major'),
      rule('cold', ['instant', 'below', -50, 0], 'minor'),
    ],
  },
  'pharma-2-8': {
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-30min', ['single', 'above', 8, 30 * minute], 'major'),
      rule('heat-4h', ['cumulative', 'above', 8, 4 * hour], 'major'),
      rule('ceiling-15', ['instant', 'above', 15, 0], 'critical'),
      rule('cold-30min', ['single', 'below', 0, 30 * minute], 'major'),
      rule('freeze-60min', ['single', 'below', -0.5, hour], 'critical'),
    ],
  },
}

const sides: readonly Side[] = ['above', 'atOrAbove', 'below', 'atOrBelow']
const profileKeys = [
  'rangeC',
  'rules',
  'ruleSet',
  'loggingIntervalSeconds',
  'gapFactor',
  'hysteresisC',
]
const ruleKeys = ['id', 'kind', 'forMinutes', 'severity', ...sides]
const temperatureC = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= -273.15 && value <= 1000

/**
 * Parses `profile` of a product body. All problems are reported; `path` is a JSON pointer below
 * `base`.
 */
export function parseProfile(input: unknown, base = '/profile'): Result<Profile> {
  const refusals: Refusal[] = []
  const refuse = (path: string, detail: string, code: Refusal['code'] = 'profile/shape') =>
    refusals.push({ code, path: base + path, detail })
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    refuse('', 'must be an object with "rules" or "ruleSet"')
    return { ok: false, refusals }
  }
  const body = input as Record<string, unknown>
  for (const key of Object.keys(body))
    if (!profileKeys.includes(key)) refuse(`/${key}`, `is not known; use ${profileKeys.join(', ')}`)
  const profile: Profile = { rules: [], gapFactor: gapFactorDefault, hysteresisC: 0 }
  parseNumbers(body, profile, refuse)
  parseRange(body.rangeC, profile, refuse)
  if (body.ruleSet !== undefined && body.rules !== undefined)
    refuse('/ruleSet', 'give either "rules" or "ruleSet", not both')
  else if (body.ruleSet !== undefined) {
    const set = typeof body.ruleSet === 'string' ? ownRuleSet(body.ruleSet) : undefined
    if (set) {
      profile.ruleSet = body.ruleSet as string
      profile.rules = set.rules
      if (set.rangeC && !profile.rangeC) profile.rangeC = set.rangeC
    } else {
      const known = Object.keys(ruleSets).join(', ')
      refuse('/ruleSet', `is not a known set; use one of ${known}`, 'profile/rule-set-unknown')
    }
  } else if (Array.isArray(body.rules)) parseRules(body.rules, profile, refuse)
  else refuse('/rules', 'is missing: an array of rules, or name a "ruleSet"')
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: profile }
}

type Refuse = (path: string, detail: string, code?: Refusal['code']) => void

const ownRuleSet = (name: string) => (Object.hasOwn(ruleSets, name) ? ruleSets[name] : undefined)

function parseNumbers(body: Record<string, unknown>, profile: Profile, refuse: Refuse): void {
  const within = (key: string, min: number, max: number): number | undefined => {
    const value = body[key]
    if (value === undefined) return undefined
    if (typeof value === 'number' && value >= min && value <= max) return value
    refuse(`/${key}`, `must be a number from ${min} to ${max}`)
    return undefined
  }
  const seconds = within('loggingIntervalSeconds', 1, 86_400)
  if (seconds !== undefined) profile.loggingIntervalMs = Math.round(seconds * 1000)
  profile.gapFactor = within('gapFactor', 1, 100) ?? gapFactorDefault
  profile.hysteresisC = within('hysteresisC', 0, 50) ?? 0
}

function parseRange(input: unknown, profile: Profile, refuse: Refuse): void {
  if (input === undefined) return
  const range = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >
  const { min, max } = range
  if (!temperatureC(min)) refuse('/rangeC/min', 'must be a temperature in °C')
  if (!temperatureC(max)) refuse('/rangeC/max', 'must be a temperature in °C')
  if (!temperatureC(min) || !temperatureC(max)) return
  if (min >= max) refuse('/rangeC', `min ${min} must be below max ${max}`, 'profile/limits')
  else profile.rangeC = { min, max }
}

/** Each rule is judged for each logger on each container: a profile with more is a mistake. */
const rulesMax = 50

function parseRules(input: unknown[], profile: Profile, refuse: Refuse): void {
  if (input.length === 0) refuse('/rules', 'must hold at least one rule')
  if (input.length > rulesMax) {
    refuse('/rules', `holds ${input.length} rules, at most ${rulesMax} are taken`)
    return
  }
  const ids = new Set<string>()
  input.forEach((entry, index) => {
    const path = `/rules/${index}`
    const parsed = parseRule(entry, (sub, detail, code) => refuse(path + sub, detail, code))
    if (!parsed) return
    if (ids.has(parsed.id))
      refuse(`${path}/id`, `"${parsed.id}" is used twice`, 'profile/rule-duplicate')
    ids.add(parsed.id)
    profile.rules.push(parsed)
  })
}

function parseRule(input: unknown, refuse: Refuse): Rule | undefined {
  if (typeof input !== 'object' || input === null) {
    refuse('', 'must be an object')
    return undefined
  }
  const body = input as Record<string, unknown>
  const { id, kind, forMinutes } = body
  const severity = body.severity ?? 'major'
  let fine = true
  const need = (condition: boolean, path: string, detail: string): void => {
    if (condition) return
    fine = false
    refuse(path, detail)
  }
  for (const key of Object.keys(body))
    need(ruleKeys.includes(key), `/${key}`, 'is not known in a rule')
  need(
    typeof id === 'string' && /^[\w.:-]{1,64}$/.test(id),
    '/id',
    'must be 1-64 of A-Z a-z 0-9 _ . : -',
  )
  need(
    kind === 'instant' || kind === 'single' || kind === 'cumulative',
    '/kind',
    'must be instant, single or cumulative',
  )
  need(
    severities.includes(severity as Severity),
    '/severity',
    `must be one of ${severities.join(', ')}`,
  )
  const given = sides.filter((side) => body[side] !== undefined)
  need(given.length === 1, '', `must have exactly one of ${sides.join(', ')}`)
  const side = given[0] ?? 'above'
  if (given.length === 1) need(temperatureC(body[side]), `/${side}`, 'must be a temperature in °C')
  if (kind === 'instant')
    need(
      forMinutes === undefined || forMinutes === 0,
      '/forMinutes',
      'has no meaning for an instant rule',
    )
  else
    need(
      typeof forMinutes === 'number' && forMinutes > 0 && forMinutes <= 5_256_000,
      '/forMinutes',
      'must be a number of minutes above 0',
    )
  if (!fine) return undefined
  return {
    id: id as string,
    kind: kind as RuleKind,
    side,
    limitC: body[side] as number,
    allowanceMs: kind === 'instant' ? 0 : Math.round((forMinutes as number) * minute),
    severity: severity as Severity,
  }
}

/** The profile as the API gives it back: same shape as it takes. */
export function formatProfile(profile: Profile): Record<string, unknown> {
  return {
    ...(profile.rangeC && { rangeC: profile.rangeC }),
    ...(profile.ruleSet && { ruleSet: profile.ruleSet }),
    rules: profile.rules.map((entry) => ({
      id: entry.id,
      kind: entry.kind,
      [entry.side]: entry.limitC,
      ...(entry.kind !== 'instant' && { forMinutes: entry.allowanceMs / minute }),
      severity: entry.severity,
    })),
    ...(profile.loggingIntervalMs && { loggingIntervalSeconds: profile.loggingIntervalMs / 1000 }),
    gapFactor: profile.gapFactor,
    ...(profile.hysteresisC > 0 && { hysteresisC: profile.hysteresisC }),
  }
}
