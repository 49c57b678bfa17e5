// Root cause by contrast: of everything that is recorded of units, what do affected ones have more
// often than others? Knows units as numbers, and what they have as sets of these. Finds what goes
// together; whether it is the cause is for people to say.
//
// Units of one container share its fate and are no independent witnesses. From the outermost level
// inwards, a level at which shares of affected units differ more than chance lets them is a level
// of observation. What whole containers have is judged by containers: one counts once, as affected
// when its share of affected units is above that of all. What only some units of a container have
// is judged within containers, unit against unit of the same one, which no common fate disturbs.
// Each question has its own exact test; the clearer answer counts, times the number of questions.
// What only one container has is the question whether it differs, and is told by what is in it.
import {
  adjust,
  fisherGreater,
  heterogeneity,
  type Ratio,
  riskRatio,
  stratifiedGreater,
  type TwoByTwo,
} from '../domain/statistics.ts'

/** Something recorded of units: `readPoint` = a place, `ilmd:shift` = night. */
export interface Attribute {
  name: string
  value: string
}

export interface ContrastUnit {
  affected: boolean
  /** Containers, innermost first; the same level at the same place of all lists. */
  containers: readonly (number | string)[]
}

export interface Contrasted {
  units: readonly ContrastUnit[]
  /** Which units have it, ascending. */
  attributes: readonly (Attribute & { units: readonly number[] })[]
  /** So large a share of what is called significant may be none. */
  falseDiscoveryMax: number
}

export interface Candidate {
  /** Exactly the same units have all of these: the records cannot tell them apart. */
  attributes: Attribute[]
  units: TwoByTwo
  /** Of what was counted: containers, or units within containers. */
  observations: TwoByTwo
  /** Share of affected among those that have it over the share among all. Of units. */
  lift: number
  /** Of observations, with its 95 % interval. */
  riskRatio: Ratio
  /** One-sided: only what makes it more likely is looked for. */
  p: number
  logP: number
  falseDiscovery: number
  familyWise: number
  significant: boolean
  /** One container has it (or all but one), and it differs from others. */
  single: boolean
}

export interface Contrast {
  affected: number
  unaffected: number
  /** 0: units are independent; n: their containers of the n-th level from inside differ. */
  level: number
  observations: { affected: number; unaffected: number }
  /** How many sets of units were compared; what all units have is none. */
  compared: number
  /** False: no table of so few observations could stand out among so many. */
  enough: boolean
  /** The likeliest cause first. */
  candidates: Candidate[]
}

/** A probability below it, and containers are held to differ. */
const differsBelow = 0.05

export function contrast({ units, attributes, falseDiscoveryMax }: Contrasted): Contrast {
  const levels = levelsOf(units)
  const sets = grouped(attributes, units.length)
  const single: Level = { level: 0, ...groupsAt(units, 0), ...sharesAt(units, 0) }
  const answers = sets.map((set) => judge([...levels, single], set.units))
  const { falseDiscovery, familyWise } = adjustApart(answers)
  const affected = units.filter((unit) => unit.affected).length
  const candidates = sets.map((set, i): Candidate => {
    const own = tableOf(single, set.units)
    const { logP, table } = answers[i]!
    return {
      attributes: set.attributes,
      units: own,
      observations: table,
      lift: own.a / (own.a + own.b) / (affected / units.length),
      riskRatio: riskRatio(table),
      p: Math.exp(logP),
      logP,
      falseDiscovery: falseDiscovery[i]!,
      familyWise: familyWise[i]!,
      significant: falseDiscovery[i]! <= falseDiscoveryMax,
      single: answers[i]!.single,
    }
  })
  const top = levels[0] ?? single
  const yes = top.yes.reduce((sum, each) => sum + each, 0)
  return {
    affected,
    unaffected: units.length - affected,
    level: top.level,
    observations: { affected: yes, unaffected: top.count - yes },
    compared: sets.length,
    enough: answers.some(({ best }) => best + Math.log(sets.length) <= Math.log(falseDiscoveryMax)),
    candidates: candidates.sort(byLikelihood),
  }
}

/**
 * That single containers differ is another question than what several have in common, and where
 * they do, many answers to it are true: these must not lend their weight to the others.
 */
function adjustApart(answers: readonly Answer[]): ReturnType<typeof adjust> {
  const apart = { falseDiscovery: [] as number[], familyWise: [] as number[] }
  for (const single of [false, true]) {
    const places = answers.flatMap((answer, i) => (answer.single === single ? i : []))
    const adjusted = adjust(places.map((i) => answers[i]!.logP))
    places.forEach((i, at) => {
      apart.falseDiscovery[i] = adjusted.falseDiscovery[at]!
      apart.familyWise[i] = adjusted.familyWise[at]!
    })
  }
  return apart
}

/** What several containers have in common explains more than that each of them differs. */
const rankOf = ({ significant, single }: Candidate): number => (significant ? Number(single) : 2)

/** By the test; of equal ones the stronger and better known; then by name, to be repeatable. */
const byLikelihood = (x: Candidate, y: Candidate): number =>
  rankOf(x) - rankOf(y) ||
  x.logP - y.logP ||
  y.riskRatio.low - x.riskRatio.low ||
  (nameOf(x) < nameOf(y) ? -1 : 1)
const nameOf = ({ attributes: [first] }: Candidate): string => textOf(first!)
const textOf = ({ name, value }: Attribute): string => `${name}=${value}`

/** Containers of one level, or at level 0 the units themselves: what is counted there. */
interface Level {
  level: number
  /** Of each unit its container. */
  groupOf: Int32Array
  count: number
  /** Units in each, and those affected of these. */
  of: Float64Array
  affected: Float64Array
  /** 1: counts as affected. */
  yes: Uint8Array
}

interface Answer {
  logP: number
  table: TwoByTwo
  single: boolean
  /** ln of the smallest probability that a table of these margins can have. */
  best: number
}

/** `levels`: from outside to the units. */
function judge(levels: readonly Level[], having: readonly number[]): Answer {
  const [top, next] = levels as [Level, Level | undefined]
  const between = strataOf({ inner: top, outer: undefined }, having)
  if (next && isSingle(between, top)) {
    const inside = strataOf({ inner: next, outer: undefined }, having)
    return { ...answerOf(inside), single: true }
  }
  const answers: Answer[] = between.length === 0 ? [] : [answerOf(between)]
  levels.slice(1).forEach((inner, i) => {
    const strata = strataOf({ inner, outer: levels[i] }, having)
    if (strata.length > 0) answers.push(answerOf(strata))
  })
  const [first = nothing] = answers.sort((x, y) => x.logP - y.logP)
  const price = Math.log(Math.max(1, answers.length))
  return { ...first, logP: Math.min(0, first.logP + price), best: first.best + price }
}

const nothing: Answer = { logP: 0, table: { a: 0, b: 0, c: 0, d: 0 }, single: false, best: 0 }

/** Whether all of one container have it and nobody else, or all but those of one. */
function isSingle(between: readonly TwoByTwo[], { count }: Level): boolean {
  const [table] = between
  if (!table) return false
  const { a, b, c, d } = table
  return a + b + c + d === count && Math.min(a + b, c + d) === 1
}

function answerOf(strata: readonly TwoByTwo[]): Answer {
  const table = { a: 0, b: 0, c: 0, d: 0 }
  let best = 0
  for (const { a, b, c, d } of strata) {
    table.a += a
    table.b += b
    table.c += c
    table.d += d
    const most = Math.min(a + b, a + c)
    best += fisherGreater({ a: most, b: a + b - most, c: a + c - most, d: d - a + most })
  }
  return { logP: stratifiedGreater(strata), table, single: false, best }
}

/**
 * Tables of what inner containers say, one for each outer one that has both kinds. Inner ones of
 * which only some units have it say nothing here: they are asked inside.
 */
function strataOf(
  { inner, outer }: { inner: Level; outer: Level | undefined },
  having: readonly number[],
): TwoByTwo[] {
  const owned = new Map<number, number>()
  const unitIn = new Map<number, number>()
  for (const unit of having) {
    const group = inner.groupOf[unit]!
    owned.set(group, (owned.get(group) ?? 0) + 1)
    unitIn.set(group, unit)
  }
  const tables = new Map<number, TwoByTwo>()
  for (const [group, count] of owned) {
    const place = outer ? outer.groupOf[unitIn.get(group)!]! : 0
    let table = tables.get(place)
    if (!table) {
      const { total, affected } = insideOf(inner, outer)
      table = { a: 0, b: 0, c: affected[place]!, d: total[place]! - affected[place]! }
      tables.set(place, table)
    }
    const yes = inner.yes[group] === 1
    table[yes ? 'c' : 'd']--
    if (count === inner.of[group]) table[yes ? 'a' : 'b']++
  }
  return [...tables.values()].filter(({ a, b, c, d }) => a + b > 0 && c + d > 0)
}

/** How many inner containers each outer one has, and how many of them count as affected. */
function insideOf(
  inner: Level,
  outer: Level | undefined,
): { total: Float64Array; affected: Float64Array } {
  const known = insides.get(inner)?.get(outer)
  if (known) return known
  const count = outer?.count ?? 1
  const [total, affected] = [new Float64Array(count), new Float64Array(count)]
  const seen = new Uint8Array(inner.count)
  inner.groupOf.forEach((group, unit) => {
    if (seen[group] === 1) return
    seen[group] = 1
    const place = outer ? outer.groupOf[unit]! : 0
    total[place]!++
    affected[place]! += inner.yes[group]!
  })
  const counted = { total, affected }
  const own = insides.get(inner) ?? new Map()
  insides.set(inner, own.set(outer, counted))
  return counted
}
const insides = new WeakMap<
  Level,
  Map<Level | undefined, { total: Float64Array; affected: Float64Array }>
>()

function tableOf(single: Level, having: readonly number[]): TwoByTwo {
  const { total, affected } = insideOf(single, undefined)
  let a = 0
  for (const unit of having) a += single.yes[single.groupOf[unit]!]!
  const b = having.length - a
  const c = affected[0]! - a
  return { a, b, c, d: total[0]! - a - b - c }
}

/** Attributes that the same units have become one; what all or none have tells nothing. */
function grouped(
  attributes: Contrasted['attributes'],
  count: number,
): { attributes: Attribute[]; units: readonly number[] }[] {
  const sets = new Map<string, { attributes: Attribute[]; units: readonly number[] }>()
  for (const { name, value, units } of attributes) {
    if (units.length === 0 || units.length === count) continue
    const key = keyOf(units)
    const known = sets.get(key)
    if (known) known.attributes.push({ name, value })
    else sets.set(key, { attributes: [{ name, value }], units })
  }
  for (const set of sets.values()) set.attributes.sort((x, y) => (textOf(x) < textOf(y) ? -1 : 1))
  return [...sets.values()]
}

/** Two sums over all members and the ends: different sets are not expected to agree in it. */
function keyOf(units: readonly number[]): string {
  let [one, other] = [0x811c9dc5, 0x9e3779b9]
  for (const unit of units) {
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other + unit, 0x85ebca6b) ^ (other >>> 13)
  }
  return `${units.length} ${units[0]} ${units.at(-1)} ${one} ${other}`
}

/** Numbers of the containers of a level; whoever has none there is alone. */
function groupsAt(
  units: readonly ContrastUnit[],
  level: number,
): { groupOf: Int32Array; count: number } {
  const known = new Map<number | string, number>()
  const groupOf = new Int32Array(units.length)
  let count = 0
  units.forEach(({ containers }, i) => {
    const container = level === 0 ? undefined : containers[Math.min(level, containers.length) - 1]
    if (container === undefined) groupOf[i] = count++
    else {
      if (!known.has(container)) known.set(container, count++)
      groupOf[i] = known.get(container)!
    }
  })
  return { groupOf, count }
}

function sharesAt(units: readonly ContrastUnit[], level: number) {
  const { groupOf, count } = groupsAt(units, level)
  const [of, affected] = [new Float64Array(count), new Float64Array(count)]
  units.forEach((unit, i) => {
    of[groupOf[i]!]!++
    if (unit.affected) affected[groupOf[i]!]!++
  })
  const all = affected.reduce((sum, each) => sum + each, 0) / units.length
  const yes = Uint8Array.from(of, (size, group) => Number(affected[group]! / size > all))
  return { groupOf, count, of, affected, yes }
}

/**
 * Levels at which containers differ, from outside, each within the containers of the one before.
 */
function levelsOf(units: readonly ContrastUnit[]): Level[] {
  const depth = units.reduce((max, { containers }) => Math.max(max, containers.length), 0)
  const levels: Level[] = []
  for (let level = depth; level >= 1; level--) {
    const inner = sharesAt(units, level)
    const outer = levels.at(-1)
    if (inner.count < 2 || inner.count === units.length || inner.count === outer?.count) continue
    const groups = new Map<number, { yes: number; of: number }[]>()
    const seen = new Uint8Array(inner.count)
    inner.groupOf.forEach((group, unit) => {
      if (seen[group] === 1) return
      seen[group] = 1
      const place = outer ? outer.groupOf[unit]! : 0
      const share = { yes: inner.affected[group]!, of: inner.of[group]! }
      const list = groups.get(place)
      if (list) list.push(share)
      else groups.set(place, [share])
    })
    if (heterogeneity([...groups.values()]) < differsBelow) levels.push({ level, ...inner })
  }
  return levels
}
