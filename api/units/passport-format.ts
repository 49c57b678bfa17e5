// What passports look like, and how they are asked for by more than one route. Shapes only.
import { z } from '@hono/zod-openapi'
import type { BudgetCorrection } from '../../domain/budget-corrections.ts'
import { type Draw, leftMsOf } from '../../domain/budgets.ts'
import type { Account } from '../../domain/passport.ts'
import { steps } from '../../domain/verdict/verdict.ts'
import type { Received } from '../../trace/hand-overs.ts'
import {
  type LegAccount,
  type Passport,
  type PassportAsked,
  passportOf,
} from '../../trace/passports.ts'
import type { PassportFrom } from '../../trace/told-lives.ts'
import { formatTime } from '../page.ts'
import { notFound, Problem } from '../problem.ts'

const limit = {
  above: z.number().optional(),
  atOrAbove: z.number().optional(),
  below: z.number().optional(),
  atOrBelow: z.number().optional(),
}

const account = {
  minutes: z.number().openapi({ description: 'of which something is known' }),
  unknownMinutes: z.number().openapi({ description: 'no logger, or one that told nothing' }),
  minC: z.number().nullable(),
  maxC: z.number().nullable(),
  meanC: z.number().nullable().openapi({ description: 'weighted by time' }),
  mktC: z.number().nullable().openapi({ description: 'null for what is kept frozen' }),
  kineticMinutes: z.number().openapi({ description: 'at 5 °C they would age it as much' }),
  freezeThawCycles: z.number().int(),
  zones: z.array(z.object({ ...limit, minutes: z.number() })),
}

const budgetSchema = z.object({
  ...limit,
  allowedMinutes: z.number(),
  drawnMinutes: z.number(),
  leftMinutes: z.number().openapi({ description: 'below 0: overdrawn' }),
  addedMinutes: z.number().optional().openapi({ description: 'by signed corrections' }),
  unknownMinutes: z.number().openapi({ description: 'perhaps drawn besides' }),
})

const handOverSchema = z.object({
  from: z.string(),
  to: z.string(),
  partner: z.string().openapi({ description: 'whose key signed it' }),
  key: z.string(),
  eventID: z.string(),
  verdict: z.string(),
  minutes: z.number(),
  unknownMinutes: z.number(),
  passportHash: z.string(),
})

export const passportSchema = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    productVersion: z.number().int().nullable(),
    from: z.string(),
    to: z.string(),
    verdict: z.enum(['in', 'out', 'indeterminate']),
    ...account,
    deltaHKjPerMol: z.number(),
    budgets: z.array(budgetSchema).openapi({ description: 'of its whole life' }),
    handOver: handOverSchema.nullable().openapi({
      description: 'what a trusted partner signed of the time before; counted in `budgets`',
    }),
    refusedHandOvers: z
      .array(z.object({ eventID: z.string(), reason: z.string() }))
      .openapi({ description: 'not counted, and why' }),
    budgetCorrections: z
      .array(
        z.object({
          id: z.string(),
          ...limit,
          addedMinutes: z.number(),
          ...{ reason: z.string(), document: z.string() },
          ...{ signedBy: z.string(), signedAt: z.string() },
          reversed: z
            .object({ signedBy: z.string(), signedAt: z.string(), reason: z.string() })
            .nullable(),
        }),
      )
      .openapi({ description: 'signed; those taken back count no more' }),
    labelLimits: z
      .array(
        z.object({
          container: z.string(),
          from: z.string(),
          to: z.string(),
          minC: z.number().nullable(),
          maxC: z.number().nullable(),
        }),
      )
      .openapi({ description: 'of labels on its containers (AI 4330 to 4333); alerts judge them' }),
    reasons: z
      .array(
        z.object({
          step: z.enum(steps),
          outcome: z.enum(['passed', 'out', 'indeterminate', 'noted', 'skipped']),
          finding: z.string(),
          detail: z.string(),
          clause: z.string(),
          figures: z.record(z.string(), z.union([z.number(), z.string()])),
        }),
      )
      .openapi({ description: 'in the order in which they are asked; a recommendation' }),
    legs: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        container: z.string().nullable().openapi({ description: 'null: no logger was near' }),
        device: z.string().nullable(),
        loggers: z
          .array(
            z.object({ container: z.string(), device: z.string(), channels: z.array(z.string()) }),
          )
          .openapi({ description: 'all that were equally near; the first is told beside' }),
        ...account,
      }),
    ),
  })
  .openapi('Passport')

/** Problem 404: nobody named it; 422: it is more than one answer holds. */
export async function passportOr(
  from: PassportFrom,
  tenant: string,
  asked: PassportAsked,
): Promise<Passport> {
  const passport = await passportOf(from, tenant, asked)
  if (passport === 'unknown') throw notFound(`no event names ${asked.epc}`, 'path/epc')
  if (passport === 'too-much') {
    const detail = 'more legs or readings than one passport holds: ask for a shorter time'
    throw new Problem(422, [{ code: 'request/too-large', path: 'query/from', detail }])
  }
  return passport
}

export function formatPassport(epc: string, passport: Passport): z.infer<typeof passportSchema> {
  const { gtin, productVersion, from, to, verdict, reasons, legs, deltaHKjPerMol } = passport
  return {
    ...{ epc, gtin: gtin ?? null, productVersion: productVersion ?? null },
    ...{ from: formatTime(from), to: formatTime(to), verdict },
    ...formatAccount(passport, passport.frozen),
    deltaHKjPerMol,
    budgets: passport.budgets.map(formatDraw),
    budgetCorrections: passport.corrections.map(formatCorrection),
    handOver: formatReceived(passport.handOvers.opening),
    refusedHandOvers: passport.handOvers.refused,
    labelLimits: passport.labelLimits.map((each) => ({
      ...{ ...each, from: formatTime(each.from), to: formatTime(each.to) },
    })),
    reasons: reasons.map((reason) => ({ ...reason, figures: { ...reason.figures } })),
    legs: legs.map((leg) => formatLeg(leg, passport.frozen)),
  }
}

function formatReceived(of: Received | undefined) {
  if (!of) return null
  const { from, to, knownMs, partner, key, eventID, verdict, passportHash } = of
  return {
    ...{ from: formatTime(from), to: formatTime(to), partner, key, eventID, verdict },
    ...{ minutes: minutesOf(knownMs), unknownMinutes: minutesOf(to - from - knownMs) },
    passportHash,
  }
}

const formatLeg = (leg: LegAccount, frozen: boolean) => ({
  ...{ from: formatTime(leg.from), to: formatTime(leg.to) },
  container: leg.loggers[0]?.container ?? null,
  device: leg.loggers[0]?.device ?? null,
  loggers: leg.loggers,
  ...formatAccount(leg, frozen),
})

/** Whose mean kinetic temperature means nothing when it is kept frozen. */
export const formatAccount = (account: Account, frozen: boolean) => ({
  minutes: minutesOf(account.knownMs),
  unknownMinutes: minutesOf(account.unknownMs),
  minC: account.minC,
  maxC: account.maxC,
  meanC: rounded(account.meanC),
  mktC: frozen ? null : rounded(account.mktC),
  kineticMinutes: minutesOf(account.kineticMs),
  freezeThawCycles: account.freezeThawCycles,
  zones: account.zones.map(({ limit, ms }) => ({
    ...{ [limit.side]: limit.limitC },
    minutes: minutesOf(ms),
  })),
})

const formatDraw = (draw: Draw) => ({
  ...{ [draw.limit.side]: draw.limit.limitC },
  allowedMinutes: minutesOf(draw.allowedMs),
  drawnMinutes: minutesOf(draw.drawnMs),
  leftMinutes: minutesOf(leftMsOf(draw)),
  ...(draw.addedMs !== undefined && { addedMinutes: minutesOf(draw.addedMs) }),
  unknownMinutes: minutesOf(draw.unknownMs),
})

const formatCorrection = ({ limit, addedMs, signedAt, reversed, ...told }: BudgetCorrection) => ({
  ...{ ...told, [limit.side]: limit.limitC, addedMinutes: minutesOf(addedMs) },
  signedAt: formatTime(signedAt),
  reversed: reversed && { ...reversed, signedAt: formatTime(reversed.signedAt) },
})

const minutesOf = (ms: number): number => Math.round(ms / 60) / 1000
/** To 1e-6 °C: beyond it sums in another order differ. */
const rounded = (celsius: number | null): number | null =>
  celsius === null ? null : Math.round(celsius * 1e6) / 1e6
