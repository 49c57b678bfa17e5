// Root cause by contrast: what affected units have more often than others. Reads; writes nothing.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { readAlert } from '../store/ledger/alerts.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readRecall } from '../store/ledger/recalls.ts'
import { attributesOfUnits } from '../trace/cause-attributes.ts'
import { type Candidate, contrast } from '../trace/contrast.ts'
import type { Condition } from '../trace/recall/criteria.ts'
import type { Heard } from '../trace/recall/exposure.ts'
import { type FoundUnit, findUnits } from '../trace/recall/find.ts'
import type { Recall } from '../trace/recall/recalls.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import { formatTime, timeQuery } from './page.ts'
import { notFound, Problem } from './problem.ts'
import { conditionOf, criteriaSchema } from './recalls/schemas.ts'
import { guarded, nounApp } from './route.ts'

const epcs = z.array(z.string().min(1).max(1000)).min(1).max(bounds.recallValuesMax)
const askedSchema = z
  .strictObject({
    affected: z.union([
      z.strictObject({ alert: z.string().max(200) }),
      z.strictObject({ recall: z.string().max(200) }),
      z.strictObject({ epcs }),
      z.strictObject({ criteria: criteriaSchema }),
    ]),
    unaffected: z
      .union([z.strictObject({ epcs }), z.strictObject({ criteria: criteriaSchema })])
      .optional()
      .openapi({ description: 'absent: all other units of the same products' }),
    before: timeQuery.optional().openapi({ description: 'events from it on are no causes' }),
    falseDiscoveryMax: z.number().gt(0).max(0.5).default(0.05),
  })
  .openapi('CauseBody')

const table = z.object({ a: z.number(), b: z.number(), c: z.number(), d: z.number() })
const causeSchema = z.object({
  attributes: z.array(z.object({ name: z.string(), value: z.string() })).openapi({
    description: 'the same units have all of these: records cannot tell them apart',
  }),
  significant: z.boolean(),
  single: z.boolean().openapi({ description: 'one container that differs from others' }),
  units: table.openapi({ description: 'with it: a affected, b not; without: c affected, d not' }),
  observations: table.openapi({ description: 'what was counted: containers or units' }),
  lift: z.number(),
  riskRatio: z.object({ estimate: z.number(), low: z.number(), high: z.number() }),
  p: z.number(),
  falseDiscovery: z.number(),
  familyWise: z.number(),
})
const answerSchema = z
  .object({
    affected: z.number().int(),
    unaffected: z.number().int(),
    sampled: z.boolean().openapi({ description: 'an even sample was compared' }),
    before: z.string().nullable(),
    level: z.number().int(),
    observations: z.object({ affected: z.number(), unaffected: z.number() }),
    compared: z.number().int(),
    enough: z.boolean().openapi({ description: 'false: not enough to tell anything' }),
    items: z.array(causeSchema),
  })
  .openapi('Causes')

const post = guarded(
  { noun: 'causes', verb: 'read' },
  {
    method: 'post',
    path: '/api/v1/causes',
    summary: 'Compare affected units with others over everything recorded of them',
    request: {
      body: { required: true, content: { 'application/json': { schema: askedSchema } } },
    },
    responses: {
      200: {
        description: 'The likeliest cause first',
        content: { 'application/json': { schema: answerSchema } },
      },
    },
  },
)

type Asked = z.output<typeof askedSchema>

export const causes = ({ now, series, kept }: Deps) =>
  nounApp().openapi(post, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const asked = c.req.valid('json')
    const at = now()
    const when = { at, heard: { series, kept } }
    const affected = await chosen(db, tenant, { of: asked.affected, path: '/affected', ...when })
    const others = await othersOf(db, tenant, { asked, affected: affected.units, ...when })
    const before = asked.before ?? affected.before
    const sides = [affected.units, others].map(sampleOf) as [FoundUnit[], FoundUnit[]]
    const units = sides.flat()
    const known = await attributesOfUnits(db, tenant, { units, before: before ?? Infinity })
    if (known.attributes.length > bounds.causeAttributesMax) throw tooMany()
    const found = contrast({
      units: units.map((_, i) => ({
        affected: i < sides[0].length,
        containers: known.containers[i]!,
      })),
      attributes: known.attributes,
      falseDiscoveryMax: asked.falseDiscoveryMax,
    })
    const { candidates, ...figures } = found
    const answer = {
      ...figures,
      sampled: units.length < affected.units.length + others.length,
      before: before === undefined ? null : formatTime(before),
      items: candidates.slice(0, bounds.causesShownMax).map(formatCause),
    }
    return c.json(answer, 200)
  })

const formatCause = ({ logP: _, ...candidate }: Candidate) => candidate

async function chosen(
  db: LedgerQuery,
  tenant: string,
  { of, at, path, heard }: { of: Asked['affected']; at: number; path: string; heard: Heard },
): Promise<{ units: FoundUnit[]; before: number | undefined }> {
  if ('alert' in of) {
    const alert = await readAlert(db, tenant, of.alert)
    if (!alert) throw notFound(`no alert ${of.alert}`, `${path}/alert`)
    const condition = { field: 'condition' as const, alerts: [of.alert] }
    // What was done because of the alert did not bring it about.
    return {
      units: await find(db, tenant, { allOf: [condition], at, heard }),
      before: alert.to ?? undefined,
    }
  }
  if ('recall' in of) {
    const recall = (await readRecall(db, tenant, of.recall)) as Recall | undefined
    if (!recall) throw notFound(`no recall ${of.recall}`, `${path}/recall`)
    const { allOf } = recall.body.criteria
    return { units: await find(db, tenant, { allOf, at, heard }), before: recall.startedAt }
  }
  const allOf =
    'epcs' in of
      ? [{ field: 'epc' as const, anyOf: of.epcs.map((epc, i) => epcOf(epc, `${path}/epcs/${i}`)) }]
      : of.criteria.allOf.map((one, i) => conditionOf(one, `${path}/criteria/allOf/${i}`))
  return { units: await find(db, tenant, { allOf, at, heard }), before: undefined }
}

async function find(
  db: LedgerQuery,
  tenant: string,
  { allOf, at, heard }: { allOf: Condition[]; at: number; heard: Heard },
): Promise<FoundUnit[]> {
  const found = await findUnits(db, tenant, { criteria: { version: 1, allOf }, at, heard })
  if (!found.ok) throw new Problem(422, found.refusals)
  return found.value
}

async function othersOf(
  db: LedgerQuery,
  tenant: string,
  of: { asked: Asked; affected: readonly FoundUnit[]; at: number; heard: Heard },
): Promise<FoundUnit[]> {
  const { asked, affected, at, heard } = of
  const chosenOf = asked.unaffected
  const gtins = new Set(affected.map(({ epc }) => /\/01\/(\d{14})\//.exec(epc)![1]!))
  if (gtins.size === 0) return []
  const units = chosenOf
    ? (await chosen(db, tenant, { of: chosenOf, at, path: '/unaffected', heard })).units
    : await find(db, tenant, { allOf: [{ field: 'gtin', anyOf: [...gtins] }], at, heard })
  const known = new Set(affected.map(({ id }) => id))
  return units.filter(({ id }) => !known.has(id))
}

/** Evenly over the order of EPCs: the same each time. */
function sampleOf(units: readonly FoundUnit[]): FoundUnit[] {
  const step = Math.max(1, units.length / bounds.causeUnitsMax)
  const count = Math.min(units.length, bounds.causeUnitsMax)
  return Array.from({ length: count }, (_, n) => units[Math.floor(n * step)]!)
}

function tooMany(): Problem {
  const detail = `more than ${bounds.causeAttributesMax} different values are recorded of these units`
  return new Problem(422, [{ code: 'request/too-large', path: '', detail }])
}
