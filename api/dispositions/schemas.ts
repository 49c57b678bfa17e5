// The shapes of dispositions, as the API tells them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { type Decision, decisions } from '../../quality/disposition/disposition.ts'
import { timeQuery } from '../page.ts'
import { signingFields } from '../signer.ts'

const count = z.number().int()
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const reason = z.string().trim().min(3).max(bounds.qualityTextMax)
const decision = z.enum(decisions as readonly [Decision, ...Decision[]])
const names = z.array(z.string().max(500)).max(bounds.dispositionNamesMax).default([])
const verdict = z.enum(['in', 'indeterminate', 'out'])

/** Of all units in question: what their passports recommend. */
export const recommendedSeenSchema = z
  .strictObject({
    hash: hash.openapi({
      description: 'SHA-256 of the sorted Digital Links, each with its verdict: `EPC verdict\\n`',
    }),
    in: count.min(0),
    indeterminate: count.min(0),
    out: count.min(0),
    none: count.min(0).openapi({ description: 'nothing is known of them' }),
  })
  .openapi('RecommendedSeen')

const seen = {
  revision: count.openapi({ description: 'that was looked at; when another stands, 409' }),
  serialSetHash: hash,
  recommended: recommendedSeenSchema.optional().openapi({
    description: 'as `recommended-counts` told it; asked where a part has a `verdict`',
  }),
}

export const proposalBody = z
  .strictObject({
    about: z
      .union([
        z.strictObject({ alert: z.string().max(200), ...seen }),
        z.strictObject({ recall: z.string().max(200), ...seen }),
      ])
      .nullish()
      .openapi({ description: 'whose units are in question; none: those that are named' }),
    parts: z
      .array(
        z.strictObject({
          decision,
          disposition: z.string().max(100).optional().openapi({
            description: 'the word of the CBV that its events say, where there is a choice',
          }),
          epcs: names.openapi({
            description: 'units, in any GS1 syntax; or a serial number that one in question has',
          }),
          verdict: verdict.optional().openapi({
            description: 'units in question for which passports recommend it',
          }),
          containers: names.openapi({
            description: 'SSCCs: the units inside as of `asOf`, of those in question',
          }),
          rest: z.boolean().default(false).openapi({
            description: 'all units in question that no other part names',
          }),
        }),
      )
      .min(1)
      .max(bounds.dispositionPartsMax),
    asOf: timeQuery.optional().openapi({ description: 'event time; now when absent' }),
    reason,
  })
  .openapi('DispositionProposal', {
    example: {
      about: { alert: 'ab12', revision: 2, serialSetHash: '0'.repeat(64) },
      parts: [
        { decision: 'release', containers: ['https://id.gs1.org/00/106141412345678908'] },
        { decision: 'reject', rest: true },
      ],
      reason: 'Within stability data, report ST-17; the rest was above 25 °C',
    },
  })

export const signatureBody = z
  .strictObject({
    meaning: z.enum(['approval', 'rejection']),
    reason,
    recordHash: hash.openapi({ description: 'of the record that was read' }),
    revision: count.optional().openapi({
      description: 'of the alert or recall that was looked at; asked where it is about one',
    }),
    ...signingFields,
  })
  .openapi('DispositionSignatureBody')

const refusal = z.object({ code: z.string(), path: z.string(), detail: z.string() })

export const dispositionSchema = z
  .object({
    id: z.string(),
    state: z.enum(['proposed', 'signed', 'rejected']),
    about: z.object({
      kind: z.enum(['alert', 'recall', 'list']),
      id: z.string().nullable(),
      revision: count.nullable(),
    }),
    parts: z.array(
      z.object({
        ...{ decision, disposition: z.string(), count, serialSetHash: hash },
        verdict: verdict.nullable().openapi({
          description: 'what passports recommended for all of them; null: chosen otherwise',
        }),
      }),
    ),
    serialCount: count,
    left: count.openapi({ description: 'units in question that it says nothing of' }),
    serialSetHash: hash,
    control: z.enum(['signed', 'four-eyes']),
    proposedBy: z.string(),
    proposedAt: z.string(),
    reason: z.string(),
    record: z.record(z.string(), z.unknown()),
    recordHash: hash,
    signature: z.record(z.string(), z.unknown()).nullable(),
    signatureHash: hash.nullable(),
    links: z.object({ self: z.string(), units: z.string(), pickList: z.string() }),
  })
  .openapi('Disposition')

/** As a list tells it. */
export const listedSchema = dispositionSchema
  .extend({
    staleBy: z.enum(['quality/stale', 'quality/decided']).nullable().openapi({
      description:
        'why a proposal can no longer be signed, as far as a list looks: not at what passports recommend, and not at the units of large proposals',
    }),
  })
  .openapi('DispositionListed')

export const wholeSchema = dispositionSchema
  .extend({
    stale: z.array(refusal).openapi({ description: 'why a proposal can no longer be signed' }),
    captures: z
      .array(
        z.object({ id: z.string(), events: count, keptAt: z.string().nullable(), job: z.string() }),
      )
      .openapi({ description: 'its EPCIS events: kept in the log since' }),
  })
  .openapi('DispositionWhole')

export const recommendedCountsSchema = z
  .object({
    revision: count,
    serialSetHash: hash,
    serialCount: count,
    recommended: recommendedSeenSchema,
  })
  .openapi('RecommendedCounts')

export const recommendationSchema = z
  .object({
    epc: z.string(),
    lot: z.string().nullable(),
    decision: decision.nullable().openapi({ description: 'that this disposition proposes' }),
    inForce: z.object({ decision, disposition: z.string(), at: z.string() }).nullable(),
    recommendation: z
      .object({
        verdict: z.enum(['in', 'out', 'indeterminate']),
        reasons: z.array(
          z.object({
            ...{ step: z.string(), outcome: z.string(), finding: z.string(), detail: z.string() },
            figures: z.record(z.string(), z.union([z.number(), z.string()])),
          }),
        ),
      })
      .nullable()
      .openapi({ description: 'of its passport; it decides nothing. null: it has none' }),
  })
  .openapi('UnitRecommendation')
