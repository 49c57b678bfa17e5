// The exposure passport of a unit: what it went through, and what follows from that. A
// recommendation; a person signs.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Limit } from '../../domain/exposure.ts'
import { epcOf } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import { handOvers } from '../hand-overs.ts'
import { timeQuery } from '../page.ts'
import { invalid } from '../problem.ts'
import { publishedKeys } from '../published-keys.ts'
import { guarded, nounApp } from '../route.ts'
import { formatPassport, passportOr, passportSchema } from './passport-format.ts'

const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const

export const limitsQuery = z
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

export const passports = (deps: Deps) =>
  nounApp()
    .route('/', handOvers(deps))
    .route('/', publishedKeys(deps))
    .openapi(get, async (c) => {
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const asked = c.req.valid('query')
      if (asked.from !== undefined && asked.to !== undefined && asked.from >= asked.to)
        throw invalid('must be after from', 'query/to')
      const { series, kept } = deps
      const from = { db: c.get('ledger').db, series, kept }
      const passport = await passportOr(from, c.get('identity').tenant, { epc, ...asked })
      return c.json(formatPassport(epc, passport), 200)
    })

function parseLimit(text: string): Limit | undefined {
  const match = /^\s*(\w+):(-?\d{1,4}(?:\.\d{1,6})?)\s*$/.exec(text)
  const side = sides.find((each) => each === match?.[1])
  return side && { side, limitC: Number(match![2]) }
}
