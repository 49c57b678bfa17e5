// What very many units went through in one time, as the passport of each says it, to the last bit.
// Units that were in the same containers went one way; ways share legs; a leg is summed up once,
// logger by logger, from the sums of its hours (domain/hourly-sums.ts). So a million units cost
// their legs. Recommends no verdict: that takes the passport of one unit (trace/passports.ts).
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { type Limit, uspKinetics } from '../domain/exposure.ts'
import { type Account, accountOf, addSums, noSums, type Question } from '../domain/passport.ts'
import { kineticsOf, termsOf, zonesOf } from '../domain/profile/terms.ts'
import { readByGtin, readSharedStays } from '../store/ledger/alike.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { allMounts } from '../store/ledger/mounts.ts'
import { newEar } from './leg-readings.ts'
import { type SharedLeg, sumsOfLegs } from './leg-sums.ts'
import { type PassportFrom, productOf } from './told-lives.ts'
import { type NamedLeg, waysOf } from './unit-legs.ts'

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
  const { db, kept } = from
  const { wayOf, tellers } = await alikeOf(db, tenant, asked.units)
  const legs = await legsOfWays(db, tenant, { tellers, asked })
  for (;;) {
    const { hoursTo } = await kept()
    const allowance = { left: bounds.exposureReadingsMax }
    const ear = newEar(from.series, tenant)
    const sums = await sumsOfLegs(legs.all, { ear, hoursTo, allowance })
    if (!sums) return undefined
    // Read again when readings went meanwhile, after their hours were made.
    if ((await kept()).hoursTo !== hoursTo) continue
    const ms = asked.window.to - asked.window.from
    const accountOfWay = (way: number): Account => {
      const { limits = [] } = asked
      const question = legs.questions[way] ?? { limits, kinetics: uspKinetics }
      let whole = noSums(question)
      for (const leg of legs.ofWay[way] ?? []) whole = addSums(whole, sums[leg]!)
      return accountOf(whole, { ms, question })
    }
    const isFrozen = (way: number): boolean => legs.frozen[way] ?? false
    return { wayOf, ways: tellers.length, accountOf: accountOfWay, isFrozen }
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
  units: readonly number[],
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
  for (const { container } of await allMounts(db, tenant)) {
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
  { tellers, asked }: { tellers: readonly Teller[]; asked: ExposuresAsked },
): Promise<WayLegs> {
  const { window, limits } = asked
  const products = new Map<string, Pick<SharedLeg, 'product' | 'question'>>()
  for (const gtin of new Set(tellers.map((teller) => teller.gtin))) {
    const product = await productOf(db, tenant, { gtin, window })
    const profile = product?.profile
    const kinetics = profile ? kineticsOf(profile) : uspKinetics
    const question = { limits: limits ?? (profile ? zonesOf(profile) : []), kinetics }
    products.set(gtin, { product, question })
  }
  const told: WayLegs = { all: [], ofWay: [], questions: [], frozen: [] }
  const numbers = new Map<string, number>()
  const ways = await waysOf(
    db,
    tenant,
    tellers.map(({ unit }) => unit),
  )
  for (const { unit, gtin } of tellers) {
    const of = products.get(gtin)!
    const legs = ways(unit, window).filter(({ loggers }) => loggers.length > 0)
    const own = legs.map((leg) => {
      const key = `${gtin} ${leg.from} ${leg.to} ${leg.loggers.map(whose).join()}`
      const known = numbers.get(key) ?? told.all.length
      if (known === told.all.length) told.all.push({ leg, ...of })
      numbers.set(key, known)
      return known
    })
    told.ofWay.push(Int32Array.from(own))
    told.questions.push(of.question)
    told.frozen.push(of.product ? termsOf(of.product.profile).frozen : false)
  }
  return told
}

const whose = ({ device, mountedAt }: NamedLeg['loggers'][number]): string =>
  `${device} ${mountedAt}`
