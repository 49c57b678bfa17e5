// The exposure passport of one unit: its legs from the ledger, what their loggers said from the
// series store, the account and the recommendation. The series store never sees a serial (I7): they
// meet here, in time. Decides nothing itself.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { type Limit, uspKinetics } from '../domain/exposure.ts'
import { parseEpc } from '../domain/gs1.ts'
import { type Leg, legsOf, levelsAbove } from '../domain/legs.ts'
import { isEnded, lifeOf } from '../domain/lifecycle.ts'
import {
  type Account,
  accountOf,
  addSums,
  noSums,
  type Question,
  sumsOf,
} from '../domain/passport.ts'
import type { Profile } from '../domain/profile.ts'
import { kineticsOf, termsOf, zonesOf } from '../domain/profile-terms.ts'
import { judge, type Recommendation } from '../domain/verdict.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { staysAbove } from '../store/ledger-contents.ts'
import { epcsOf, idsOf } from '../store/ledger-epcs.ts'
import { type LoggerMount, readMounts } from '../store/ledger-mounts.ts'
import { profilesInForce } from '../store/ledger-profiles.ts'
import type { Kept } from '../store/ledger-retention.ts'
import { newAllowance } from '../store/past-series.ts'
import type { Series } from '../store/series.ts'
import { type Ear, newEar, newestOf, readLeg, type Told } from './leg-readings.ts'
import { storiesOf } from './stories.ts'

export interface LegAccount extends Account, Interval {
  loggers: { container: string; device: string; channels: string[] }[]
}

export interface Passport extends Account, Recommendation, Interval {
  gtin: string | undefined
  productVersion: number | undefined
  /** Kept below 0 °C: a mean kinetic temperature says nothing of it. */
  frozen: boolean
  deltaHKjPerMol: number
  legs: LegAccount[]
}

export interface PassportAsked {
  epc: string
  from?: number | undefined
  to?: number | undefined
  limits?: readonly Limit[] | undefined
}

/** Why there is none: nobody ever named it, or it is more than one answer holds. */
export type NoPassport = 'unknown' | 'too-much'

export interface PassportFrom {
  db: LedgerQuery
  series: Series
  kept: () => Promise<Kept>
}

/** Without from and to: its life, as far as anything is known of it. */
export async function passportOf(
  from: PassportFrom,
  tenant: string,
  asked: PassportAsked,
): Promise<Passport | NoPassport> {
  const told = await toldOf(from, tenant, asked)
  return typeof told === 'string' ? told : accountFor(told.read, { ...told, limits: asked.limits })
}

/** What the loggers of a unit said, leg by leg. */
export interface ToldLife {
  window: Interval
  product: Product | undefined
  read: ReadLeg[]
}

export async function toldOf(
  from: PassportFrom,
  tenant: string,
  asked: PassportAsked,
): Promise<ToldLife | NoPassport> {
  const { db } = from
  const id = (await idsOf(db, tenant, [asked.epc])).get(asked.epc)
  if (id === undefined) return 'unknown'
  const life = await lifeSpan(db, tenant, id)
  if (!life) return 'unknown'
  const ear = newEar(from.series, tenant)
  const ways = await waysOf(db, tenant, id)
  const begin = asked.from ?? life.from
  const whole = { from: begin, to: asked.to ?? life.endedAt ?? Infinity }
  const legs = ways(whole)
  const to = whole.to < Infinity ? whole.to : Math.max(life.last, await newestOf(ear, legs), begin)
  const window = { from: begin, to }
  const cut = ways(window)
  if (cut.length > bounds.passportLegsMax) return 'too-much'
  const product = await productFor(db, tenant, { epc: asked.epc, window })
  const read = await readLegs(from, ear, { legs: cut, product })
  if (!read) return 'too-much'
  return { window, product, read }
}

interface Product {
  gtin: string
  version: number
  profile: Profile
}

/** With the profile in force at the end: what the unit went through is judged as one. */
async function productFor(
  db: LedgerQuery,
  tenant: string,
  { epc, window }: { epc: string; window: Interval },
): Promise<Product | undefined> {
  const key = parseEpc(epc)
  if (key?.key !== 'sgtin') return undefined
  const last = (await profilesInForce(db, { tenant, gtin: key.gtin }, window)).at(-1)
  return last && { gtin: key.gtin, version: last.version, profile: last.profile }
}

/** From its first event; to the last that names it, or to its end if that has come. */
async function lifeSpan(
  db: LedgerQuery,
  tenant: string,
  id: number,
): Promise<{ from: number; last: number; endedAt: number | undefined } | undefined> {
  const [story] = await storiesOf(db, tenant, [id])
  const { facts } = story!
  const own = facts.find(({ inherited }) => !inherited)
  if (!own) return undefined
  const life = lifeOf(facts)
  return {
    from: own.eventTime,
    last: facts.at(-1)!.eventTime,
    endedAt: isEnded(life.status) ? life.since : undefined,
  }
}

type NumberedLeg = Leg<number>

/** The legs of any window, from what the ledger knows of it. */
async function waysOf(
  db: LedgerQuery,
  tenant: string,
  id: number,
): Promise<(window: Interval) => NamedLeg[]> {
  const { upwards } = await staysAbove(db, tenant, [id])
  const containers = new Set([id])
  for (const stays of upwards.values()) for (const { parent } of stays) containers.add(parent)
  const mounts = await readMounts(db, tenant, [...containers])
  const names = await epcsOf(db, tenant, [...mounts.keys()])
  const staysOf = (child: number) => upwards.get(child) ?? []
  const mountOf = (leg: NumberedLeg, at: NumberedLeg['loggers'][number]): LoggerMount =>
    mounts
      .get(at.container)!
      .find(({ device, from, to }) => device === at.device && from <= leg.from && to >= leg.to)!
  return (window) => {
    const levels = levelsAbove(id, { window, staysOf, depthMax: bounds.containmentDepthMax })
    const legs = legsOf(levels, { window, mountsOn: (container) => mounts.get(container) ?? [] })
    return legs.map((leg) => ({
      from: leg.from,
      to: leg.to,
      loggers: leg.loggers.map((at) => ({
        container: names.get(at.container)!,
        device: at.device,
        loggingIntervalMs: mountOf(leg, at).loggingIntervalMs ?? undefined,
        mountedAt: mountOf(leg, at).from,
      })),
    }))
  }
}

export interface NamedLeg extends Interval {
  loggers: {
    container: string
    device: string
    loggingIntervalMs: number | undefined
    mountedAt: number
  }[]
}

export type ReadLeg = Told & { leg: NamedLeg }

/** Read again when readings went meanwhile, after their hours were made. */
async function readLegs(
  { kept }: PassportFrom,
  ear: Ear,
  { legs, product }: { legs: readonly NamedLeg[]; product: Product | undefined },
): Promise<ReadLeg[] | undefined> {
  for (;;) {
    const { hoursTo } = await kept()
    const allowance = newAllowance()
    const read: ReadLeg[] = []
    for (const leg of legs) {
      const said = await readLeg(ear, leg, { profile: product?.profile, hoursTo, allowance })
      if (!said) return undefined
      read.push({ leg, ...said })
    }
    if ((await kept()).hoursTo === hoursTo) return read
  }
}

function accountFor(
  read: readonly ReadLeg[],
  by: {
    window: Interval
    product: Product | undefined
    limits: readonly Limit[] | undefined
  },
): Passport {
  const { window, product } = by
  const profile = product?.profile
  const kinetics = profile ? kineticsOf(profile) : uspKinetics
  const question: Question = { limits: by.limits ?? (profile ? zonesOf(profile) : []), kinetics }
  let sums = noSums(question)
  const legs = read.map(({ leg, stretches, channels }): LegAccount => {
    const own = sumsOf(stretches, question)
    sums = addSums(sums, own)
    return {
      ...{ from: leg.from, to: leg.to },
      loggers: leg.loggers.map(({ container, device }) => ({
        ...{ container, device, channels: channels.get(device) ?? [] },
      })),
      ...accountOf(own, { ms: leg.to - leg.from, question, budgets: [] }),
    }
  })
  const account = accountOf(sums, { ms: window.to - window.from, question, budgets: [] })
  const stretches = read.flatMap((each) => each.stretches)
  const terms = profile && termsOf(profile)
  const excused = read.flatMap((each) => each.excused ?? [])
  const evidence = { window, stretches, knownMs: account.knownMs, excused, calibrations: [] }
  return {
    ...window,
    ...judge(evidence, terms),
    ...account,
    ...{ gtin: product?.gtin, productVersion: product?.version },
    ...{ frozen: terms?.frozen ?? false, deltaHKjPerMol: kinetics.deltaHKjPerMol, legs },
  }
}
