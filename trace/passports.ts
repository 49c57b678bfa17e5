// The exposure passport of one unit: its legs from the ledger, what their loggers said from the
// series store, the account and the recommendation. The series store never sees a serial (I7): they
// meet here, in time. Decides nothing itself.
import type { Interval } from '../domain/breach.ts'
import { type BudgetCorrection, correctedDraws } from '../domain/budget-corrections.ts'
import { addDraws, type Draw, drawsOf } from '../domain/budgets.ts'
import { type Limit, mktOfSum, uspKinetics } from '../domain/exposure.ts'
import { cyclesOf } from '../domain/freezing.ts'
import { type HandOver, openingOf, zoneOf } from '../domain/hand-over.ts'
import {
  type Account,
  accountOf,
  addSums,
  noSums,
  type Question,
  type Sums,
  sumsOf,
} from '../domain/passport.ts'
import type { Profile } from '../domain/profile/profile.ts'
import { kineticsOf, termsOf, zonesOf } from '../domain/profile/terms.ts'
import type { Evidence, LifeDraws } from '../domain/verdict/runs.ts'
import { judge, type Recommendation } from '../domain/verdict/verdict.ts'
import type { HandOvers } from './hand-overs.ts'
import type { LabelLimits } from './label-limits.ts'
import type { Ear } from './leg-readings.ts'
import {
  hear,
  type NoPassport,
  type Outline,
  type Part,
  type PassportFrom,
  type ToldLife,
  toldOf,
} from './told-lives.ts'

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
  /** Signed; those taken back too. */
  corrections: readonly BudgetCorrection[]
  /** What partners signed of the time before. */
  handOvers: HandOvers
  /** Sums of its life here: of the window, or of its parts where budgets ask for all. */
  life: { from: number; sums: Sums; question: Question }
  /** Its first event brought it into being. */
  begun: boolean
  /** What labels of its containers said while it was inside. */
  labelLimits: readonly LabelLimits[]
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

/** The same, of what the ledger was asked for before. */
export async function passportFrom(
  from: PassportFrom,
  tenant: string,
  of: { outline: Outline; ear: Ear },
): Promise<Passport | NoPassport> {
  const told = await hear(from, tenant, of)
  return typeof told === 'string' ? told : accountFor(told, undefined)
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
  const life = profile && lifeDraws(told, profile)
  return {
    ...window,
    ...judge({ ...evidence, ...(life && { life }) }, terms),
    ...account,
    ...{ gtin: product?.gtin, productVersion: product?.version },
    ...{ frozen: terms?.frozen ?? false, deltaHKjPerMol: kinetics.deltaHKjPerMol },
    ...{ budgets: life?.draws ?? [], corrections: life?.corrections ?? [] },
    ...{ handOvers: told.handOvers, legs },
    ...{ begun: told.begun, labelLimits: told.labelLimits },
    life: told.parts ? lifeSums(told.parts, question) : { from: window.from, sums, question },
  }
}

const evidenceOf = ({ window, read }: Pick<ToldLife, 'window' | 'read'>): Evidence => ({
  ...{ window, knownMs: 0, calibrations: [] },
  stretches: read.flatMap((each) => each.stretches),
  excused: read.flatMap((each) => each.excused),
})

function lifeSums(parts: readonly Part[], question: Question): Passport['life'] {
  let sums = noSums(question)
  for (const { read } of parts)
    for (const { stretches } of read) sums = addSums(sums, sumsOf(stretches, question))
  return { from: parts[0]?.window.from ?? 0, sums, question }
}

/** What is handed over: the life here, joined with what was handed over before. */
export function statementOf(
  passport: Passport,
  { epc, passportHash }: { epc: string; passportHash: string },
): HandOver {
  const { life, handOvers, budgets, to, verdict, frozen } = passport
  const { sums, question } = life
  const before = handOvers.opening
  const from = before ? Math.min(before.from, life.from) : life.from
  const knownMs = sums.knownMs + (before?.knownMs ?? 0)
  const kineticMs = sums.kineticMs + (before?.kineticMs ?? 0)
  const least = [sums.minC, before?.minC].filter((each) => each != null)
  const most = [sums.maxC, before?.maxC].filter((each) => each != null)
  return {
    ...{ epc, from, to, knownMs, kineticMs, verdict, passportHash },
    whole: passport.begun || before?.whole === true,
    minC: least.length > 0 ? Math.min(...least) : null,
    maxC: most.length > 0 ? Math.max(...most) : null,
    mktC: frozen ? null : mktOfSum({ weightedMs: kineticMs, ms: knownMs }, question.kinetics),
    freezeThawCycles: cyclesOf(sums.freezing) + (before?.freezeThawCycles ?? 0),
    draws: budgets.map(({ limit, allowedMs, drawnMs, unknownMs }) => ({
      ...{ limit, allowedMs, drawnMs, unknownMs },
    })),
    zones: question.limits.flatMap((limit, i) => {
      const zone = before ? zoneOf(before, limit) : { ms: 0 }
      return zone ? [{ limit, ms: zone.ms + sums.beyondMs[i]! }] : []
    }),
  }
}

/** Of all parts of its life, and of what a partner handed over. */
function lifeDraws(
  { window, read, parts, begun, handOvers, corrections }: ToldLife,
  profile: Profile,
): LifeDraws {
  const { budgets = [], guardBandC = 0 } = profile
  const { opening } = handOvers
  let draws = opening
    ? openingOf(opening, budgets)
    : budgets.map((budget): Draw => ({ ...budget, drawnMs: 0, unknownMs: 0 }))
  for (const part of parts ?? [{ window, read }])
    draws = addDraws(draws, drawsOf(budgets, evidenceOf(part), guardBandC))
  const whole = begun || opening?.whole === true
  const own = corrections.filter(({ limit }) =>
    budgets.some((each) => each.limit.side === limit.side && each.limit.limitC === limit.limitC),
  )
  return { draws: correctedDraws(draws, own), whole, ...(own.length > 0 && { corrections: own }) }
}
