// What recalls are asked for, and how they are shown: the criteria as a closed, versioned union.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Condition } from '../../trace/recall/criteria.ts'
import { standings } from '../../trace/recall/figures.ts'
import type { Recall } from '../../trace/recall/recalls.ts'
import { epcOf } from '../alerts/alerts.ts'
import { formatEnd, formatTime, timeQuery } from '../page.ts'
import { gtinOf } from '../profiles/products.ts'

const text = z.string().min(1).max(1000)
const anyOf = z.array(text).min(1).max(bounds.recallValuesMax)
const span = { from: timeQuery.optional(), to: timeQuery.optional() }
const date = z.iso.date()
const celsius = z.number().min(-273.15).max(1000)
const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const

export const conditionSchema = z
  .discriminatedUnion('field', [
    z.strictObject({ field: z.literal('gtin'), anyOf }),
    z.strictObject({ field: z.literal('lot'), anyOf }),
    z.strictObject({ field: z.literal('expiry'), from: date.optional(), to: date.optional() }),
    z.strictObject({ field: z.literal('supplier'), anyOf }),
    z.strictObject({ field: z.literal('place'), anyOf, when: z.enum(['was', 'is']), ...span }),
    z.strictObject({ field: z.literal('container'), anyOf, ...span }),
    z.strictObject({ field: z.literal('attribute'), name: text, anyOf }),
    z.strictObject({ field: z.literal('input'), anyOf }),
    z.strictObject({ field: z.literal('epc'), anyOf }),
    z.strictObject({
      field: z.literal('condition'),
      alerts: z.array(text).min(1).max(bounds.pageMax).optional(),
      rule: text.optional(),
      gtin: text.optional(),
      minutesMin: z.number().min(0).optional(),
      verdicts: z
        .array(z.enum(['in', 'out', 'indeterminate']))
        .min(1)
        .optional(),
    }),
    z
      .strictObject({
        field: z.literal('exposure'),
        above: celsius.optional(),
        atOrAbove: celsius.optional(),
        below: celsius.optional(),
        atOrBelow: celsius.optional(),
        moreThanMinutes: z.number().min(0).openapi({ description: 'in all, as passports count' }),
        ...span,
      })
      .refine((told) => sides.filter((side) => told[side] !== undefined).length === 1, {
        error: 'want exactly one of above, atOrAbove, below, atOrBelow',
      }),
  ])
  .openapi('RecallCondition')

export const criteriaSchema = z
  .strictObject({
    version: z.literal(1),
    allOf: z.array(conditionSchema).min(1).max(bounds.recallConditionsMax),
  })
  .openapi('RecallCriteria', {
    description: 'every condition must hold; within one, any of its values will do',
    example: {
      version: 1,
      allOf: [
        { field: 'gtin', anyOf: ['09521234543213'] },
        { field: 'lot', anyOf: ['L1', 'L2'] },
        { field: 'attribute', name: 'shift', anyOf: ['night'] },
      ],
    },
  })

export const askedSchema = z
  .strictObject({
    name: text,
    reason: z.string().min(1).max(10_000),
    class: z.string().min(1).max(100).optional(),
    criteria: criteriaSchema,
    drill: z.boolean().default(false).openapi({ description: 'a mock recall: nothing is blocked' }),
  })
  .openapi('RecallBody')

/** EPCs and GTINs in any syntax become canonical. Problem 400 with the place of the fault. */
export function conditionOf(given: z.output<typeof conditionSchema>, path: string): Condition {
  if (given.field === 'expiry' || given.field === 'attribute') return given as Condition
  if (given.field === 'exposure') return given as Condition
  if (given.field === 'lot' || given.field === 'supplier') return given
  const each = (read: typeof epcOf, values: readonly string[]): string[] =>
    values.map((value, i) => read(value, `${path}/anyOf/${i}`))
  if (given.field === 'gtin') return { ...given, anyOf: each(gtinOf, given.anyOf) }
  if (given.field === 'condition') {
    const gtin = given.gtin === undefined ? {} : { gtin: gtinOf(given.gtin, `${path}/gtin`) }
    return { ...given, ...gtin } as Condition
  }
  return { ...given, anyOf: each(epcOf, given.anyOf) } as Condition
}

const count = z.number().int()
const counts = z.object(Object.fromEntries(standings.map((name) => [name, count])))

export const recallSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    reason: z.string(),
    class: z.string().nullable(),
    drill: z.boolean(),
    status: z.enum(['open', 'closed']),
    startedAt: z.string(),
    closedAt: z.string().nullable(),
    revision: count,
    serialCount: count,
    serialSetHash: z.string().openapi({
      description: 'SHA-256 of the sorted Digital Links, each ended by a line feed, as of alerts',
    }),
    units: counts.openapi({ description: 'where they are, as of evaluatedAt' }),
    statuses: z.record(z.string(), count),
    spared: z
      .object({ lots: count, lotUnits: count, units: count, lotUnknown: count })
      .openapi({ description: 'units of the lots concerned that are not meant: units' }),
    evaluatedAt: z.string(),
    steps: z.array(z.object({ step: z.string(), ms: z.number() })),
    criteria: z.record(z.string(), z.unknown()),
    links: z.object({
      self: z.string(),
      serials: z.string(),
      holders: z.string(),
      revisions: z.string(),
    }),
  })
  .openapi('Recall')

export function formatRecall(recall: Recall): z.input<typeof recallSchema> {
  const { id, name, drill, status, revision, startedAt, closedAt, body } = recall
  const self = `/api/v1/recalls/${encodeURIComponent(id)}`
  const { reason, criteria, serialCount, serialSetHash, figures, steps } = body
  return {
    ...{ id, name, reason, class: body.class ?? null, drill, status },
    ...{ startedAt: formatTime(startedAt), closedAt: formatEnd(closedAt) },
    ...{ revision, serialCount, serialSetHash },
    ...{ units: figures.standings, statuses: figures.statuses, spared: figures.spared },
    ...{ evaluatedAt: formatTime(body.evaluatedAt), steps },
    criteria: { ...criteria },
    links: {
      self,
      serials: `${self}/serials`,
      holders: `${self}/holders`,
      revisions: `${self}/revisions`,
    },
  }
}
