// Parses the body of PUT /products: a profile with its own rules or a ready set's. All problems are
// reported, each with its place and what would be right.
import { parseBudgets } from '../budgets.ts'
import type { Refusal, Result } from '../refusal.ts'
import { contradictionsOf } from './check.ts'
import { type Acclimatisation, gapFactorDefault, type MktPolicy, type Profile } from './profile.ts'
import { parseRule, type Refuse, temperatureC } from './rule-parse.ts'
import { ruleSets } from './rule-sets.ts'

const minute = 60_000
const hour = 60 * minute

const profileKeys = [
  ...['rangeC', 'rules', 'ruleSet', 'loggingIntervalSeconds', 'gapFactor', 'hysteresisC'],
  ...['guardBandC', 'acclimatisationMinutes', 'acclimatisation', 'mkt'],
  ...['budgets', 'repeatsMax', 'unknownAllowedMinutes', 'silenceMinutes'],
  'fourEyes',
]

/** `path` of a refusal is a JSON pointer below `base`. */
export function parseProfile(input: unknown, base = '/profile'): Result<Profile> {
  const refusals: Refusal[] = []
  const refuse: Refuse = (path, detail, code = 'profile/shape') =>
    refusals.push({ code, path: base + path, detail })
  if (!isObject(input)) {
    refuse('', 'must be an object with "rules" or "ruleSet"')
    return { ok: false, refusals }
  }
  for (const key of Object.keys(input))
    if (!profileKeys.includes(key)) refuse(`/${key}`, `is not known; use ${profileKeys.join(', ')}`)
  const profile: Profile = { rules: [], gapFactor: gapFactorDefault, hysteresisC: 0 }
  parseNumbers(input, profile, refuse)
  parseRange(input.rangeC, profile, refuse)
  const acclimatisation = parseAcclimatisation(input, refuse)
  if (acclimatisation) profile.acclimatisation = acclimatisation
  const mkt = input.mkt === undefined ? undefined : parseMkt(input.mkt, refuse)
  if (mkt) profile.mkt = mkt
  if (input.budgets !== undefined) profile.budgets = parseBudgets(input.budgets, refuse)
  const { fourEyes } = input
  if (fourEyes !== undefined && typeof fourEyes !== 'boolean')
    refuse('/fourEyes', 'must be true or false')
  if (fourEyes === true) profile.fourEyes = true
  takeRules(input, profile, refuse)
  if (refusals.length === 0)
    for (const { code, path, detail } of contradictionsOf(profile)) refuse(path, detail, code)
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: profile }
}

type Body = Record<string, unknown>

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function takeRules(body: Body, profile: Profile, refuse: Refuse): void {
  if (body.ruleSet !== undefined && body.rules !== undefined)
    refuse('/ruleSet', 'give either "rules" or "ruleSet", not both')
  else if (body.ruleSet !== undefined) takeRuleSet(body.ruleSet, profile, refuse)
  else if (Array.isArray(body.rules)) parseRules(body.rules, profile, refuse)
  else refuse('/rules', 'is missing: an array of rules, or name a "ruleSet"')
}

/** What the profile says itself goes before what the set says. */
function takeRuleSet(name: unknown, profile: Profile, refuse: Refuse): void {
  if (typeof name !== 'string' || !Object.hasOwn(ruleSets, name)) {
    const known = Object.keys(ruleSets).join(', ')
    refuse('/ruleSet', `is not a known set; use one of ${known}`, 'profile/rule-set-unknown')
    return
  }
  const { rules, rangeC, mkt } = ruleSets[name]!
  profile.ruleSet = name
  profile.rules = rules
  profile.rangeC ??= rangeC
  if (mkt) profile.mkt ??= mkt
}

function parseNumbers(body: Body, profile: Profile, refuse: Refuse): void {
  const within = (key: string, min: number, max: number): number | undefined =>
    numberIn(body, { key, path: `/${key}`, min, max }, refuse)
  const seconds = within('loggingIntervalSeconds', 1, 86_400)
  if (seconds !== undefined) profile.loggingIntervalMs = Math.round(seconds * 1000)
  const silence = within('silenceMinutes', 1, silenceMinutesMax)
  if (silence !== undefined) profile.silenceMs = Math.round(silence * minute)
  profile.gapFactor = within('gapFactor', 1, 100) ?? gapFactorDefault
  profile.hysteresisC = within('hysteresisC', 0, 50) ?? 0
  const guardBandC = within('guardBandC', 0, 50)
  if (guardBandC) profile.guardBandC = guardBandC
  const repeatsMax = within('repeatsMax', 0, 1000)
  if (repeatsMax !== undefined && !Number.isInteger(repeatsMax))
    refuse('/repeatsMax', 'must be a whole number of times')
  else if (repeatsMax !== undefined) profile.repeatsMax = repeatsMax
  // A week, as of what settles: who allows for more knows nothing of the unit.
  const unknown = within('unknownAllowedMinutes', 0, acclimatisationMinutesMax)
  if (unknown) profile.unknownAllowedMs = Math.round(unknown * minute)
}

function numberIn(
  body: Body,
  { key, path, min, max }: { key: string; path: string; min: number; max: number },
  refuse: Refuse,
): number | undefined {
  const value = body[key]
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= min && value <= max) return value
  refuse(path, `must be a number from ${min} to ${max}`)
  return undefined
}

function parseRange(input: unknown, profile: Profile, refuse: Refuse): void {
  if (input === undefined) return
  const { min, max } = isObject(input) ? input : ({} as Body)
  if (!temperatureC(min)) refuse('/rangeC/min', 'must be a temperature in °C')
  if (!temperatureC(max)) refuse('/rangeC/max', 'must be a temperature in °C')
  if (!temperatureC(min) || !temperatureC(max)) return
  if (min >= max) refuse('/rangeC', `min ${min} must be below max ${max}`, 'profile/limits')
  else profile.rangeC = { min, max }
}

/** 60 days, as long as a sea voyage with what goes before and after: more is no watch at all. */
const silenceMinutesMax = 86_400

/** A week: what takes longer to settle measures nothing. */
const acclimatisationMinutesMax = 10_080

function parseAcclimatisation(body: Body, refuse: Refuse): Acclimatisation | undefined {
  const { acclimatisation: told } = body
  const fixed = { key: 'acclimatisationMinutes', path: '/acclimatisationMinutes' }
  const bounds = { min: 0, max: acclimatisationMinutesMax }
  const minutes = numberIn(body, { ...fixed, ...bounds }, refuse)
  if (told === undefined) return minutes ? { ms: Math.round(minutes * minute) } : undefined
  const path = '/acclimatisation'
  if (body.acclimatisationMinutes !== undefined)
    refuse(path, 'give either "acclimatisation" or "acclimatisationMinutes", not both')
  if (!isObject(told)) {
    refuse(path, 'must be an object with untilSlopeBelowCPerHour and atMostMinutes')
    return undefined
  }
  const keys = ['untilSlopeBelowCPerHour', 'atMostMinutes']
  for (const key of Object.keys(told))
    if (!keys.includes(key)) refuse(`${path}/${key}`, `is not known; use ${keys.join(', ')}`)
  for (const key of keys) if (told[key] === undefined) refuse(`${path}/${key}`, 'is missing')
  const slope = { key: keys[0]!, path: `${path}/${keys[0]}`, min: 0.001, max: 1000 }
  const slopeBelowCPerHour = numberIn(told, slope, refuse)
  const most = { key: keys[1]!, path: `${path}/${keys[1]}`, min: 1, max: bounds.max }
  const atMost = numberIn(told, most, refuse)
  if (slopeBelowCPerHour === undefined || atMost === undefined) return undefined
  return { ms: Math.round(atMost * minute), slopeBelowCPerHour }
}

const mktKeys = ['limitC', 'windowHours', 'deltaHKjPerMol', 'allowed']

function parseMkt(input: unknown, refuse: Refuse): MktPolicy | undefined {
  if (!isObject(input)) {
    refuse('/mkt', `must be an object with ${mktKeys.join(', ')}`)
    return undefined
  }
  const { limitC, windowHours, deltaHKjPerMol = 83.144, allowed = false } = input
  const before: string[] = []
  const need = (fine: boolean, path: string, detail: string, code?: Refusal['code']): void => {
    if (fine) return
    before.push(path)
    refuse(`/mkt${path}`, detail, code)
  }
  for (const key of Object.keys(input))
    need(mktKeys.includes(key), `/${key}`, `is not known; use ${mktKeys.join(', ')}`)
  need(temperatureC(limitC), '/limitC', 'must be a temperature in °C')
  const hours = typeof windowHours === 'number' && windowHours > 0 && windowHours <= 8784
  need(hours, '/windowHours', 'must be hours above 0: 720 for 30 days (USP <1079.2> CRT)')
  const energy = typeof deltaHKjPerMol === 'number' && deltaHKjPerMol > 0 && deltaHKjPerMol <= 1000
  need(energy, '/deltaHKjPerMol', energyDetail(deltaHKjPerMol), 'profile/delta-h')
  need(typeof allowed === 'boolean', '/allowed', 'must be true or false')
  if (before.length > 0) return undefined
  return {
    limitC: limitC as number,
    windowMs: Math.round((windowHours as number) * hour),
    deltaHKjPerMol: deltaHKjPerMol as number,
    allowed: allowed as boolean,
  }
}

function energyDetail(told: unknown): string {
  if (typeof told === 'number' && told > 1000)
    return `${told} looks like J/mol: give kJ/mol, ${told / 1000}`
  return 'must be an activation energy above 0 kJ/mol; 83.144 where none is known (USP <1079.2>)'
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
