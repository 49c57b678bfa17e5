// The exposure passport of one unit: its legs from the ledger, what their loggers said from the
// series store, the account and the recommendation. The series store never sees a serial (I7): they
// meet here, in time. Decides nothing itself.
import type { Interval } from '../domain/breach.ts'
import { addDraws, type Draw, drawsOf } from '../domain/budgets.ts'
import { type Limit, uspKinetics } from '../domain/exposure.ts'
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
import type { Evidence, LifeDraws } from '../domain/verdict-runs.ts'
import { type NoPassport, type PassportFrom, type ToldLife, toldOf } from './told-lives.ts'

export interface LegAccount extends Account, Interval {
  loggers: { container: string; device: string; channels: string[] }[]
}

export interface Passport extends Account, Recommendation, Interval {
  gtin: string | undefined
  productVersion: number | undefined
  /** Kept below 0 °C: a mean kinetic temperature says nothing of it. */
  frozen: boolean
  deltaHKjPerMol: number
  /** Of its whole life, whatever time was asked for. */
  budgets: readonly Draw[]
  legs: LegAccount[]
}

export interface PassportAsked {
  epc: string
  from?: number | undefined
  to?: number | undefined
  limits?: readonly Limit[] | undefined
}

/** Without from and to: its life, as far as anything is known of it. */
export async function passportOf(
  from: PassportFrom,
  tenant: string,
  asked: PassportAsked,
): Promise<Passport | NoPassport> {
  const told = await toldOf(from, tenant, asked)
  return typeof told === 'string' ? told : accountFor(told, asked.limits)
}

function accountFor(told: ToldLife, limits: readonly Limit[] | undefined): Passport {
  const { window, product, read } = told
  const profile = product?.profile
  const kinetics = profile ? kineticsOf(profile) : uspKinetics
  const question: Question = { limits: limits ?? (profile ? zonesOf(profile) : []), kinetics }
  let sums = noSums(question)
  const legs = read.map(({ leg, stretches, channels }): LegAccount => {
    const own = sumsOf(stretches, question)
    sums = addSums(sums, own)
    return {
      ...{ from: leg.from, to: leg.to },
      loggers: leg.loggers.map(({ container, device }) => ({
        ...{ container, device, channels: channels.get(device) ?? [] },
      })),
      ...accountOf(own, { ms: leg.to - leg.from, question }),
    }
  })
  const account = accountOf(sums, { ms: window.to - window.from, question })
  const terms = profile && termsOf(profile)
  const evidence: Evidence = {
    ...evidenceOf(told),
    ...{ knownMs: account.knownMs, calibrations: told.calibrations },
  }
  const life = profile && lifeDraws(told, profile, evidence)
  return {
    ...window,
    ...judge({ ...evidence, ...(life && { life }) }, terms),
    ...account,
    ...{ gtin: product?.gtin, productVersion: product?.version },
    ...{ frozen: terms?.frozen ?? false, deltaHKjPerMol: kinetics.deltaHKjPerMol },
    ...{ budgets: life?.draws ?? [], legs },
  }
}

const evidenceOf = ({ window, read }: Pick<ToldLife, 'window' | 'read'>): Evidence => ({
  ...{ window, knownMs: 0, calibrations: [] },
  stretches: read.flatMap((each) => each.stretches),
  excused: read.flatMap((each) => each.excused),
})

/** With what it drew before the time that was asked for. */
function lifeDraws(told: ToldLife, profile: Profile, evidence: Evidence): LifeDraws {
  const { budgets = [], guardBandC = 0 } = profile
  const own = drawsOf(budgets, evidence, guardBandC)
  const { before, begun } = told
  if (!before) return { draws: own, whole: begun }
  return { draws: addDraws(drawsOf(budgets, evidenceOf(before), guardBandC), own), whole: begun }
}
