// What very many units went through in one time, as the passport of each says it, to the last bit.
// Units that were in the same containers went one way; ways share legs; a leg is summed up once,
// logger by logger, from the sums of its hours (domain/hourly-sums.ts). So a million units cost
// their legs. Recommends no verdict: that takes the passport of one unit (trace/passports.ts).
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { type Limit, uspKinetics } from '../domain/exposure.ts'
import {
  type Account,
  accountOf,
  addSums,
  noSums,
  type Question,
  type Sums,
} from '../domain/passport.ts'
import { kineticsOf, termsOf, zonesOf } from '../domain/profile/terms.ts'
import { readByGtin, readSharedStays } from '../store/ledger/alike.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { allMounts, type LoggerMount } from '../store/ledger/mounts.ts'
import { newEar } from './leg-readings.ts'
import { type SharedLeg, sumsOfLegs } from './leg-sums.ts'
import { type PassportFrom, type Product, productOf } from './told-lives.ts'
import { type NamedLeg, waysAmong } from './unit-legs.ts'

export interface ExposuresAsked {
  /** Serialised trade items, by number. */
  units: readonly number[]
  window: Interval
  /** Zones to count; those of each product's profile when absent. */
  limits?: readonly Limit[] | undefined
}

export interface Exposures {
  /** Of each unit, as asked, the number of its way; -1: no such unit, nothing is known of it. */
  wayOf: Int32Array
  ways: number
  /** Added up when it is asked for. */
  accountOf(way: number): Account
  /** Kept below 0 °C: a mean kinetic temperature says nothing of it. */
  isFrozen(way: number): boolean
}

/** Undefined when more would have to be read than one answer reads. */
export async function exposuresOf(
  from: PassportFrom,
  tenant: string,
  asked: ExposuresAsked,
): Promise<Exposures | undefined> {
  const { window, limits = [] } = asked
  const mounts = await allMounts(from.db, tenant)
  const { wayOf, tellers } = await alikeOf(from.db, tenant, { units: asked.units, mounts })
  const legs = await legsOfWays(from.db, tenant, { tellers, mounts, asked })
  const sums = await readSums(from, tenant, legs.all)
  if (!sums) return undefined
  const ms = window.to - window.from
  const accountOfWay = (way: number): Account => {
    const question = legs.questions[way] ?? { limits, kinetics: uspKinetics }
    let whole = noSums(question)
    for (const leg of legs.ofWay[way] ?? []) whole = addSums(whole, sums[leg]!)
    return accountOf(whole, { ms, question })
  }
  const isFrozen = (way: number): boolean => legs.frozen[way] ?? false
  return { wayOf, ways: tellers.length, accountOf: accountOfWay, isFrozen }
}

export interface BeyondAsked {
  /** Serialised trade items, by number. */
  units: readonly number[]
  window: Interval
  limit: Limit
  /** Where loggers were, and when each of them there may have read anything beyond the limit. */
  mounts: readonly LoggerMount[]
  beyondOf(logger: { device: string; mountedAt: number }): readonly Interval[]
}

export interface TimesBeyond {
  /** Of each unit, as asked, the number of its way; -1: no such unit, nothing is known of it. */
  wayOf: Int32Array
  /** Of each way, how long it was beyond the limit, as the passport counts it. */
  msOf: Float64Array
}

/**
 * Of legs only what may have been beyond the limit is read: all else adds nothing. Undefined when
 * it is more than one answer reads.
 */
export async function timesBeyond(
  from: PassportFrom,
  tenant: string,
  { units, window, limit, mounts, beyondOf }: BeyondAsked,
): Promise<TimesBeyond | undefined> {
  const { wayOf, tellers } = await alikeOf(from.db, tenant, { units, mounts })
  const asked = { window, limits: [limit] }
  const legs = await legsOfWays(from.db, tenant, { tellers, mounts, asked, beyondOf })
  const sums = await readSums(from, tenant, legs.all)
  const msOfWay = (of: Int32Array): number =>
    of.reduce((ms, leg) => ms + sums![leg]!.beyondMs[0]!, 0)
  return sums && { wayOf, msOf: Float64Array.from(legs.ofWay, msOfWay) }
}

/** Read again when readings went meanwhile, after their hours were made. */
async function readSums(
  { kept, series }: PassportFrom,
  tenant: string,
  legs: readonly SharedLeg[],
): Promise<Sums[] | undefined> {
  for (;;) {
    const { hoursTo } = await kept()
    const allowance = { left: bounds.exposureReadingsMax }
    const sums = await sumsOfLegs(legs, { ear: newEar(series, tenant), hoursTo, allowance })
    if (!sums || (await kept()).hoursTo === hoursTo) return sums
  }
}

/** One of those that went a way. */
interface Teller {
  unit: number
  gtin: string
}

/**
 * Units of one product that were in the same containers at the same times, without a logger of
 * their own, go one way.
 */
async function alikeOf(
  db: LedgerQuery,
  tenant: string,
  { units, mounts }: { units: readonly number[]; mounts: readonly LoggerMount[] },
): Promise<{ wayOf: Int32Array; tellers: Teller[] }> {
  const places = new Map(units.map((unit, place) => [unit, place]))
  const steps = new Int32Array(units.length).fill(-1)
  const gtins: string[] = []
  let count = 0
  for (const [gtin, own] of await readByGtin(db, tenant, units)) {
    gtins.push(gtin)
    for (const unit of own) steps[places.get(unit)!] = count
    count++
  }
  const product = steps.slice()
  for (const { container } of mounts) {
    const place = places.get(container)
    if (place !== undefined && steps[place] !== -1) steps[place] = count++
  }
  // Whoever came the same way so far, and into this container then, goes on together.
  for (const { children } of await readSharedStays(db, tenant, units)) {
    const next = new Map<number, number>()
    for (const unit of children) {
      const place = places.get(unit)!
      const step = steps[place]!
      if (step === -1) continue
      const known = next.get(step) ?? count++
      next.set(step, known)
      steps[place] = known
    }
  }
  const numbers = new Map<number, number>()
  const tellers: Teller[] = []
  const wayOf = steps.map((step, place) => {
    if (step === -1) return -1
    const way = numbers.get(step) ?? tellers.length
    if (way === tellers.length) tellers.push({ unit: units[place]!, gtin: gtins[product[place]!]! })
    numbers.set(step, way)
    return way
  })
  return { wayOf, tellers }
}

interface WayLegs {
  all: SharedLeg[]
  /** Numbers of the legs of each way, ascending by time. */
  ofWay: Int32Array[]
  questions: Question[]
  frozen: boolean[]
}

async function legsOfWays(
  db: LedgerQuery,
  tenant: string,
  of: {
    tellers: readonly Teller[]
    mounts: readonly LoggerMount[]
    asked: Omit<ExposuresAsked, 'units'>
    beyondOf?: BeyondAsked['beyondOf']
  },
): Promise<WayLegs> {
  const { tellers, asked, beyondOf } = of
  const products = new Map<string, Pick<SharedLeg, 'product' | 'question'>>()
  for (const gtin of new Set(tellers.map((teller) => teller.gtin)))
    products.set(gtin, await askedOf(db, tenant, { gtin, ...asked }))
  const told: WayLegs = { all: [], ofWay: [], questions: [], frozen: [] }
  const numbers = new Map<string, number>()
  const ids = tellers.map(({ unit }) => unit)
  const ways = await waysAmong(db, tenant, { ids, mounts: of.mounts })
  for (const { unit, gtin } of tellers) {
    const by = products.get(gtin)!
    const legs = ways(unit, asked.window).filter(({ loggers }) => loggers.length > 0)
    const cut = beyondOf ? legs.flatMap((leg) => partBeyond(leg, by, beyondOf)) : legs
    const own = cut.map((leg) => {
      const key = `${gtin} ${leg.from} ${leg.to} ${leg.loggers.map(whose).join()}`
      const known = numbers.get(key) ?? told.all.length
      if (known === told.all.length) told.all.push({ leg, ...by })
      numbers.set(key, known)
      return known
    })
    told.ofWay.push(Int32Array.from(own))
    told.questions.push(by.question)
    told.frozen.push(by.product ? termsOf(by.product.profile).frozen : false)
  }
  return told
}

async function askedOf(
  db: LedgerQuery,
  tenant: string,
  { gtin, window, limits }: { gtin: string } & Omit<ExposuresAsked, 'units'>,
): Promise<Pick<SharedLeg, 'product' | 'question'>> {
  const product = await productOf(db, tenant, { gtin, window })
  const profile = product?.profile
  const kinetics = profile ? kineticsOf(profile) : uspKinetics
  return { product, question: { limits: limits ?? (profile ? zonesOf(profile) : []), kinetics } }
}

/**
 * None, or the part of a leg in which any of its loggers may have been beyond. Whole where a logger
 * settles by what it read from the begin of the leg on.
 */
function partBeyond(
  leg: NamedLeg,
  { product }: Pick<SharedLeg, 'product'>,
  beyondOf: BeyondAsked['beyondOf'],
): NamedLeg[] {
  const cut = { ...leg, from: Infinity, to: -Infinity }
  for (const logger of leg.loggers)
    for (const { from, to } of beyondOf(logger)) {
      if (from >= leg.to || to <= leg.from) continue
      cut.from = Math.min(cut.from, Math.max(from, leg.from))
      cut.to = Math.max(cut.to, Math.min(to, leg.to))
    }
  if (cut.from >= cut.to) return []
  const isSloped = ({ profile }: Product['spans'][number]): boolean =>
    profile.acclimatisation?.slopeBelowCPerHour !== undefined
  return [product?.spans.some(isSloped) ? leg : cut]
}

const whose = ({ device, mountedAt }: NamedLeg['loggers'][number]): string =>
  `${device} ${mountedAt}`
