// The shapes of back-tests and of changes of profiles, as the API tells them.
import { z } from '@hono/zod-openapi'
import { controls } from '../../quality/profile-change.ts'
import { likingFields } from '../organisation.ts'
import { timeQuery } from '../page.ts'
import { signingFields } from '../signer.ts'

const count = z.number().int()

const side = z.object({
  alerts: count,
  out: count,
  indeterminate: count,
  hours: z.number().openapi({ description: 'known time beyond a limit' }),
  unknownHours: z.number(),
  units: count.openapi({ description: 'serials in any of them' }),
  unitsOut: count.openapi({ description: 'serials that are out by themselves' }),
  cost: z.number().nullable().openapi({ description: 'unitsOut × costPerUnit; null without it' }),
})

const excursion = z.object({
  id: z.string().openapi({ description: 'of the alert that it is, or would be' }),
  device: z.string(),
  channel: z.string(),
  container: z.string(),
  label: z.string().optional().openapi({ description: 'the container whose label asks for it' }),
  rule: z.string(),
  severity: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  minutes: z.number(),
  unknownMinutes: z.number(),
  peakC: z.number(),
  verdict: z.string(),
  serialCount: count,
  serialSetHash: z.string(),
})

const difference = z.object({
  alerts: count,
  hours: z.number(),
  units: count.openapi({ description: 'serials that only this side touches' }),
  list: z.array(excursion).openapi({ description: 'the first ones' }),
})

export const reportSchema = z
  .object({
    devices: count,
    readings: count,
    mountedHours: z.number(),
    before: side,
    after: side,
    gained: difference,
    lost: difference,
    changed: z.object({
      alerts: count,
      verdicts: z.record(z.string(), count),
      list: z.array(z.object({ before: excursion, after: excursion })),
    }),
    unitVerdicts: z.record(z.string(), count).openapi({ example: { 'untouched>out': 12 } }),
    byRule: z.record(z.string(), z.object({ before: count, after: count })),
    notJudged: z
      .object({
        unknownHours: z.number().openapi({ description: 'mounted, and no reading stands' }),
        hoursOnly: z.number().openapi({ description: 'mounted, and the readings are gone' }),
        devicesWithoutReadings: count,
        liveAlerts: count.openapi({ description: 'alerts that the readings left do not tell' }),
      })
      .openapi({ description: 'what neither side was judged by' }),
    notLive: count.openapi({
      description: 'excursions under the profile in force, not alerts yet',
    }),
  })
  .openapi('BackTestReport')

export const backTestSchema = z
  .object({
    id: z.string(),
    gtin: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted']),
    createdAt: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
    progress: z.object({ devices: count, devicesDone: count, readings: count }),
    detail: z.string().nullable(),
    profile: z.record(z.string(), z.unknown()),
    profileHash: z.string(),
    baseHash: z.string().openapi({ description: 'of the profile in force when it was asked for' }),
    effectiveFrom: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    costPerUnit: z.number().nullable(),
    report: reportSchema.nullable(),
    reportHash: z.string().nullable(),
  })
  .openapi('BackTest')

export const backTestBody = z
  .strictObject({
    profile: z.unknown(),
    effectiveFrom: timeQuery.nullish().openapi({
      description: 'event time from which the proposed profile judges; null: from the beginning',
    }),
    from: timeQuery.nullish().openapi({ description: 'excursions that begin then or later' }),
    to: timeQuery.nullish(),
    costPerUnit: z.number().min(0).max(1e9).nullish(),
  })
  .openapi('BackTestBody')

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const reason = z.string().trim().min(3).max(2000)

export const changeBody = z
  .strictObject({
    backTest: z.string().max(100).openapi({ description: 'of just this profile; done' }),
    reason,
  })
  .openapi('ProfileChangeBody')

export const signatureBody = z
  .strictObject({
    meaning: z.enum(['approval', 'rejection']),
    reason,
    recordHash: hash.openapi({ description: 'of the record that was read' }),
    ...signingFields,
  })
  .openapi('ProfileChangeSignatureBody')

export const changeSchema = z
  .object({
    id: z.string(),
    gtin: z.string(),
    state: z.enum(['proposed', 'approved', 'rejected']),
    stale: z.boolean().openapi({ description: 'the profile changed since: cannot be approved' }),
    record: z.record(z.string(), z.unknown()),
    recordHash: hash,
    signature: z.record(z.string(), z.unknown()).nullable(),
    signatureHash: hash.nullable(),
    version: count.nullable().openapi({ description: 'that it became' }),
  })
  .openapi('ProfileChange')

export const settingsSchema = z
  .object({
    changeControl: z.enum(controls as [string, ...string[]]).openapi({
      description:
        'signed: a changed profile needs a signature; four-eyes: of somebody who did not propose it',
    }),
    dispositionControl: z.enum(['signed', 'four-eyes']).optional().openapi({
      description: 'four-eyes: who proposed a disposition does not sign it; signed when absent',
    }),
    ...likingFields,
  })
  .openapi('Settings')

export const settingsBody = z.strictObject(settingsSchema.partial().shape).openapi('SettingsBody')
