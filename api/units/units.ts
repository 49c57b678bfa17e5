// One unit: who it is, its life, where it is and was, what is in it, and which alerts touched it.
import { z } from '@hono/zod-openapi'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import { conditionsOf, isEnded, stateOf, statuses } from '../../domain/lifecycle/lifecycle.ts'
import { recallsOfNumber } from '../../store/ledger/recalled.ts'
import { type Journey, journeyOf } from '../../trace/journey.ts'
import { alertSchema, epcOf, formatAlert } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import { formatEnd, formatTime, timeQuery } from '../page.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const legSchema = z.object({
  from: z.string(),
  to: z.string().nullable(),
  minutes: z.number(),
  unknownMinutes: z.number(),
  peakC: z.number().nullable(),
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
    state: z.string().openapi({
      description:
        'the status; recalled while an open recall means it; conflict when its events contradict each other',
    }),
    status: z.enum(statuses).openapi({ description: 'as the events up to `at` tell it' }),
    since: z.string().nullable(),
    disposition: z.string().nullable(),
    conditions: z.array(z.string()).openapi({ description: 'dispositions that make it unfit' }),
    place: z
      .object({
        readPoint: z.string().nullable(),
        bizLocation: z.string().nullable(),
        at: z.string(),
        eventID: z.string(),
        via: z.string().nullable().openapi({ description: 'the container that was seen there' }),
      })
      .nullable(),
    problems: z.array(
      z.object({
        kind: z.string(),
        claim: z.string().openapi({ description: 'what the event says was done' }),
        status: z.string().openapi({ description: 'what the unit was by then' }),
        inherited: z.boolean().openapi({ description: 'it was done to its container' }),
        detail: z.string().openapi({ description: 'the same as an English sentence' }),
        eventID: z.string(),
        at: z.string(),
      }),
    ),
    conflicts: z.array(
      z.object({
        kind: z.string(),
        parent: z.string(),
        otherParent: z.string().nullable(),
        from: z.string(),
        to: z.string().nullable(),
      }),
    ),
    recalls: z.array(z.object({ id: z.string(), name: z.string(), drill: z.boolean() })),
    links: z.object({ content: z.string(), events: z.string(), trace: z.string() }),
    parents: z.array(z.string()).openapi({ description: 'containers at `at`, innermost first' }),
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
      query: z.object({
        at: timeQuery.optional().openapi({ description: 'event time; now when absent' }),
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
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const at = c.req.valid('query').at ?? now()
    const journey = await journeyOf(db, tenant, { epc, at })
    if (!journey) throw notFound(`no event names ${epc}`, 'path/epc')
    const recalls = await recallsOfNumber(db, tenant, { unit: journey.id, drills: true })
    const { unit, stays, parents, alerts } = journey
    const key = parseEpc(epc)
    const answer = {
      epc,
      gtin: unit.gtin ?? null,
      serial: key?.key === 'sgtin' ? key.serial : null,
      lot: unit.lot ?? null,
      expiry: unit.expiry ?? null,
      commissionedAt: unit.commissionedAt === undefined ? null : formatTime(unit.commissionedAt),
      ...formatLife(journey, recalls),
      recalls: recalls.map(({ id, name, drill }) => ({ id, name, drill })),
      links: linksOf(epc),
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

function formatLife(
  { life, seen, conflicts }: Journey,
  recalls: readonly { drill: boolean }[],
): Pick<
  z.infer<typeof unitSchema>,
  'state' | 'status' | 'since' | 'disposition' | 'conditions' | 'place' | 'problems' | 'conflicts'
> {
  const state = stateOf(life)
  const recalled = recalls.some(({ drill }) => !drill) && state !== 'conflict'
  return {
    state: recalled && !isEnded(life.status) ? 'recalled' : state,
    status: life.status,
    since: life.since === undefined ? null : formatTime(life.since),
    disposition: life.disposition ?? null,
    conditions: conditionsOf(life),
    place: seen
      ? {
          readPoint: seen.fact.event.readPoint,
          bizLocation: seen.fact.event.bizLocation,
          at: formatTime(seen.fact.eventTime),
          eventID: seen.fact.eventID,
          via: seen.via ?? null,
        }
      : null,
    problems: life.problems.map(
      ({ kind, claim, status, inherited, detail, eventID, eventTime }) => ({
        ...{ kind, claim, status, inherited, detail, eventID, at: formatTime(eventTime) },
      }),
    ),
    conflicts: conflicts.map(({ kind, parent, otherParent, from, to }) => ({
      ...{ kind, parent, otherParent, from: formatTime(from), to: formatEnd(to) },
    })),
  }
}

function linksOf(epc: string): { content: string; events: string; trace: string } {
  const self = `/api/v1/units/${encodeURIComponent(epc)}`
  return { content: `${self}/content`, events: `${self}/events`, trace: `${self}/trace` }
}
