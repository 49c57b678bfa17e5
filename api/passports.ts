// The exposure passport of a unit: what it went through, and what follows from that. A
// recommendation; a person signs.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { type Draw, leftMsOf } from '../domain/budgets.ts'
import type { Limit } from '../domain/exposure.ts'
import type { Account } from '../domain/passport.ts'
import { steps } from '../domain/verdict.ts'
import { type LegAccount, type Passport, passportOf } from '../trace/passports.ts'
import { epcOf } from './alerts.ts'
import type { Deps } from './deps.ts'
import { formatTime, timeQuery } from './page.ts'
import { invalid, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const

const limitsQuery = z
  .string()
  .max(1000)
  .transform((text, context): Limit[] => {
    const limits = text.split(',').map(parseLimit)
    if (limits.length <= bounds.passportLimitsMax && limits.every((each) => each !== undefined))
      return limits
    context.addIssue(
      `want at most ${bounds.passportLimitsMax} of above:8, atOrAbove:30, below:2, atOrBelow:-0.5`,
    )
    return z.NEVER
  })
  .openapi({
    type: 'string',
    example: 'above:8,above:15,below:2',
    description: 'zones to count; those of the product’s profile when absent',
  })

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
  unknownMinutes: z.number().openapi({ description: 'perhaps drawn besides' }),
})

const passportSchema = z
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

const get = guarded(
  { noun: 'units', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/units/{epc}/passport',
    summary: 'Read what a unit went through',
    description:
      'Exposure over all containers, loggers and owners. Of several loggers the nearest container’s count; of several equally near the warmest for heat and the coldest for cold. Where readings are gone their hours count.',
    request: {
      params: z.object({ epc: z.string().max(1000) }),
      query: z.object({
        from: timeQuery.optional().openapi({ description: 'inclusive; its first event' }),
        to: timeQuery.optional().openapi({
          description: 'exclusive; its end, else its last event or the newest reading',
        }),
        limits: limitsQuery.optional(),
      }),
    },
    responses: {
      200: {
        description: 'The passport',
        content: { 'application/json': { schema: passportSchema } },
      },
    },
  },
)

export const passports = ({ series, kept }: Deps) =>
  nounApp().openapi(get, async (c) => {
    const epc = epcOf(c.req.valid('param').epc, 'path/epc')
    const asked = c.req.valid('query')
    if (asked.from !== undefined && asked.to !== undefined && asked.from >= asked.to)
      throw invalid('must be after from', 'query/to')
    const from = { db: c.get('ledger').db, series, kept }
    const passport = await passportOf(from, c.get('identity').tenant, { epc, ...asked })
    if (passport === 'unknown') throw notFound(`no event names ${epc}`, 'path/epc')
    if (passport === 'too-much') {
      const detail = 'more legs or readings than one passport holds: ask for a shorter time'
      throw new Problem(422, [{ code: 'request/too-large', path: 'query/from', detail }])
    }
    return c.json(formatPassport(epc, passport), 200)
  })

function formatPassport(epc: string, passport: Passport): z.infer<typeof passportSchema> {
  const { gtin, productVersion, from, to, verdict, reasons, legs, deltaHKjPerMol } = passport
  return {
    ...{ epc, gtin: gtin ?? null, productVersion: productVersion ?? null },
    ...{ from: formatTime(from), to: formatTime(to), verdict },
    ...formatAccount(passport, passport.frozen),
    deltaHKjPerMol,
    budgets: passport.budgets.map(formatDraw),
    reasons: reasons.map((reason) => ({ ...reason, figures: { ...reason.figures } })),
    legs: legs.map((leg) => formatLeg(leg, passport.frozen)),
  }
}

const formatLeg = (leg: LegAccount, frozen: boolean) => ({
  ...{ from: formatTime(leg.from), to: formatTime(leg.to) },
  container: leg.loggers[0]?.container ?? null,
  device: leg.loggers[0]?.device ?? null,
  loggers: leg.loggers,
  ...formatAccount(leg, frozen),
})

const formatAccount = (account: Account, frozen: boolean) => ({
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
  unknownMinutes: minutesOf(draw.unknownMs),
})

const minutesOf = (ms: number): number => Math.round(ms / 60) / 1000
/** To 1e-6 °C: beyond it sums in another order differ. */
const rounded = (celsius: number | null): number | null =>
  celsius === null ? null : Math.round(celsius * 1e6) / 1e6

function parseLimit(text: string): Limit | undefined {
  const match = /^\s*(\w+):(-?\d{1,4}(?:\.\d{1,6})?)\s*$/.exec(text)
  const side = sides.find((each) => each === match?.[1])
  return side && { side, limitC: Number(match![2]) }
}
