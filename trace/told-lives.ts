// What the loggers of one unit said of its life: its legs, read from the series store by the
// profile that was in force then. Sums and judges nothing: trace/passports.ts does.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import type { BudgetCorrection } from '../domain/budget-corrections.ts'
import { dueWhileUsed } from '../domain/calibration.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import type { Profile } from '../domain/profile/profile.ts'
import type { Evidence } from '../domain/verdict/runs.ts'
import { readCalibrations } from '../store/ledger/calibrations.ts'
import { correctionsOf } from '../store/ledger/corrections.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { profilesInForce } from '../store/ledger/profiles.ts'
import type { Kept } from '../store/ledger/retention.ts'
import { type Allowance, newAllowance } from '../store/past-series.ts'
import type { Series } from '../store/series.ts'
import { type HandOvers, handOversOf } from './hand-overs.ts'
import { type LabelLimits, labelLimitsOf } from './label-limits.ts'
import { type Ear, newEar, newestOf, readLeg, type Told } from './leg-readings.ts'
import { type LifeSpan, lifeSpan, type NamedLeg, type Ways, waysOf } from './unit-legs.ts'

/** Why there is none: nobody ever named it, or it is more than one answer holds. */
export type NoPassport = 'unknown' | 'too-much'

export interface PassportFrom {
  db: LedgerQuery
  series: Series
  kept: () => Promise<Kept>
  /** Legs read for other units; none: each is read. */
  legs?: LegMemory
}

/** Legs that several units share, for the passports of one answer. */
export interface LegMemory {
  known: Map<string, { read: Omit<ReadLeg, 'leg'>; cost: number }>
  /** How many more readings and hours it may hold. */
  left: number
}

export const rememberLegs = (sizeMax: number): LegMemory => ({ known: new Map(), left: sizeMax })

export interface ToldLife {
  window: Interval
  product: Product | undefined
  read: ReadLeg[]
  calibrations: Evidence['calibrations']
  /**
   * All parts of its life that count here, when its product has budgets; none: the window is its
   * life. What a partner handed over stands for the time it tells of.
   */
  parts: Part[] | undefined
  /** Its first event brought it into being. */
  begun: boolean
  handOvers: HandOvers
  labelLimits: LabelLimits[]
  corrections: readonly BudgetCorrection[]
}

export interface Part {
  window: Interval
  read: ReadLeg[]
}

export type ReadLeg = Omit<Told, 'excused'> & {
  leg: NamedLeg
  /** When no logger of the leg had settled since it was mounted. */
  excused: Interval[]
}

/** The versions in force in a time; the last one is told of. */
export interface Product extends ProfileSpan {
  gtin: string
  spans: ProfileSpan[]
}

interface ProfileSpan extends Interval {
  version: number
  profile: Profile
}

/** What the ledger knows of one unit, before any reading is read. */
export interface Outline {
  epc: string
  /** From its first event on, to the end of the window. */
  life: Interval
  window: Interval
  begun: boolean
  product: Product | undefined
  legs: readonly NamedLeg[]
  /** Legs of parts of its life that are not the window. */
  legsIn: (part: Interval) => NamedLeg[]
  handOvers: HandOvers
  labelLimits: LabelLimits[]
  corrections: readonly BudgetCorrection[]
}

/** What was read of a unit together with many others. */
export interface KnownUnit {
  id: number
  life: LifeSpan | undefined
  ways: Ways
  ear: Ear
}

export interface LifeAsked {
  epc: string
  from?: number | undefined
  to?: number | undefined
}

export async function toldOf(
  from: PassportFrom,
  tenant: string,
  asked: LifeAsked,
): Promise<ToldLife | NoPassport> {
  const ear = newEar(from.series, tenant)
  const known = await unitNamed(from.db, tenant, { epc: asked.epc, ear })
  const outline = known ? await outlineOf(from.db, tenant, { asked, known }) : 'unknown'
  return typeof outline === 'string' ? outline : hear(from, tenant, { outline, ear })
}

async function unitNamed(
  db: LedgerQuery,
  tenant: string,
  { epc, ear }: { epc: string; ear: Ear },
): Promise<KnownUnit | undefined> {
  const id = (await idsOf(db, tenant, [epc])).get(epc)
  if (id === undefined) return undefined
  const life = await lifeSpan(db, tenant, id)
  return { id, life, ways: await waysOf(db, tenant, [id]), ear }
}

/** Everything that a passport follows from, but the readings of its legs. */
export async function outlineOf(
  db: LedgerQuery,
  tenant: string,
  { asked, known }: { asked: LifeAsked; known: KnownUnit },
): Promise<Outline | NoPassport> {
  const { epc } = asked
  const { id, life, ways, ear } = known
  if (!life) return 'unknown'
  const begin = asked.from ?? life.from
  const whole = { from: begin, to: asked.to ?? life.endedAt ?? Infinity }
  const legs = ways(id, whole)
  const to = whole.to < Infinity ? whole.to : Math.max(life.last, await newestOf(ear, legs), begin)
  const window = { from: begin, to }
  const cut = ways(id, window)
  if (cut.length > bounds.passportLegsMax) return 'too-much'
  const product = await productFor(db, tenant, { epc, window })
  const isBudgeted = product?.profile.budgets !== undefined
  return {
    ...{ epc, window, begun: life.begun, product, legs: cut, legsIn: (part) => ways(id, part) },
    life: { from: life.from, to },
    handOvers: await handOversOf(db, tenant, { id, epc, until: to }),
    labelLimits: await labelLimitsOf(db, tenant, { epc, window }),
    corrections: isBudgeted ? await correctionsOf(db, tenant, { unit: id, epc, ...product }) : [],
  }
}

/** With what the loggers of its legs said. */
export async function hear(
  from: PassportFrom,
  tenant: string,
  { outline, ear }: { outline: Outline; ear: Ear },
): Promise<ToldLife | NoPassport> {
  const { window, product, handOvers, life, begun, labelLimits, corrections } = outline
  const read = await readLegs(from, ear, { legs: outline.legs, product })
  if (!read) return 'too-much'
  const calibrations = await calibrationsOf(from.db, tenant, read)
  const known = { window, product, read, begun, handOvers, calibrations, labelLimits }
  if (!product?.profile.budgets) return { ...known, corrections: [], parts: undefined }
  const parts: Part[] = []
  for (const part of partsOf(life, handOvers.opening)) {
    const same = part.from === window.from && part.to === window.to
    const legs = same ? [] : outline.legsIn(part)
    const own = same ? read : await readLegs(from, ear, { legs, product })
    if (!own) return 'too-much'
    parts.push({ window: part, read: own })
  }
  return { ...known, corrections, parts }
}

/** Without the time that a partner told of; from then on, if nothing names it before. */
function partsOf({ from, to }: Interval, opening: Interval | undefined): Interval[] {
  if (!opening) return [{ from, to }]
  const parts = [
    { from, to: Math.min(to, opening.from) },
    { from: opening.to, to },
  ]
  return parts.filter((part) => part.from < part.to)
}

async function productFor(
  db: LedgerQuery,
  tenant: string,
  { epc, window }: { epc: string; window: Interval },
): Promise<Product | undefined> {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? productOf(db, tenant, { gtin: key.gtin, window }) : undefined
}

export async function productOf(
  db: LedgerQuery,
  tenant: string,
  { gtin, window }: { gtin: string; window: Interval },
): Promise<Product | undefined> {
  const spans = await profilesInForce(db, { tenant, gtin }, window)
  const last = spans.at(-1)
  return last && { ...last, gtin, spans }
}

/** Read again when readings went meanwhile, after their hours were made. */
async function readLegs(
  { kept, legs: memory }: PassportFrom,
  ear: Ear,
  { legs, product }: { legs: readonly NamedLeg[]; product: Product | undefined },
): Promise<ReadLeg[] | undefined> {
  for (;;) {
    const { hoursTo } = await kept()
    const allowance = newAllowance()
    const read: ReadLeg[] = []
    for (const leg of legs) {
      const said = await readOnce(ear, leg, { product, hoursTo, allowance, memory })
      if (!said) return undefined
      read.push(said)
    }
    if ((await kept()).hoursTo === hoursTo) return read
  }
}

interface ReadBy {
  product: Product | undefined
  hoursTo: number
  allowance: Allowance
}

/** What is remembered costs as much of the allowance as what is read. */
async function readOnce(
  ear: Ear,
  leg: NamedLeg,
  { memory, ...by }: ReadBy & { memory: LegMemory | undefined },
): Promise<ReadLeg | undefined> {
  if (!memory) return readPieces(ear, leg, by)
  const { product, hoursTo, allowance } = by
  const pieces = piecesOf(leg, product).map(({ from, to, version }) => [from, to, version])
  const key = JSON.stringify([product?.gtin, pieces, hoursTo, leg.loggers])
  const known = memory.known.get(key)
  if (known) {
    allowance.left -= known.cost
    return allowance.left < 0 ? undefined : { ...known.read, leg }
  }
  const before = allowance.left
  const read = await readPieces(ear, leg, by)
  const cost = before - allowance.left
  if (read && cost < memory.left) {
    memory.known.set(key, { read, cost })
    memory.left -= cost + 1
  }
  return read
}

/** A leg in which the profile changed is read by each while it was in force. */
export async function readPieces(
  ear: Ear,
  leg: NamedLeg,
  by: ReadBy,
): Promise<ReadLeg | undefined> {
  const { product, ...rest } = by
  const read: ReadLeg = { leg, stretches: [], channels: new Map(), excused: [] }
  for (const { from, to, profile } of piecesOf(leg, product)) {
    const told = await readLeg(ear, { ...leg, from, to }, { profile, ...rest })
    if (!told) return undefined
    read.stretches.push(...told.stretches)
    read.channels = told.channels
    if (told.excused) read.excused.push(told.excused)
  }
  return read
}

/** Before the first profile that was ever in force the first one says how long readings stand. */
export function piecesOf(
  { from, to }: Interval,
  product: Product | undefined,
): (Interval & { version: number | undefined; profile: Profile | undefined })[] {
  if (!product) return [{ from, to, version: undefined, profile: undefined }]
  return product.spans.flatMap(({ profile, version, ...span }, i) => {
    const begin = i === 0 ? from : Math.max(from, span.from)
    const end = i === product.spans.length - 1 ? to : Math.min(to, span.to)
    return begin < end ? [{ from: begin, to: end, version, profile }] : []
  })
}

async function calibrationsOf(
  db: LedgerQuery,
  tenant: string,
  read: readonly ReadLeg[],
): Promise<Evidence['calibrations']> {
  const used = new Map<string, Interval[]>()
  for (const { leg } of read)
    for (const { device } of leg.loggers)
      used.set(device, [...(used.get(device) ?? []), { from: leg.from, to: leg.to }])
  const known = await readCalibrations(db, tenant, [...used.keys()])
  return [...used].map(([device, times]) => ({
    device,
    dueAt: dueWhileUsed(known.get(device) ?? [], times),
    usedTo: Math.max(...times.map(({ to }) => to)),
  }))
}
