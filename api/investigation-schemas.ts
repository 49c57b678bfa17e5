// The shapes of investigations, as the API tells them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { type CauseCategory, causeCategories, closingCodes } from '../quality/investigation.ts'
import { timeQuery } from './page.ts'
import { signingFields } from './signer.ts'

const count = z.number().int()
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const text = z.string().trim().min(3).max(bounds.qualityTextMax)
const name = z.string().trim().min(1).max(200)
const ids = z.array(z.string().max(200)).max(100)
const category = z.enum(causeCategories as readonly [CauseCategory, ...CauseCategory[]])

export const editFields = {
  title: text.max(300),
  category: category.nullable(),
  alerts: ids,
  cases: ids,
  dispositions: ids,
  rootCause: z
    .strictObject({
      text,
      causes: z.array(z.string().max(2000)).max(20).default([]).openapi({
        description: 'links to searches of common causes that show what units had in common',
      }),
    })
    .nullable(),
  whys: z.array(text).max(5).openapi({ description: 'why, and why that, at most five times' }),
}

const seen = hash.openapi({
  description: '`recordHash` that was looked at; when another stands, 409',
})

export const openBody = z
  .strictObject({
    ...z.object(editFields).partial().shape,
    title: editFields.title,
  })
  .openapi('InvestigationOpening', {
    example: { title: 'Door of reefer 12 stood open', alerts: ['ab12'] },
  })
export const editBody = z
  .strictObject({ recordHash: seen, ...z.object(editFields).partial().shape })
  .openapi('InvestigationEdit')
export const commentBody = z.strictObject({ text }).openapi('InvestigationComment')
export const actionBody = z
  .strictObject({
    kind: z.enum(['corrective', 'preventive']),
    ...{ text, owner: name, dueAt: timeQuery },
  })
  .openapi('InvestigationAction')
export const doneBody = z.strictObject({ note: text }).openapi('InvestigationActionDone')
export const checkBody = z
  .strictObject({ note: text, effective: z.boolean() })
  .openapi('InvestigationActionCheck')
export const openAgainBody = z.strictObject({ reason: text }).openapi('InvestigationOpenAgain')
export const closingBody = z
  .strictObject({ reason: text, recordHash: seen, ...signingFields })
  .openapi('InvestigationClosing')

const said = { at: z.string(), by: z.string(), note: z.string() }
export const investigationSchema = z
  .object({
    id: z.string(),
    state: z.enum(['open', 'closed']),
    title: z.string(),
    category: category.nullable(),
    alerts: ids,
    cases: ids,
    dispositions: ids,
    rootCause: z.object({ text: z.string(), causes: z.array(z.string()) }).nullable(),
    whys: z.array(z.string()),
    actions: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['corrective', 'preventive']),
        ...{ text: z.string(), owner: z.string(), dueAt: z.string() },
        done: z.object(said).nullable(),
        effectiveness: z.object({ ...said, effective: z.boolean() }).nullable(),
      }),
    ),
    comments: z.array(z.object({ at: z.string(), by: z.string(), text: z.string() })),
    openedBy: z.string(),
    openedAt: z.string(),
    changedAt: z.string(),
    revision: count,
    recordHash: hash,
    missing: z.array(z.string()).openapi({ description: 'before it may be closed' }),
    faults: z
      .array(
        z.object({ code: z.enum(closingCodes), actions: z.array(z.string()), detail: z.string() }),
      )
      .openapi({ description: 'the same, with a word for each and the ids of its actions' }),
    signature: z.record(z.string(), z.unknown()).nullable(),
    signatureHash: hash.nullable(),
  })
  .openapi('Investigation')

export const revisionSchema = z
  .object({
    revision: count,
    at: z.string(),
    by: z.string(),
    cause: z.string(),
    record: z.record(z.string(), z.unknown()),
    recordHash: hash,
  })
  .openapi('InvestigationRevision')
