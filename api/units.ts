// One unit: who it is, where it is and was, and which alerts touched it.
import { z } from '@hono/zod-openapi'
import { parseEpc } from '../domain/gs1.ts'
import { journeyOf } from '../trace/journey.ts'
import { alertSchema, epcOf, formatAlert } from './alerts.ts'
import type { Deps } from './deps.ts'
import { formatEnd, formatTime } from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const legSchema = z.object({
  from: z.string(),
  to: z.string().nullable(),
  minutes: z.number(),
  unknownMinutes: z.number(),
  peakC: z.number(),
  verdict: z.enum(['in', 'out', 'indeterminate']),
})

const unitSchema = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    serial: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    commissionedAt: z.string().nullable(),
    parents: z.array(z.string()).openapi({ description: 'containers now, innermost first' }),
    stays: z.array(
      z.object({
        relation: z.enum(['aggregation', 'association']),
        parent: z.string(),
        from: z.string(),
        to: z.string().nullable(),
        endedBy: z.enum(['removed', 'emptied', 'moved', 'consumed', 'decommissioned']).nullable(),
      }),
    ),
    alerts: z.array(z.object({ alert: alertSchema, unit: legSchema })).openapi({
      description: 'open alerts whose serial set holds this unit, with its own share',
    }),
  })
  .openapi('Unit')

const get = guarded(
  { noun: 'units', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/units/{epc}',
    summary: 'Read a unit',
    request: {
      params: z.object({
        epc: z.string().max(1000).openapi({
          description: 'Digital Link, EPC URN or element string, percent-encoded',
          example: 'https%3A%2F%2Fid.gs1.org%2F01%2F09521234543213%2F21%2FA1',
        }),
      }),
    },
    responses: {
      200: { description: 'The unit', content: { 'application/json': { schema: unitSchema } } },
    },
  },
)

export const units = ({ now }: Deps) =>
  nounApp().openapi(get, async (c) => {
    const epc = epcOf(c.req.valid('param').epc, 'path/epc')
    const journey = await journeyOf(c.get('ledger').db, c.get('identity').tenant, {
      epc,
      at: now(),
    })
    if (!journey) throw notFound(`no event names ${epc}`, 'path/epc')
    const { unit, stays, parents, alerts } = journey
    const key = parseEpc(epc)
    const answer = {
      epc,
      gtin: unit.gtin ?? null,
      serial: key?.key === 'sgtin' ? key.serial : null,
      lot: unit.lot ?? null,
      expiry: unit.expiry ?? null,
      commissionedAt: unit.commissionedAt === undefined ? null : formatTime(unit.commissionedAt),
      parents,
      stays: stays.map(({ relation, parent, from, to, endedBy }) => ({
        relation,
        parent,
        from: formatTime(from),
        to: formatEnd(to),
        endedBy,
      })),
      alerts: alerts.map(({ alert, leg }) => ({
        alert: formatAlert(alert),
        unit: { ...leg, from: formatTime(leg.from), to: formatEnd(leg.to) },
      })),
    }
    return c.json(answer, 200)
  })
